// A matrix on canvas: rows are what goes in, columns what comes out.
import { useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { css, diverging, type Palette } from "../shared/colour";
import { useStage } from "./context";
import { prepare } from "./Strip";

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
  const { palette } = useStage();
  const canvas = useRef<HTMLCanvasElement>(null);
  const count = props.count ?? columns;
  useLayoutEffect(() => {
    paint(canvas.current, { values, rows, columns, start, count, limit, w, h, palette });
  }, [values, rows, columns, start, count, limit, w, h, palette]);
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
      <canvas ref={canvas} />
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

interface Painting {
  values: Float32Array;
  rows: number;
  columns: number;
  start: number;
  count: number;
  limit: number;
  w: number;
  h: number;
  palette: Palette;
}

function paint(canvas: HTMLCanvasElement | null, p: Painting): void {
  const brush = prepare(canvas, p.w * p.count, p.h * p.rows);
  if (!brush) return;
  // Cells too small for a gap touch each other, so that no hairlines shimmer between them.
  const gap = Math.min(p.w, p.h) >= 5 ? 1 : 0;
  const [w, h] = gap ? [p.w - gap, p.h - gap] : [p.w + 0.5, p.h + 0.5];
  const radius = Math.min(p.w, p.h) >= 9 ? 2 : 0;
  for (let i = 0; i < p.rows; i++) {
    for (let c = 0; c < p.count; c++) {
      brush.fillStyle = css(diverging(p.palette, p.values[i * p.columns + p.start + c]!, p.limit));
      if (!radius) brush.fillRect(c * p.w, i * p.h, w, h);
      else {
        brush.beginPath();
        brush.roundRect(c * p.w, i * p.h, w, h, radius);
        brush.fill();
      }
    }
  }
}
