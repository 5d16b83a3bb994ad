// Spells one number out: the sum it is, recomputed in float64 from the numbers it is made of.
import { num } from "../shared/format";
import type { PropagationView, Quantity } from "../shared/views";
import { channelName } from "./channelNames";
import { edgeLabel, isView, partName, rowLabel, type Scene } from "./scene";
import { incomingEdges } from "./selection";
import { elementwise } from "./elementwise";
import { overRows } from "./reductions";
import type { Cell } from "./store";

/** One summand (or candidate): the numbers multiplied, and what they give. */
export interface Term {
  label: string;
  factors: number[];
  value: number;
  mark?: boolean;
  /** Where the (first) number itself comes from, so that it can be spelled out in turn. */
  from?: Cell | undefined;
}

/** How one number came about. */
export interface Spelling {
  quantity: Quantity;
  row: number;
  channel: number;
  /** The rule in the paper's letters. */
  rule: string;
  terms: Term[];
  /** What stands between the terms; empty where they are only inputs, or one of them is taken. */
  join: "+" | "×" | "";
  /** What is said of the marked terms where one of them is taken, such as "largest". */
  picked?: string;
  /** What happens after the terms, a line each. */
  lines: string[];
  /** Recomputed in float64; null where nothing is known of how the number was made. */
  value: number | null;
  /** As it is in the trace. */
  stored: number;
}

/** What the operations read their arguments with. */
export interface Reader {
  scene: Scene;
  quantity: Quantity;
  row: number;
  channel: number;
  propagation: PropagationView | null;
  /** All numbers of the argument's row that belongs to this row (or to `row`). */
  values(arg: number, row?: number): Float32Array;
  /** The argument's number that aligns with this channel. */
  aligned(arg: number, row?: number): number;
  /** Which number that is: the argument's own quantity, row and channel. */
  from(arg: number, row?: number, channel?: number): Cell | undefined;
  symbol(arg: number): string;
  /** The symbol with that number's channel: "z_j[3]", "z_j[head 1, channel 3]". */
  entry(arg: number): string;
}

export type Outcome = Pick<Spelling, "rule" | "terms" | "join" | "lines" | "value" | "picked">;

/** Spells the number at (row, channel) of a quantity; a view's number is its argument's. */
export function spell(
  scene: Scene,
  given: Quantity,
  givenRow: number,
  channel: number,
  propagation: PropagationView | null,
): Spelling | null {
  const held = scene.row(given, givenRow, propagation);
  const stored = held?.values[channel];
  if (!held || stored === undefined) return null;
  const { quantity, row } = held;
  const home = isView(given) ? scene.home(quantity, propagation) : scene.home(given, propagation);
  const reader = makeReader(scene, quantity, row, channel, home);
  return { quantity, row, channel, stored, ...scaled(quantity, row, work(reader)) };
}

/** A what-if may have multiplied the row after it was made. */
function scaled({ scaled: factors }: Quantity, row: number, made: Outcome): Outcome {
  const factor = factors[row];
  if (factor === undefined || made.value === null) return made;
  const line = `(${num(made.value, 4)}) × ${num(factor)}: you asked what if`;
  return { ...made, lines: [...made.lines, line], value: made.value * factor };
}

function makeReader(
  scene: Scene,
  quantity: Quantity,
  row: number,
  channel: number,
  propagation: PropagationView | null,
): Reader {
  const arg = (k: number) => scene.quantity(quantity.args[k]!);
  const values = (k: number, at?: number) => {
    const r = at ?? argRow(scene, quantity, arg(k), row, propagation);
    const found = scene.row(arg(k), r, propagation);
    if (!found) throw new Error(`${quantity.name} needs row ${r} of ${arg(k).name}, which is not there`);
    return found.values;
  };
  const aligned = (k: number, at?: number) => values(k, at)[align(scene, quantity, arg(k), channel)]!;
  const from = (k: number, at?: number, c?: number): Cell | undefined => {
    const held = scene.row(arg(k), at ?? argRow(scene, quantity, arg(k), row, propagation), propagation);
    const place = c ?? align(scene, quantity, arg(k), channel);
    return held ? { quantity: held.quantity.name, row: held.row, channel: place } : undefined;
  };
  const symbol = (k: number) => arg(k).symbol;
  const entry = (k: number) => `${symbol(k)}[${channelName(scene, arg(k), align(scene, quantity, arg(k), channel))}]`;
  return { scene, quantity, row, channel, propagation, values, aligned, from, symbol, entry };
}

/** The row of an argument that belongs to a row of its result. */
export function argRow(
  scene: Scene,
  q: Quantity,
  arg: Quantity,
  row: number,
  propagation: PropagationView | null,
): number {
  if (q.op === "kept") return scene.crowd.centre(row, q.nodes);
  if (arg.per === q.per) return row;
  if (arg.per === "model" || arg.per === "graph") return 0;
  if (q.per === "edge" && arg.per === "kind") return propagation?.kind.data[row] ?? -1;
  throw new Error(`${q.name} (per ${q.per}) cannot read ${arg.name} (per ${arg.per}) row by row`);
}

/** Where a result's channel lies in an argument with fewer axes (axes align from the left). */
function align(scene: Scene, q: Quantity, arg: Quantity, channel: number): number {
  const [shape, inner] = [scene.shape(q), scene.shape(arg)];
  const [size, argSize] = [scene.width(q), scene.width(arg)];
  if (argSize === size) return channel;
  if (q.op === "repeat_heads") return channel % argSize;
  const left = shape.slice(0, inner.length).every((n, k) => n === inner[k]);
  if (left) return Math.floor(channel / (size / argSize));
  return channel % argSize;
}

function work(r: Reader): Outcome {
  const { quantity: q, scene } = r;
  if (q.op.endsWith("_incoming")) {
    if (!r.propagation) return known("no edges are recorded for it");
    const target = q.op === "softmax_incoming" ? r.propagation.target.data[r.row]! : r.row;
    const label = (e: number) => edgeLabel(scene, r.propagation!, e);
    return overRows(r, incomingEdges(r.propagation, target), label, "messages");
  }
  if (q.op.endsWith("_nodes")) {
    const last = scene.quantity(q.args.at(-1)!);
    const nodes = scene.crowd.everyone(last.nodes).filter((n) => scene.row(last, n, r.propagation)); // a master has none
    return overRows(r, nodes, (n) => rowLabel(scene, last, n, r.propagation), "atoms");
  }
  if (q.op === "sum_members") {
    const last = scene.quantity(q.args[0]!);
    return overRows(r, scene.crowd.members(r.row, q.nodes), (n) => rowLabel(scene, last, n, r.propagation), "members");
  }
  switch (q.op) {
    case "recorded":
      return known(q.recorded ? "taken from the model's run as it is" : "taken from the model as it is");
    case "opaque":
      return known(
        q.error === null
          ? "made by something whose formula is not known here"
          : "recomputed as a whole, and not spelled out",
      );
    case "linear":
      return linear(r);
    case "dot":
      return dot(r);
    default:
      return elementwise(r);
  }
}

function known(rule: string): Outcome {
  return { rule, terms: [], join: "", lines: [], value: null };
}

export function total(terms: Term[]): number {
  return terms.reduce((sum, t) => sum + t.value, 0);
}

function linear(r: Reader): Outcome {
  const x = r.values(0);
  const W = r.values(1);
  const weight = r.scene.quantity(r.quantity.args[1]!);
  const [inputs, outputs] = r.scene.shape(weight).slice(-2) as [number, number];
  const column = r.channel % outputs;
  // With more inputs than the matrix has rows, each head has its part: through a matrix of its own,
  // or the same one.
  const shared = x.length !== inputs;
  const head = Math.floor(r.channel / outputs);
  const start = shared ? head * inputs : 0;
  const above = W.length > inputs * outputs ? head * inputs * outputs : 0;
  const source = r.scene.quantity(r.quantity.args[0]!);
  const terms: Term[] = [];
  for (let i = 0; i < inputs; i++) {
    const factors = [x[start + i]!, W[above + i * outputs + column]!];
    const label = shared ? String(i) : channelName(r.scene, source, i);
    terms.push({ label, factors, value: factors[0]! * factors[1]!, from: r.from(0, undefined, start + i) });
  }
  const [at, to] = shared ? [`${partName(source)} ${head}, i`, column] : ["i", channelName(r.scene, r.quantity, r.channel)];
  let rule = `Σ ${r.symbol(0)}[${at}] · ${r.symbol(1)}[i, ${to}]`;
  if (r.quantity.args.length > 2) {
    const b = r.values(2)[r.channel % r.values(2).length]!;
    terms.push({ label: "bias", factors: [b], value: b });
    rule += ` + ${r.symbol(2)}[${to}]`;
  }
  return { rule, terms, join: "+", lines: [], value: total(terms) };
}

function dot(r: Reader): Outcome {
  const [a, b] = [r.values(0), r.values(1)];
  const length = r.scene.shape(r.scene.quantity(r.quantity.args[0]!)).at(-1)!;
  const start = r.channel * length;
  const terms = Array.from({ length }, (_, i) => {
    const factors = [a[(start + i) % a.length]!, b[(start + i) % b.length]!];
    return { label: String(i), factors, value: factors[0]! * factors[1]!, from: r.from(0, undefined, start + i) };
  });
  const at = r.scene.width(r.quantity) > 1 ? `${channelName(r.scene, r.quantity, r.channel)}, i` : "i";
  const rule = `Σ ${r.symbol(0)}[${at}] · ${r.symbol(1)}[${at}]`;
  return { rule, terms, join: "+", lines: [], value: total(terms) };
}
