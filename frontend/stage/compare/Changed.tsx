// Where two runs of one molecule part: for every atom and round how far its states lie apart.
import { css, sequential } from "../../shared/colour";
import { num } from "../../shared/format";
import { useSelect, useStage } from "../context";
import { statesOf } from "../run/channels";
import type { Scene } from "../scene";
import type { Against } from "../store";

/** Less than this part of the largest state is rounding. */
const NOTHING = 1e-6;

export function Changed({ scene, against }: { scene: Scene; against: Against }) {
  const { store, palette } = useStage();
  const now = useSelect((s) => s.step);
  const selected = useSelect((s) => s.selection.atom);
  const less = against.difference?.state.scene;
  if (!less) return null;
  const chapters = statesOf(less).map(({ title, step, quantity }) => ({
    title,
    step,
    norms: less.norms(quantity.name),
    widest: scene.widest(quantity.name),
  }));
  const limit = Math.max(...chapters.map((c) => c.norms.reduce((a, b) => (b > a ? b : a), 0)));
  const { node_labels, node_atoms, steps } = scene.view;
  const nodes = [...node_labels.keys()].filter((n) => node_atoms.data[n]! >= 0);
  const choose = (step: number, node: number) => {
    store.goTo(step);
    store.select({ atom: node_atoms.data[node]! });
    store.set({ side: "difference" });
  };
  return (
    <section class="lab-part lab-changed" aria-label="What changed">
      <h3 class="lab-heading">
        What changed<span class="lab-hint"> — by how much each atom's state has moved, at most {num(limit, 2)}</span>
      </h3>
      <div class="lab-changed-scroll" tabIndex={0} role="region" aria-label="Changed states by round and atom">
        <table>
          <thead>
            <tr>
              <th />
              {nodes.map((n) => (
                <th key={n} scope="col" class={node_atoms.data[n] === selected ? "lab-chosen" : undefined}>
                  {node_labels[n]}
                </th>
              ))}
              <th scope="col">atoms changed</th>
            </tr>
          </thead>
          <tbody>
            {chapters.map(({ title, step, norms, widest }) => (
              <tr key={title} aria-current={steps[now]?.chapter === steps[step]!.chapter ? "step" : undefined}>
                <th scope="row">{title}</th>
                {nodes.map((n) => {
                  const moved = norms[n]! > NOTHING * widest;
                  return (
                    <td key={n} style={Number.isNaN(norms[n]!) ? undefined : { background: css(sequential(palette, moved ? norms[n]! : 0, limit)) }}>
                      <button
                        type="button"
                        tabIndex={-1}
                        title={said(title, node_labels[n]!, norms[n]!)}
                        onClick={() => choose(step, n)}
                      >
                        {moved ? num(norms[n]!, 2) : Number.isNaN(norms[n]!) ? "" : "·"}
                      </button>
                    </td>
                  );
                })}
                <td class="lab-quiet">
                  {nodes.filter((n) => norms[n]! > NOTHING * widest).length} of {nodes.filter((n) => !Number.isNaN(norms[n]!)).length}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function said(title: string, label: string, moved: number): string {
  return Number.isNaN(moved)
    ? `${label} has no counterpart in the other molecule`
    : `${title}: the state of ${label} has moved by ${num(moved)}`;
}
