import assert from "node:assert/strict";
import { test } from "node:test";
import type { Quantity } from "../shared/views";
import { chain, floats, quantity } from "../shared/testing";
import { spell } from "./arithmetic";
import { Scene } from "./scene";

const X = quantity("x", { values: floats([3, 2], [1, -2, 0.5, 3, -1, 2]) });

/** Spells (row, channel) of a quantity made by `op`, whose stored values are `stored`. */
function made(op: Quantity["op"], args: Quantity[], row: number, channel: number, more: Partial<Quantity> = {}) {
  const q = quantity("q", { op, args: args.map((a) => a.name), values: floats([3, 2], [0, 0, 0, 0, 0, 0]), ...more });
  const scene = new Scene(chain([...args, q]));
  return spell(scene, q, row, channel, scene.view.rounds[0]!.propagations[0]!)!;
}

function close(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

const parts = (axis: string, data: number[], shape = [3, 2, 2]) =>
  quantity("p", { values: floats(shape, [...data, ...new Array(12 - data.length).fill(0)]), axes: [axis, "channel"] });

test("sums, means and softmaxes over kernels, matrices and stacks", () => {
  const sum = made("sum_heads", [parts("kernel", [1, 2, 3, 4])], 0, 1);
  close(sum.value, 2 + 4);
  assert.deepEqual(sum.terms.map((t) => t.label), ["kernel 0", "kernel 1"]);
  assert.deepEqual(sum.terms[1]!.from, { quantity: "p", row: 0, channel: 3 });
  const mean = made("mean_heads", [parts("stack", [1, 2, 3, 4])], 0, 0);
  close(mean.value, (1 + 3) / 2);
  assert.match(mean.rule, /over 2 stacks/);
  const logits = quantity("l", { values: floats([3, 2], [1, 3, 0, 0, 90, 91]), axes: ["head"] });
  const own = { values: floats([3, 2], new Array(6).fill(0)), axes: ["head"] };
  close(made("softmax_heads", [logits], 0, 1, own).value, Math.exp(3) / (Math.exp(1) + Math.exp(3)));
  close(made("softmax_heads", [logits], 2, 0, own).value, 1 / (1 + Math.E));
});

test("each tower has a matrix and a bias of its own", () => {
  const x = quantity("x2", { values: floats([3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]), axes: ["tower", "channel"] });
  const W = quantity("W", { per: "model", axes: ["tower", "in", "out"], values: floats([2, 2, 1], [10, 100, 5, 7]) });
  const b = quantity("b", { per: "model", axes: ["tower", "channel"], values: floats([2, 1], [0.5, 0.25]) });
  const own = { values: floats([3, 2, 1], new Array(6).fill(0)), axes: ["tower", "channel"] };
  close(made("linear", [x, W, b], 0, 0, own).value, 10 + 200 + 0.5);
  const second = made("linear", [x, W, b], 0, 1, own);
  close(second.value, 3 * 5 + 4 * 7 + 0.25);
  assert.match(second.rule, /tower 1/);
});

test("towers are joined end to end one by one, and a state is the same for each", () => {
  const two = { values: floats([3, 2, 4], new Array(24).fill(0)), axes: ["tower", "channel"] };
  const [p, q] = [parts("tower", [1, 2, 3, 4]), { ...parts("tower", [5, 6, 7, 8]), name: "p2" }];
  assert.deepEqual([0, 1, 2, 3, 4, 5, 6, 7].map((c) => made("concatenate", [p, q], 0, c, two).value), [1, 2, 5, 6, 3, 4, 7, 8]);
  const each = { values: floats([3, 3, 2], new Array(18).fill(0)), axes: ["tower", "channel"], constants: { heads: 3 } };
  assert.deepEqual([0, 1, 4, 5].map((c) => made("repeat_heads", [X], 1, c, each).value), [0.5, 3, 0.5, 3]);
});

test("combine: the weights of one head times every base", () => {
  const w = quantity("w", { values: floats([3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]), axes: ["head", "base"] });
  const bases = quantity("a", { values: floats([3, 2, 2], [5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0]), axes: ["base", "channel"] });
  const own = { values: floats([3, 2, 2], new Array(12).fill(0)), axes: ["head", "channel"] };
  const s = made("combine", [w, bases], 0, 3, own);
  close(s.value, 3 * 6 + 4 * 8);
  assert.deepEqual(s.terms[1]!.from, { quantity: "a", row: 0, channel: 3 });
});
