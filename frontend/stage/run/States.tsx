// The states of all atoms after every round, on one scale: a row is an atom, a column a channel.
import { largest } from "../../shared/colour";
import { num } from "../../shared/format";
import type { Quantity } from "../../shared/views";
import { useSelect, useStage } from "../context";
import type { Scene } from "../scene";
import type { Focus } from "../selection";
import { PaintedTable } from "../Table";

/** Height of a row and the widest a table becomes, in px. */
const ROW = 15;
const WIDEST = 200;

export function States({ scene, focus }: { scene: Scene; focus: Focus }) {
  const shown = statesOf(scene);
  const limit = Math.max(...shown.map(({ quantity }) => largest(quantity.values!.data)));
  return (
    <section class="lab-part">
      <h3 class="lab-heading">
        States by round<span class="lab-hint"> — a row for each atom, a column for each channel, one scale ±{num(limit, 2)}</span>
      </h3>
      <div class="lab-states">
        {shown.map(({ title, step, quantity }) => (
          <Table key={title} {...{ scene, title, step, quantity, limit, chosen: focus.node }} />
        ))}
      </div>
    </section>
  );
}

interface Shown {
  title: string;
  /** The step that leaves these states. */
  step: number;
  quantity: Quantity;
}

/** The state of every atom where a chapter ends. */
export function statesOf(scene: Scene): Shown[] {
  const { chapters, steps } = scene.view;
  return chapters.flatMap(({ kind, title }, c) => {
    const step = steps.findLastIndex((s) => s.chapter === c);
    if (step < 0 || kind === "readout" || kind === "prediction") return [];
    const quantity = scene.base(scene.quantity(steps[step]!.state));
    return quantity.values && quantity.per === "node" ? [{ title, step, quantity }] : [];
  });
}

function Table({ scene, title, step, quantity, limit, chosen }: Shown & { scene: Scene; limit: number; chosen: number }) {
  const { store } = useStage();
  const now = useSelect((s) => s.step);
  const columns = scene.width(quantity);
  const rows = scene.rows(quantity);
  const width = Math.min(11.5, WIDEST / columns);
  const { node_atoms, node_labels, steps } = scene.view;
  const here = steps[now]?.chapter === steps[step]!.chapter;
  const choose = (event: MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const row = Math.floor(((event.clientY - box.top) / box.height) * rows);
    const atom = node_atoms.data[Math.max(0, Math.min(rows - 1, row))]!;
    if (atom >= 0) store.select({ atom });
  };
  return (
    <figure class="lab-state-table" aria-current={here ? "step" : undefined}>
      <figcaption>
        <button type="button" class="lab-link" onClick={() => store.goTo(step)}>
          {title}
        </button>
      </figcaption>
      <div class="lab-state-rows">
        <ol aria-hidden="true">
          {Array.from({ length: rows }, (_, row) => (
            <li key={row} class={row === chosen ? "lab-chosen" : undefined}>
              {node_labels[row]}
            </li>
          ))}
        </ol>
        <div
          class="lab-matrix"
          role="img"
          aria-label={`${title}: states of ${rows} atoms, ${columns} channels each`}
          style={{ width: `${width * columns}px`, height: `${ROW * rows}px` }}
          onClick={choose}
        >
          <PaintedTable
            values={quantity.values!.data as Float32Array}
            rows={rows}
            columns={columns}
            start={0}
            count={columns}
            limit={limit}
            pitch={[width, ROW]}
            gap={[width >= 5 ? 1 : 0, 1]}
          />
          {chosen >= 0 && chosen < rows && (
            <i
              class="lab-frame"
              style={{ left: "-2px", top: `${chosen * ROW - 1.5}px`, width: `${columns * width + 3}px`, height: `${ROW + 2}px` }}
            />
          )}
        </div>
      </div>
    </figure>
  );
}
