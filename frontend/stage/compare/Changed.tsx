// Where two runs of one molecule part: for every atom and round how far its states lie apart.
import { useRef, useState } from "preact/hooks";
import { css, sequential } from "../../shared/colour";
import { num } from "../../shared/format";
import { isPlain } from "../../shared/keys";
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
  const table = useRef<HTMLTableElement>(null);
  const [cursor, setCursor] = useState<readonly [row: number, column: number]>([0, 0]);
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
  // One tab stop for the whole table: arrows go from cell to cell.
  const [row, column] = [Math.min(cursor[0], chapters.length - 1), Math.min(cursor[1], nodes.length - 1)];
  const keys = (event: KeyboardEvent) => {
    const to = isPlain(event) && beside(event.key, row, column, nodes.length);
    if (!to) return;
    event.preventDefault();
    event.stopPropagation();
    table.current?.tBodies[0]?.rows[to[0]]?.querySelectorAll("button")[to[1]]?.focus();
  };
  return (
    <section class="lab-part lab-changed" aria-label="What changed">
      <h3 class="lab-heading">
        What changed<span class="lab-hint"> — by how much each atom's state has moved, at most {num(limit, 2)}</span>
      </h3>
      <div class="lab-changed-scroll" role="region" aria-label="Changed states by round and atom">
        <table ref={table} onKeyDown={keys}>
          <thead>
            <tr>
              <td />
              {nodes.map((n) => (
                <th key={n} scope="col" class={node_atoms.data[n] === selected ? "lab-chosen" : undefined}>
                  {node_labels[n]}
                </th>
              ))}
              <th scope="col">atoms changed</th>
            </tr>
          </thead>
          <tbody>
            {chapters.map(({ title, step, norms, widest }, r) => (
              <tr key={title} aria-current={steps[now]?.chapter === steps[step]!.chapter ? "step" : undefined}>
                <th scope="row">{title}</th>
                {nodes.map((n, c) => {
                  const moved = norms[n]! > NOTHING * widest;
                  return (
                    <td key={n} style={Number.isNaN(norms[n]!) ? undefined : { background: css(sequential(palette, moved ? norms[n]! : 0, limit)) }}>
                      <button
                        type="button"
                        tabIndex={r === row && c === column ? 0 : -1}
                        aria-label={said(title, node_labels[n]!, norms[n]!)}
                        title={said(title, node_labels[n]!, norms[n]!)}
                        onFocus={() => setCursor([r, c])}
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

/** The cell that a key leads to; null for a key that leads nowhere. */
function beside(key: string, row: number, column: number, columns: number): [row: number, column: number] | null {
  if (key === "ArrowLeft") return [row, column - 1];
  if (key === "ArrowRight") return [row, column + 1];
  if (key === "ArrowUp") return [row - 1, column];
  if (key === "ArrowDown") return [row + 1, column];
  if (key === "Home") return [row, 0];
  return key === "End" ? [row, columns - 1] : null;
}

function said(title: string, label: string, moved: number): string {
  return Number.isNaN(moved)
    ? `${label} has no counterpart in the other molecule`
    : `${title}: the state of ${label} has moved by ${num(moved)}`;
}
