// Two runs subtracted, number by number: a view like any other, whose numbers are differences. What
// only one of the two has is not there (NaN).
import type { NumArray, PropagationView, Quantity, StageView, StepView } from "../../shared/views";
import { isView } from "../scene";

/** The other view less this one, and what stood behind each number. */
export interface Difference {
  view: StageView;
  /** The two numbers behind a difference: this run's and the other's; undefined where there is none. */
  pair: (quantity: Quantity, row: number, channel: number) => [number | undefined, number | undefined];
}

type Rows = { count: number; mine: (row: number) => number; other: (row: number) => number };

/** Null where the two have no atom in common, or their states not the same width.
 *
 * `atoms` gives the own atom of each of the other's, -1 where none corresponds: an atom that only
 * one of the two has differs by nothing that could be told.
 */
export function differenceOf(mine: StageView, other: StageView, atoms: ArrayLike<number>): Difference | null {
  const nodes = nodesOf(mine, other, atoms);
  if (nodes.every((n) => n < 0)) return null;
  const there = new Map(other.quantities.map((q) => [q.name, q]));
  const homes = homesOf(mine);
  const matched = new Map<PropagationView, Matched>();
  mine.rounds.forEach((round, r) =>
    round.propagations.forEach((p, k) => {
      const q = other.rounds[r]?.propagations[k];
      if (q) matched.set(p, match(p, q, nodes));
    }),
  );
  const behind = new Map<string, [Quantity, Quantity, Rows]>();
  const quantities = mine.quantities.flatMap((q) => {
    const o = there.get(q.name);
    if (!o) return [];
    if (isView(q)) return o.op === q.op ? [{ ...q, symbol: delta(q.symbol) }] : [];
    const home = homes.get(q.name);
    const rows = rowsOf(q, home ? matched.get(home) : undefined, nodes);
    if (!q.values || !o.values || !rows || !sameShape(q, o)) return [];
    behind.set(q.name, [q, o, rows]);
    return [{ ...subtracted(q, o, rows), symbol: delta(q.symbol) }];
  });
  const known = new Set(quantities.map((q) => q.name));
  const whole = (name: string): boolean => {
    const q = quantities.find((x) => x.name === name);
    return q !== undefined && (!isView(q) || q.args.every(whole));
  };
  const kept = new Set([...known].filter(whole));
  const steps = mine.steps.filter((s) => kept.has(s.state)).map((s) => lessened(s, kept));
  if (steps.length < mine.steps.length) return null;
  const rounds = mine.rounds.map((round) => ({
    ...round,
    propagations: round.propagations.map((p) => withPairs(p, matched.get(p), kept)),
  }));
  const view = { ...mine, steps, rounds, quantities: quantities.filter((q) => kept.has(q.name)), formulas: {} };
  return { view, pair: (q, row, channel) => pairOf(behind.get(q.name), row, channel) };
}

function delta(symbol: string): string {
  return `Δ${symbol}`;
}

function lessened(step: StepView, kept: Set<string>): StepView {
  return { ...step, quantities: step.quantities.filter((name) => kept.has(name)) };
}

/** The edges of one propagation in another, and the kinds that meet along them. */
interface Matched {
  edges: Int32Array;
  kinds: [number, number][];
  kind: Int32Array;
  labels: string[];
  counts: number[];
  bonds: number[];
}

/** The other's node for each of this one's; -1 where there is none. */
function nodesOf(mine: StageView, other: StageView, atoms: ArrayLike<number>): number[] {
  const own = Array.from(atoms);
  const same = own.length === mine.molecule.atom_labels.length && own.every((a, k) => a === k);
  const places = new Map<number, number>();
  other.node_atoms.data.forEach((atom, node) => {
    if (atom >= 0 && own[atom]! >= 0) places.set(own[atom]!, node);
  });
  return mine.node_labels.map((label, n) => {
    const atom = mine.node_atoms.data[n]!;
    if (atom >= 0) return places.get(atom) ?? -1;
    // Of one molecule what atoms have merged into is numbered alike; a master there is but one.
    return same && other.node_labels[n] === label ? n : label === "master" ? other.node_labels.indexOf(label) : -1;
  });
}

function match(p: PropagationView, q: PropagationView, nodes: number[]): Matched {
  const ends = (x: PropagationView, e: number) => `${x.source.data[e]}>${x.target.data[e]}`;
  const moved = (e: number) => `${nodes[p.source.data[e]!]}>${nodes[p.target.data[e]!]}`;
  // Parallel edges meet in their order.
  const found = new Map<string, number[]>();
  q.source.data.forEach((_, e) => {
    const key = ends(q, e);
    if (!found.has(key)) found.set(key, []);
    found.get(key)!.push(e);
  });
  const edges = new Int32Array(p.source.data.length).map((_, e) => found.get(moved(e))?.shift() ?? -1);
  const made: Matched = { edges, kinds: [], kind: new Int32Array(edges.length).fill(-1), labels: [], counts: [], bonds: [] };
  const places = new Map<string, number>();
  const seen = new Set<string>();
  edges.forEach((other, e) => {
    const [a, b] = [p.kind.data[e]!, other < 0 ? -1 : q.kind.data[other]!];
    if (a < 0 || b < 0) return;
    const key = `${a} ${b}`;
    let k = places.get(key);
    if (k === undefined) {
      k = made.kinds.length;
      places.set(key, k);
      made.kinds.push([a, b]);
      const [one, two] = [p.matrices?.labels[a] ?? "", q.matrices?.labels[b] ?? ""];
      made.labels.push(one === two ? one : `${one} → ${two}`);
      made.counts.push(0);
      made.bonds.push(0);
    }
    made.kind[e] = k;
    made.counts[k]!++;
    const bond = p.bond.data[e]!;
    if (bond >= 0 && !seen.has(`${key} ${bond}`)) made.bonds[k]!++;
    seen.add(`${key} ${bond}`);
  });
  return made;
}

function rowsOf(q: Quantity, matched: Matched | undefined, nodes: number[]): Rows | null {
  const count = q.per === "model" ? 1 : (q.values?.shape[0] ?? 0);
  const same = { count, mine: (r: number) => r, other: (r: number) => r };
  if (q.per === "node") return { ...same, other: (n) => nodes[n] ?? -1 };
  if (q.per === "hyperedge") return null;
  if (q.per === "edge") return matched ? { ...same, other: (e) => matched.edges[e]! } : null;
  if (q.per !== "kind") return same;
  if (!matched) return null;
  return { count: matched.kinds.length, mine: (k) => matched.kinds[k]![0], other: (k) => matched.kinds[k]![1] };
}

/** Whether rows are of one shape; of atoms, edges and kinds there may be more or fewer. */
function sameShape(a: Quantity, b: Quantity): boolean {
  const from = a.per === "model" ? 0 : 1;
  return a.per === b.per && a.values!.shape.slice(from).join() === b.values!.shape.slice(from).join();
}

function subtracted(q: Quantity, o: Quantity, rows: Rows): Quantity {
  const shape = q.per === "model" ? q.values!.shape : [rows.count, ...q.values!.shape.slice(1)];
  const width = shape.slice(q.per === "model" ? 0 : 1).reduce((a, b) => a * b, 1);
  const data = new Float32Array(rows.count * width);
  for (let r = 0; r < rows.count; r++) {
    const [m, t] = [rows.mine(r) * width, rows.other(r) * width];
    // What only one of the two has, such as a message that is not sent any more, has no difference.
    for (let c = 0; c < width; c++) data[r * width + c] = t < 0 ? NaN : o.values!.data[t + c]! - q.values!.data[m + c]!;
  }
  const values = { shape, data } as NumArray<Float32Array>;
  return { ...q, values, op: "recorded", args: [], constants: {}, recorded: true, error: null, scaled: {} };
}

function pairOf(
  found: [Quantity, Quantity, Rows] | undefined,
  row: number,
  channel: number,
): [number | undefined, number | undefined] {
  if (!found) return [undefined, undefined];
  const [q, o, rows] = found;
  const shape = q.values!.shape;
  const width = (q.per === "model" ? shape : shape.slice(1)).reduce((a, b) => a * b, 1);
  const at = (x: Quantity, r: number) => (r < 0 ? undefined : x.values!.data[r * width + channel]);
  return [at(q, rows.mine(row)), at(o, rows.other(row))];
}

function withPairs(p: PropagationView, matched: Matched | undefined, kept: Set<string>): PropagationView {
  const table = p.matrices && matched && kept.has(p.matrices.table) ? p.matrices : null;
  const ints = (numbers: number[]) => ({ shape: [numbers.length], data: new Int32Array(numbers) });
  return {
    ...p,
    weights: p.weights && kept.has(p.weights) ? p.weights : null,
    kind: matched ? { shape: p.kind.shape, data: matched.kind } : p.kind,
    matrices: table && {
      ...table,
      caption: "the other's less this one's, for each pair of kinds along a bond",
      labels: matched!.labels,
      counts: ints(matched!.counts),
      bonds: ints(matched!.bonds),
      sigma: { shape: [0, 0], data: new Float32Array(0) },
    },
  };
}

/** The propagation along whose edges each quantity runs, as the steps of a view say. */
function homesOf(view: StageView): Map<string, PropagationView> {
  const homes = new Map<string, PropagationView>();
  const byName = new Map(view.quantities.map((q) => [q.name, q]));
  const claim = (name: string, p: PropagationView) => {
    if (homes.has(name)) return;
    homes.set(name, p);
    for (const arg of byName.get(name)?.args ?? []) claim(arg, p);
  };
  view.rounds.forEach((round, r) =>
    round.propagations.forEach((p, k) => {
      for (const step of view.steps) if (step.round === r && step.propagation === k) for (const q of step.quantities) claim(q, p);
      for (const name of [p.messages, p.weights, p.matrices?.table]) if (name) claim(name, p);
    }),
  );
  return homes;
}
