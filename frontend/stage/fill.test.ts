import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticBlob, chain, floats, ints, quantity } from "../shared/testing";
import type { Quantity } from "../shared/views";
import { decode, leftOut } from "../shared/wire";
import { fill } from "./fill";

const X = quantity("x", { values: floats([3, 2], [1, 2, 3, 4, 5, 6]) });
const W = quantity("W", { per: "model", values: floats([2, 2], [1, 0.5, -1, 0.25]) });
const B = quantity("b", { per: "model", values: floats([2], [10, 20]) });

/** What comes of a quantity that was left out, `off` by so many places. */
function filled(op: string, args: Quantity[], shape: number[], off: Int32Array | Uint8Array | null = null, more = {}) {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = floats(shape, Array(size).fill(0));
  leftOut.set(values, off);
  const q = quantity("q", { op: op as Quantity["op"], args: args.map((a) => a.name), values, ...more });
  fill(chain([...args, q]));
  assert.ok(!leftOut.has(values));
  return [...values.data];
}

test("rows through a matrix, sums, products, functions", () => {
  assert.deepEqual(filled("linear", [X, W, B], [3, 2]), [9, 21, 9, 22.5, 9, 24]);
  assert.deepEqual(filled("linear", [X, W], [3, 2]), [-1, 1, -1, 2.5, -1, 4]);
  assert.deepEqual(filled("add", [X, X, B], [3, 2]), [12, 24, 16, 28, 20, 32]);
  assert.deepEqual(filled("multiply", [X, B], [3, 2]), [10, 40, 30, 80, 50, 120]);
  const z = quantity("z", { values: floats([1, 2], [0.25, 0]) });
  const [n, h] = [quantity("n", { values: floats([1, 2], [4, 7]) }), quantity("h", { values: floats([1, 2], [8, 9]) })];
  assert.deepEqual(filled("interpolate", [z, n, h], [1, 2]), [5, 7]);
  const signs = quantity("s", { values: floats([1, 2], [-3, 3]) });
  assert.deepEqual(filled("relu", [signs], [1, 2]), [0, 3]);
  assert.deepEqual(filled("tanh", [signs], [1, 2]), [Math.fround(Math.tanh(-3)), Math.fround(Math.tanh(3))]);
  assert.deepEqual(filled("sigmoid", [signs], [1, 2]), [-3, 3].map((x) => Math.fround(1 / (1 + Math.exp(-x)))));
});

test("messages through the matrices of their kinds, and their sums", () => {
  const view = chain([X, quantity("T", { per: "kind", values: floats([2, 2, 1], [1, 1, 10, 100]) })]);
  const [x_j, W_ij] = [
    quantity("x_j", { per: "edge", op: "source", args: ["x"] }),
    quantity("W_ij", { per: "edge", op: "of_kind", args: ["T"] }),
  ];
  const m = quantity("m", { per: "edge", op: "linear", args: ["x_j", "W_ij"], values: floats([4, 1], [0, 0, 0, 0]) });
  const sum = quantity("sum", { op: "sum_incoming", args: ["m"], values: floats([3, 1], [0, 0, 0]) });
  for (const q of [m, sum]) leftOut.set(q.values!, null);
  fill({ ...view, quantities: [...view.quantities.slice(2), x_j, W_ij, m, sum] });
  assert.deepEqual([...m.values!.data], [3, 650, 7, 430]);
  assert.deepEqual([...sum.values!.data], [7, 653, 430]);
});

test("numbers are moved to the next ones, over zero too", () => {
  const tiny = 2 ** -149;
  const zero = quantity("s", { values: floats([1, 4], [-1, -1, -1, -1]) });
  assert.deepEqual(filled("relu", [zero], [1, 4], new Uint8Array([0, 1, 2, 4])), [0, -tiny, tiny, 2 * tiny]);
  const one = quantity("s", { values: floats([1, 2], [1, 1]) });
  assert.deepEqual(filled("relu", [one], [1, 2], new Int32Array([2, 1])), [1 + 2 ** -23, 1 - 2 ** -24]);
});

test("what cannot be worked out is an error, never a zero", () => {
  assert.throws(() => filled("softplus", [X], [3, 2]), /"softplus" is not known/);
  const [a, q] = ["a", "q"].map((name) => quantity(name, { op: "relu", args: ["x"], values: floats([1], [0]) }));
  leftOut.set(a!.values!, null);
  leftOut.set(q!.values!, null);
  assert.throws(() => fill(chain([X, { ...q!, args: ["a"] }, a!])), /"a" is left out/);
  assert.ok(ints([1]));
});

test("a blob that leaves numbers out is refused where nothing fills them", () => {
  const text = Buffer.from(aceticBlob().buffer).toString("latin1");
  const changed = text.replace(/"offset":\d{2,}\}/, (found) => `"offset":-1}${" ".repeat(found.length - 12)}`);
  assert.notEqual(changed, text);
  const blob = new Uint8Array(Buffer.from(changed, "latin1"));
  assert.throws(() => decode(blob), /leaves out numbers/);
});
