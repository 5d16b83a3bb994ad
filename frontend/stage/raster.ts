// Tables of coloured cells. Small ones are the background of a single element: a canvas is a layer
// of its own to the browser, which costs more than all its cells. Large ones are canvases.
import { diverging, hex, type Palette } from "../shared/colour";

/** More cells than this are quicker on a canvas. */
const MOST_STOPS = 24 * 24;

export interface Table {
  values: ArrayLike<number>;
  rows: number;
  /** Numbers in a row; `count` of them, from `start`, are drawn. */
  columns: number;
  start: number;
  count: number;
  limit: number;
  /** Width and height of a cell with its gap, in CSS pixels. */
  pitch: readonly [number, number];
  /** The gap to the right and under each cell, in CSS pixels. */
  gap: readonly [number, number];
  palette: Palette;
}

export function fitsBackground(table: Table): boolean {
  return table.rows * table.count <= MOST_STOPS;
}

/** What was written for these numbers before: one steps to and fro through the same tables. */
const written = new WeakMap<object, Map<string, string>>();

/** The table as CSS: a gradient of hard edges for each row, or for the only column. */
export function background(table: Table): string {
  const { values, palette, ...shape } = table;
  const key = Object.values(shape).join() + palette.key;
  let known = written.get(values);
  if (!known) written.set(values, (known = new Map()));
  let text = known.get(key);
  if (text === undefined) known.set(key, (text = gradients(table)));
  return text;
}

function gradients(table: Table): string {
  const { values, rows, columns, start, count, limit, palette } = table;
  const [[w, h], [right, under]] = [table.pitch, table.gap];
  const colour = (i: number, c: number) => {
    const value = values[i * columns + start + c]!;
    return Number.isNaN(value) ? "#0000" : hex(diverging(palette, value, limit)); // what is not there is blank
  };
  const band = (angle: string, cells: string[], pitch: number, gap: number) => {
    const stops = cells.map((colour, k) => {
      const end = `${length((k + 1) * pitch - gap)}px`;
      return gap ? `${colour} 0 ${end},#0000 0 ${length((k + 1) * pitch)}px` : `${colour} 0 ${end}`;
    });
    return `linear-gradient(${angle},${stops.join()})`;
  };
  if (count === 1 && rows > 1) {
    const cells = Array.from({ length: rows }, (_, i) => colour(i, 0));
    return `${band("180deg", cells, h, under)} 0 0/${length(w - right)}px 100% no-repeat`;
  }
  // Rows that touch overlap by a hair, so that nothing shines through between them.
  const tall = length(under ? h - under : h + 0.5);
  const line = (i: number) => {
    const cells = Array.from({ length: count }, (_, c) => colour(i, c));
    return `${band("90deg", cells, w, right)} 0 ${length(i * h)}px/100% ${tall}px no-repeat`;
  };
  return Array.from({ length: rows }, (_, i) => line(i)).join();
}

function length(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}

/** Draws the table over whatever the canvas showed, pixel by pixel. */
export function paintTable(canvas: HTMLCanvasElement | null, table: Table): void {
  const brush = canvas?.getContext("2d");
  if (!canvas || !brush) return;
  const dense = Math.max(1, globalThis.devicePixelRatio || 1);
  const xs = edges(table.count, table.pitch[0] * dense, table.gap[0] * dense);
  const ys = edges(table.rows, table.pitch[1] * dense, table.gap[1] * dense);
  resize(canvas, Math.ceil(table.count * table.pitch[0] * dense), Math.ceil(table.rows * table.pitch[1] * dense), dense);
  if (!canvas.width || !canvas.height) return;
  const image = brush.createImageData(canvas.width, canvas.height);
  fill(new Uint32Array(image.data.buffer), canvas.width, table, xs, ys);
  brush.putImageData(image, 0, 0);
}

type Edges = (readonly [number, number])[];

/** Where cells begin and end, on whole pixels; each is seen, however narrow. */
function edges(count: number, pitch: number, gap: number): Edges {
  return Array.from({ length: count }, (_, k) => {
    const first = Math.round(k * pitch);
    return [first, Math.max(first + 1, Math.round((k + 1) * pitch - gap))] as const;
  });
}

/** A canvas of this many device pixels; one that has them keeps what is on it. */
function resize(canvas: HTMLCanvasElement, width: number, height: number, dense: number): void {
  if (canvas.width === width && canvas.height === height) return;
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${width / dense}px`;
  canvas.style.height = `${height / dense}px`;
}

/** One line of pixels for each row of cells, copied down to the row's end. */
function fill(pixels: Uint32Array, width: number, table: Table, xs: Edges, ys: Edges): void {
  const { values, columns, start, limit, palette } = table;
  ys.forEach(([top, bottom], i) => {
    const line = top * width;
    xs.forEach(([left, right], c) => {
      const value = values[i * columns + start + c]!;
      if (Number.isNaN(value)) return; // blank
      const [r, g, b] = diverging(palette, value, limit);
      // Bytes lie as red, green, blue, alpha: the lowest comes first.
      pixels.fill(((255 << 24) | (b << 16) | (g << 8) | r) >>> 0, line + left, line + right);
    });
    for (let y = top + 1; y < bottom; y++) pixels.copyWithin(y * width, line, line + width);
  });
}
