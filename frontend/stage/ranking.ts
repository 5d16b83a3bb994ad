// Which atoms matter most where all of them are put together, and the number that says so.
import { num } from "../shared/format";
import type { Quantity } from "../shared/views";
import type { Scene } from "./scene";

export interface Ranking {
  /** All atoms, the one with the largest number first. */
  nodes: number[];
  /** What is written after an atom's own numbers, piece by piece; what it is ranked by comes last. */
  note(node: number): string[];
  /** What is true of every atom, compared with those ranked before it. */
  rest: string;
}

/** Ranks by the share where there is one, by what is added where rows are weighted, else by size. */
export function rank(scene: Scene, quantity: Quantity, row = 0): Ranking {
  const source = scene.norms(quantity.args.at(-1)!);
  if (quantity.op === "softmax_nodes") {
    const shares = scene.norms(quantity.name);
    return { nodes: sorted(shares), note: (n) => [`→ ${num(shares[n]!)}`], rest: "none with a larger share" };
  }
  if (quantity.op === "weighted_sum_nodes") {
    const weights = scene.quantity(quantity.args[0]!);
    const sizes = scene.norms(weights.name).map((w, n) => w * source[n]!);
    const times = (n: number) => {
      const held = scene.row(weights, n, null);
      return held?.values.length === 1 ? [`× ${num(held.values[0]!)}`] : [];
    };
    return { nodes: sorted(sizes), note: (n) => [...times(n), `size ${num(sizes[n]!)}`], rest: "none adds more" };
  }
  // A lone number stands beside its cell already.
  const lone = scene.width(scene.quantity(quantity.args.at(-1)!)) === 1;
  const note = (n: number) => (lone ? [] : [`size ${num(source[n]!)}`]);
  if (quantity.op === "sum_members") {
    const own = new Set(scene.crowd.members(row, quantity.nodes));
    return { nodes: sorted(source).filter((n) => own.has(n)), note, rest: "none of larger size" };
  }
  return { nodes: sorted(source), note, rest: "none of larger size" };
}

function sorted(sizes: Float32Array): number[] {
  const there = [...sizes.keys()].filter((n) => !Number.isNaN(sizes[n]!));
  return there.sort((a, b) => sizes[b]! - sizes[a]!);
}
