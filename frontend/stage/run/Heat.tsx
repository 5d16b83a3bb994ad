// Numbers of many rows as coloured cells; the one under the pointer, or reached by key, is written out.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { num } from "../../shared/format";
import { PaintedTable } from "../Table";

/** Height of a row, and the widest a table becomes before its cells are as narrow as they may be, in px. */
const ROW = 15;
const WIDEST = 230;

interface HeatProps {
  name: string;
  caption: ComponentChildren;
  labels: string[];
  /** What a column is called. */
  columns: (column: number) => string;
  values: Float32Array;
  limit: number;
  /** The framed row; -1 for none. */
  chosen: number;
  current?: boolean;
  onChoose: (row: number) => void;
  onPoint?: (column: number) => void;
}

export function Heat(props: HeatProps) {
  const { name, caption, labels, columns, values, limit, chosen, current, onChoose, onPoint } = props;
  const [at, setAt] = useState<[row: number, column: number] | null>(null);
  const rows = labels.length;
  const count = rows ? values.length / rows : 0;
  const width = Math.max(1, Math.min(11.5, WIDEST / count));
  const point = (row: number, column: number) => {
    const to: [number, number] = [clamp(row, rows), clamp(column, count)];
    setAt(to);
    onPoint?.(to[1]);
  };
  const under = (event: MouseEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [y, x] = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    return [Math.floor(y * rows), Math.floor(x * count)];
  };
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const [r, c] = at ?? [Math.max(0, chosen), 0];
    const to = moved(event.key, r, c, count);
    if (to) point(...to);
    else if (event.key === "Enter") onChoose(r);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const known = at && at[0] < rows && at[1] < count ? at : null;
  const said = known && `${labels[known[0]]}, ${columns(known[1])}: ${num(values[known[0] * count + known[1]]!, 4)}`;
  const frame = (row: number, column: number, wide: number) => ({
    left: `${column * width - 1.5}px`,
    top: `${row * ROW - 1.5}px`,
    width: `${Math.max(wide * width, 3) + 2}px`,
    height: `${ROW + 2}px`,
  });
  return (
    <figure class="lab-heat" aria-current={current ? "step" : undefined}>
      <figcaption>{caption}</figcaption>
      <ol aria-hidden="true">
        {labels.map((label, row) => (
          <li key={row} class={row === chosen ? "lab-chosen" : undefined}>
            {label}
          </li>
        ))}
      </ol>
      <div
        class="lab-matrix"
        role="slider"
        tabIndex={0}
        aria-label={name}
        aria-valuemin={0}
        aria-valuemax={Math.max(values.length - 1, 0)}
        aria-valuenow={known ? known[0] * count + known[1] : 0}
        aria-valuetext={said ?? "Arrow keys read a number, Enter selects the atom."}
        style={{ width: `${width * count}px`, height: `${ROW * rows}px` }}
        onPointerMove={(e) => point(...under(e))}
        onPointerLeave={() => setAt(null)}
        onClick={(e) => onChoose(clamp(under(e)[0], rows))}
        onKeyDown={keys}
        onBlur={() => setAt(null)}
      >
        <PaintedTable
          {...{ values, rows, columns: count, start: 0, count, limit }}
          pitch={[width, ROW]}
          gap={[width >= 5 ? 1 : 0, 1]}
        />
        {chosen >= 0 && <i class="lab-frame lab-thin" style={frame(chosen, 0, count)} />}
        {known && <i class="lab-frame" style={frame(known[0], known[1], 1)} />}
      </div>
      <p class="lab-said">{said}</p>
    </figure>
  );
}

function clamp(value: number, count: number): number {
  return Math.max(0, Math.min(count - 1, value));
}

function moved(key: string, row: number, column: number, count: number): [number, number] | null {
  if (key === "ArrowLeft") return [row, column - 1];
  if (key === "ArrowRight") return [row, column + 1];
  if (key === "ArrowUp") return [row - 1, column];
  if (key === "ArrowDown") return [row + 1, column];
  if (key === "Home") return [row, 0];
  return key === "End" ? [row, count - 1] : null;
}
