// A matrix: rows are what goes in, columns what comes out.
import { useMemo } from "preact/hooks";
import { PaintedTable } from "./Table";

export interface MatrixProps {
  values: Float32Array;
  rows: number;
  columns: number;
  /** Which columns are drawn: all, or one head's. */
  start?: number;
  count?: number;
  limit: number;
  pitch: [number, number];
  name: string;
  /** A framed column, or a framed cell. */
  column?: number;
  cell?: [number, number] | null;
  onPoint?: (at: [row: number, column: number] | null) => void;
  onChoose?: (at: [row: number, column: number]) => void;
}

/** Width and height of a cell, gap included, so that the matrix stays within the lens. */
export function matrixPitch(rows: number, columns: number, room = 330, tallest = 240, most = 14): [number, number] {
  const w = Math.min(most, room / Math.max(columns, 1));
  const h = Math.min(most, Math.max(w, Math.min(6, tallest / Math.max(rows, 1))));
  return [w, Math.min(h, Math.max(tallest / Math.max(rows, 1), 1.5))];
}

export function Matrix(props: MatrixProps) {
  const {
    values,
    rows,
    columns,
    start = 0,
    limit,
    pitch: [w, h],
    name,
    onPoint,
    onChoose,
  } = props;
  const count = props.count ?? columns;
  // Cells too small for a gap touch each other, so that no hairlines shimmer between them.
  const gap = Math.min(w, h) >= 5 ? 1 : 0;
  const at = (event: MouseEvent): [number, number] => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const clampTo = (x: number, n: number) => Math.max(0, Math.min(n - 1, Math.floor(x)));
    return [
      clampTo(((event.clientY - box.top) / box.height) * rows, rows),
      start + clampTo(((event.clientX - box.left) / box.width) * count, count),
    ];
  };
  const { column, cell } = props;
  const said = useMemo(() => `${name}: ${rows} inputs by ${count} outputs`, [name, rows, count]);
  return (
    <div
      class="lab-matrix"
      role="img"
      aria-label={said}
      style={{ width: `${w * count}px`, height: `${h * rows}px` }}
      onPointerMove={onPoint && ((e) => onPoint(at(e)))}
      onPointerLeave={onPoint && (() => onPoint(null))}
      onClick={onChoose && ((e) => onChoose(at(e)))}
    >
      <PaintedTable {...{ values, rows, columns, start, count, limit }} pitch={[w, h]} gap={[gap, gap]} />
      {column !== undefined && column >= start && column < start + count && (
        <i
          class="lab-frame"
          style={{
            left: `${(column - start) * w - 1.5}px`,
            top: "-2px",
            width: `${Math.max(w, 3) + 2}px`,
            height: `${rows * h + 3}px`,
          }}
        />
      )}
      {cell && (
        <i
          class="lab-frame"
          style={{
            left: `${(cell[1] - start) * w - 1.5}px`,
            top: `${cell[0] * h - 1.5}px`,
            width: `${Math.max(w, 3) + 2}px`,
            height: `${Math.max(h, 3) + 2}px`,
          }}
        />
      )}
    </div>
  );
}
