// In which order the channels of all states are drawn, and the states gathered in it.
import type { Quantity } from "../../shared/views";
import type { Scene } from "../scene";

export type Order = "index" | "size" | "singular";
export const ORDERS: [Order, string][] = [
  ["index", "by number"],
  ["size", "by size"],
  ["singular", "by singular vector"],
];

/** Rows that are there, of one quantity. */
export interface Shown {
  title: string;
  /** The step that leaves these states. */
  step: number;
  quantity: Quantity;
  /** The nodes whose rows these are. */
  nodes: number[];
}

/** The state of every node where a chapter ends. */
export function statesOf(scene: Scene): Shown[] {
  const { chapters, steps } = scene.view;
  return chapters.flatMap(({ kind, title }, c) => {
    const step = steps.findLastIndex((s) => s.chapter === c);
    if (step < 0 || kind === "readout" || kind === "prediction") return [];
    const quantity = scene.base(scene.quantity(steps[step]!.state));
    if (!quantity.values || quantity.per !== "node") return [];
    const nodes = [...Array(scene.rows(quantity)).keys()].filter((n) => scene.crowd.there(n, quantity.nodes));
    return [{ title, step, quantity, nodes }];
  });
}

/** One order for all states of one width: how large a channel is over all atoms and rounds decides. */
export function channelOrder(scene: Scene, shown: Shown[], width: number, order: Order): number[] {
  const channels = [...Array(width).keys()];
  if (order === "index") return channels;
  const rows = shown
    .filter(({ quantity }) => scene.width(quantity) === width)
    .flatMap(({ quantity, nodes }) => nodes.map((n) => scene.row(quantity, n, null)!.values));
  if (order === "singular") {
    const vector = singularVector(rows, width);
    return channels.sort((a, b) => vector[b]! - vector[a]!);
  }
  const size = new Float64Array(width);
  for (const row of rows) row.forEach((v, c) => (size[c]! += v * v));
  return channels.sort((a, b) => size[b]! - size[a]!);
}

/** The right singular vector of the largest singular value, its largest number positive. */
export function singularVector(rows: Float32Array[], width: number): Float64Array {
  // Started from the longest row, which cannot be at right angles to all of what is there.
  const length = (row: ArrayLike<number>) => Array.from(row).reduce((sum, v) => sum + v * v, 0);
  const start = rows.reduce<Float32Array | null>((a, b) => (a && length(a) >= length(b) ? a : b), null);
  let vector = Float64Array.from(start ?? new Float64Array(width));
  for (let k = 0; k < 200; k++) {
    const next = new Float64Array(width);
    for (const row of rows) {
      let along = 0;
      for (let c = 0; c < width; c++) along += row[c]! * vector[c]!;
      for (let c = 0; c < width; c++) next[c]! += along * row[c]!;
    }
    const norm = Math.sqrt(length(next));
    if (!norm) return vector;
    vector = next.map((v) => v / norm);
  }
  const most = vector.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  return most < 0 ? vector.map((v) => -v) : vector;
}

/** The rows of these nodes, their channels in this order, end to end. */
export function gathered(scene: Scene, quantity: Quantity, nodes: number[], order: number[]): Float32Array {
  const width = scene.width(quantity);
  const { data } = quantity.values!;
  const out = new Float32Array(nodes.length * order.length);
  nodes.forEach((n, r) => order.forEach((c, k) => (out[r * order.length + k] = data[n * width + c]!)));
  return out;
}
