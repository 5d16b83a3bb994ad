// Works out what an exported file leaves out: mpnn_lab/exporting/lean.py says what, does the same
// term by term, and sends by how many units in the last place the model's numbers are off.
import type { NumArray, PropagationView, Quantity, StageView } from "../shared/views";
import { leftOut } from "../shared/wire";

type Numbers = Float32Array;

/** Fills the arrays that were left out, each from quantities that stand before it. */
export function fill(view: StageView): void {
  const known = new Map(view.quantities.map((q) => [q.name, q]));
  const along = new Map<string, PropagationView>();
  for (const p of view.rounds.flatMap((r) => r.propagations)) {
    along.set(p.messages, p);
    if (p.aggregated) along.set(p.aggregated, p);
  }
  const held = (name: string): NumArray<Float32Array> => {
    const values = known.get(name)?.values;
    if (!values || leftOut.has(values)) throw new Error(`"${name}" is left out, and something is made of it`);
    return values;
  };
  for (const q of view.quantities) {
    if (!q.values || !leftOut.has(q.values)) continue;
    const views = q.args.map((name) => known.get(name)!);
    const p = along.get(q.name);
    if (q.op === "sum_incoming" && p) sums(q.values, held(q.args[0]!).data, p);
    else if (q.op === "linear" && p && !views[0]!.values) messages(q.values.data, held(views[0]!.args[0]!).data, held(views[1]!.args[0]!), p);
    else rowByRow(q, q.values.data, q.args.map(held));
    shift(q.values.data, leftOut.get(q.values)!);
    leftOut.delete(q.values);
  }
}

/** Moves each number by so many places among the float32 numbers. */
function shift(values: Numbers, off: Int32Array | Uint8Array | null): void {
  if (!off) return;
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  for (let k = 0; k < bits.length; k++) {
    const by = off[k]! & 1 ? -(off[k]! + 1) / 2 : off[k]! / 2;
    const place = (bits[k]! < 0 ? -(bits[k]! & 0x7fffffff) : bits[k]!) + by;
    bits[k] = place < 0 ? -place | 0x80000000 : place;
  }
}

function rowByRow(q: Quantity, out: Numbers, args: NumArray<Numbers>[]): void {
  const [x, y, z] = args.map((a) => a.data) as [Numbers, Numbers, Numbers];
  const all = args.map((a) => a.data);
  const activation = ACTIVATIONS[q.op];
  if (activation) for (let k = 0; k < out.length; k++) out[k] = activation(x[k]!);
  else if (q.op === "linear") linear(out, x, args[1]!, z);
  else if (q.op === "add") together(out, all, (a, b) => a + b);
  else if (q.op === "multiply") together(out, all, (a, b) => a * b);
  else if (q.op === "interpolate") for (let k = 0; k < out.length; k++) out[k] = (1 - x[k]!) * y[k]! + x[k]! * z[k]!;
  else throw new Error(`${q.name} is left out, and "${q.op}" is not known here`);
}

const ACTIVATIONS: Record<string, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  tanh: Math.tanh,
};

function linear(out: Numbers, x: Numbers, { data: W, shape }: NumArray<Numbers>, b: Numbers | undefined): void {
  const [inputs, outputs] = shape as [number, number];
  for (let row = 0; row * outputs < out.length; row++) {
    const sums = product(x, row * inputs, W, 0, inputs, outputs);
    for (let c = 0; c < outputs; c++) out[row * outputs + c] = b ? sums[c]! + b[c]! : sums[c]!;
  }
}

/** Each neighbour's state times the matrix of the edge's kind. */
function messages(out: Numbers, x: Numbers, { data: W, shape }: NumArray<Numbers>, p: PropagationView): void {
  const [, inputs, outputs] = shape as [number, number, number];
  for (let e = 0; e * outputs < out.length; e++) {
    const [from, matrix] = [p.source.data[e]! * inputs, p.kind.data[e]! * inputs * outputs];
    out.set(product(x, from, W, matrix, inputs, outputs), e * outputs);
  }
}

/** A row times a matrix, term by term. */
function product(x: Numbers, from: number, W: Numbers, matrix: number, inputs: number, outputs: number): Float64Array {
  const sums = new Float64Array(outputs);
  for (let i = 0; i < inputs; i++) {
    const factor = x[from + i]!;
    const row = matrix + i * outputs;
    for (let c = 0; c < outputs; c++) sums[c] = sums[c]! + factor * W[row + c]!;
  }
  return sums;
}

function sums({ data: out, shape }: NumArray<Numbers>, x: Numbers, p: PropagationView): void {
  const width = out.length / shape[0]!;
  const sums = new Float64Array(out.length);
  p.target.data.forEach((node, e) => {
    for (let c = 0; c < width; c++) sums[node * width + c] = sums[node * width + c]! + x[e * width + c]!;
  });
  out.set(sums);
}

/** From the left, number by number; shorter arguments have one number a channel, or one for all. */
function together(out: Numbers, args: Numbers[], join: (a: number, b: number) => number): void {
  for (let k = 0; k < out.length; k++) {
    let value = args[0]![k % args[0]!.length]!;
    for (let j = 1; j < args.length; j++) value = join(value, args[j]![k % args[j]!.length]!);
    out[k] = value;
  }
}
