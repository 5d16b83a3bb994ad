import assert from "node:assert/strict";
import { test } from "node:test";
import type { Quantity } from "../shared/views";
import { aceticView, chain, floats, quantity } from "../shared/testing";
import { spell } from "./arithmetic";
import { activeCell } from "./plan";
import { channelName, channelTitle } from "./channelNames";
import { Scene } from "./scene";

const node = (name: string, data: number[], more: Partial<Quantity> = {}) =>
  quantity(name, { values: floats([3, data.length / 3], data), ...more });
const X = node("x", [1, -2, 0.5, 3, -1, 2]);
const Y = node("y", [10, 20, 30, 40, 50, 60]);

/** Spells (row, channel) of a quantity made by `op`, whose stored values are `stored`. */
function made(op: Quantity["op"], args: Quantity[], row: number, channel: number, more: Partial<Quantity> = {}) {
  const q = quantity("q", { op, args: args.map((a) => a.name), values: floats([3, 2], [0, 0, 0, 0, 0, 0]), ...more });
  const scene = new Scene(chain([...args, q]));
  return spell(scene, q, row, channel, scene.view.rounds[0]!.propagations[0]!)!;
}

function close(actual: number | null, expected: number): void {
  assert.ok(actual !== null && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

test("linear: each input times its weight, then the bias", () => {
  const W = quantity("W", { per: "model", axes: ["in", "out"], values: floats([2, 2], [1, 2, 3, 4]) });
  const b = quantity("b", { per: "model", values: floats([2], [0.5, 0.25]) });
  const s = made("linear", [X, W, b], 1, 1);
  assert.deepEqual(
    s.terms.map((t) => t.factors),
    [[0.5, 2], [3, 4], [0.25]],
  );
  close(s.value, 0.5 * 2 + 3 * 4 + 0.25);
  assert.deepEqual(s.terms[1]!.from, { quantity: "x", row: 1, channel: 1 });
});

test("point pair: a length, and angles in radians from both products", () => {
  const three = (name: string, data: number[]) => quantity(name, { values: floats([3, 3], data) });
  const d = three("d", [3, 0, 4, 0, 0, 0, 1, 0, 0]);
  const n = three("n", [1, 0, 0, 0, 1, 0, -1, 0, 0]);
  const m = three("m", [0, 0, 1, 0, 1, 0, 0, 0, 2]);
  const stored = { values: floats([3, 4], Array(12).fill(0)) };
  const value = (row: number, channel: number) => made("point_pair", [d, n, m], row, channel, stored).value;
  close(value(0, 0), 5);
  close(value(0, 1), Math.acos(3 / 5));
  close(value(0, 2), Math.acos(4 / 5));
  close(value(0, 3), Math.PI / 2);
  assert.deepEqual([0, 1, 2, 3].map((c) => value(1, c)), [0, 0, 0, 0], "nothing where there is no length");
  close(value(2, 1), Math.PI);
  assert.match(made("point_pair", [d, n, m], 0, 1, stored).lines.at(-1)!, /^atan2\(4\.00, 3\.00\), in radians$/);
});

test("linear with a matrix for each kind reads the edge's own", () => {
  const W = quantity("W", { per: "kind", axes: ["in", "out"], values: floats([2, 2, 2], [1, 0, 0, 1, 5, 6, 7, 8]) });
  const own = quantity("W_ij", { per: "edge", axes: ["in", "out"], op: "of_kind", args: ["W"], recorded: false });
  const h = quantity("h_j", { per: "edge", op: "source", args: ["x"], recorded: false });
  const edge = { per: "edge" as const, values: floats([4, 2], [0, 0, -1 * 5 + 2 * 7, 0, 0, 0, 0, 0]) };
  const q = quantity("q", { op: "linear", args: ["h_j", "W_ij"], ...edge });
  const scene = new Scene(chain([X, W, own, h, q]));
  const s = spell(scene, q, 1, 0, null)!;
  close(s.value, -1 * 5 + 2 * 7);
  close(s.stored, 9);
});

test("linear applied to each head reads that head's inputs", () => {
  const heads = quantity("x2", {
    values: floats([3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]),
    axes: ["head", "channel"],
  });
  const W = quantity("W", { per: "model", axes: ["in", "out"], values: floats([2, 1], [10, 100]) });
  const s = made("linear", [heads, W], 0, 1, {
    values: floats([3, 2, 1], [0, 0, 0, 0, 0, 0]),
    axes: ["head", "channel"],
  });
  close(s.value, 3 * 10 + 4 * 100);
});

test("add, multiply and interpolate work channel by channel", () => {
  close(made("add", [X, Y], 2, 1).value, 2 + 60);
  close(made("multiply", [X, Y], 2, 0).value, -50);
  const Z = node("z", [0.25, 0.5, 0, 0, 1, 0]);
  const s = made("interpolate", [Z, X, Y], 0, 0);
  close(s.value, 0.75 * 1 + 0.25 * 10);
  assert.deepEqual(
    s.terms.map((t) => t.factors),
    [
      [0.75, 1],
      [0.25, 10],
    ],
  );
});

test("axes align from the left: a weight for each head scales that head's channels", () => {
  const alpha = node("alpha", [2, 3, 0, 0, 0, 0], { axes: ["head"] });
  const heads = quantity("x2", {
    values: floats([3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]),
    axes: ["head", "channel"],
  });
  const shape = { values: floats([3, 2, 2], new Array(12).fill(0)), axes: ["head", "channel"] };
  assert.deepEqual(
    [0, 1, 2, 3].map((c) => made("multiply", [alpha, heads], 0, c, shape).value),
    [2, 4, 9, 12],
  );
});

test("heads are counted from 0 and named with the channel in them", () => {
  const shape = { values: floats([3, 2, 2], new Array(12).fill(0)), axes: ["head", "channel"] };
  const [alpha, heads] = [quantity("alpha", { values: floats([3, 2], [2, 3, 0, 0, 0, 0]), axes: ["head"] }), quantity("x2", shape)];
  const W = quantity("W", { per: "model", axes: ["in", "out"], values: floats([2, 4], new Array(8).fill(1)) });
  assert.equal(made("linear", [X, W], 0, 3, shape).rule, "Σ x[i] · W[i, head 1, channel 1]");
  assert.equal(made("add", [heads, heads], 0, 2, shape).rule, "x2[head 1, channel 0] + x2[head 1, channel 0]");
  assert.equal(made("leaky_relu", [alpha], 0, 1, { ...shape, values: alpha.values, axes: ["head"] }).terms[0]!.label, "x = alpha[head 1]");
  const scene = new Scene(chain([X, heads]));
  assert.equal(channelName(scene, heads, 3), "head 1, channel 1");
  assert.equal(channelName(scene, X, 1), "1");
  assert.equal(channelTitle(scene, X, 1), "channel 1");
});

test("activations", () => {
  close(made("relu", [X], 0, 1).value, 0);
  close(made("relu", [X], 0, 0).value, 1);
  close(made("leaky_relu", [X], 0, 1, { constants: { slope: 0.2 } }).value, -0.4);
  close(made("elu", [X], 0, 1).value, Math.exp(-2) - 1);
  close(made("silu", [X], 1, 1).value, 3 / (1 + Math.exp(-3)));
  close(made("sigmoid", [X], 0, 1).value, 1 / (1 + Math.exp(2)));
  close(made("tanh", [X], 2, 1).value, Math.tanh(2));
  close(made("softplus", [X], 0, 1).value, Math.log(1 + Math.exp(-2)));
  close(made("exp", [X], 0, 1).value, Math.exp(-2));
  close(made("log", [Y], 0, 1).value, Math.log(20));
});

test("powers, and nothing for a base of nothing", () => {
  const constants = { exponent: -0.5 };
  close(made("power", [node("d", [4, 0, 1, 9, 2, 16])], 0, 0, { constants }).value, 0.5);
  close(made("power", [node("d", [4, 0, 1, 9, 2, 16])], 0, 1, { constants }).value, 0);
});

test("layer norm", () => {
  const w = quantity("w", { per: "model", values: floats([2], [2, 3]) });
  const b = quantity("b", { per: "model", values: floats([2], [0.5, 0.25]) });
  const s = made("layer_norm", [X, w, b], 1, 1, { constants: { eps: 0 } });
  // Of 0.5 and 3 the mean is 1.75 and the standard deviation 1.25.
  close(s.value, 1 * 3 + 0.25);
});

test("dot sums over the last axis", () => {
  const a = quantity("a", { per: "model", axes: ["head", "channel"], values: floats([2, 2], [1, 10, 100, 1000]) });
  const heads = quantity("x2", {
    values: floats([3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]),
    axes: ["head", "channel"],
  });
  close(made("dot", [heads, a], 0, 1, { axes: ["head"] }).value, 300 + 4000);
});

test("incoming: sum, mean and max over the messages into the atom", () => {
  const E = quantity("e", { per: "edge", values: floats([4, 1], [1, -5, 2, 3]) });
  const one = { values: floats([3, 1], [0, 0, 0]) };
  const sum = made("sum_incoming", [E], 1, 0, one);
  assert.deepEqual(
    sum.terms.map((t) => [t.label, t.value]),
    [
      ["C0→C1", 1],
      ["C2→C1", -5],
    ],
  );
  close(sum.value, -4);
  close(made("mean_incoming", [E], 1, 0, one).value, -2);
  const max = made("max_incoming", [E], 1, 0, one);
  close(max.value, 1);
  assert.deepEqual(
    max.terms.map((t) => t.mark),
    [true, false],
  );
});

test("min, product, variance, deviation and quantile over the messages into an atom", () => {
  const E = quantity("e", { per: "edge", values: floats([4, 1], [1, -5, 2, 3]) });
  const one = { values: floats([3, 1], [0, 0, 0]) };
  const over = (op: Quantity["op"], constants: Record<string, number> = {}) =>
    made(op, [E], 1, 0, { ...one, constants });
  const numbers = over("sum_incoming").terms.map((t) => t.value);
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length;
  const min = over("min_incoming");
  close(min.value, Math.min(...numbers));
  assert.equal(min.picked, "smallest");
  assert.deepEqual(
    min.terms.filter((t) => t.mark).map((t) => t.value),
    [Math.min(...numbers)],
  );
  const product = over("mul_incoming");
  close(product.value, numbers.reduce((a, b) => a * b, 1));
  assert.equal(product.join, "×");
  close(over("var_incoming").value, variance);
  close(over("std_incoming").value, Math.sqrt(variance));
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  assert.equal(numbers.length, 2);
  [0, 1, 2, 3].forEach((rule) => {
    const share = [0.25, 0, 1, 0.5][rule]!;
    close(over("quantile_incoming", { q: 0.25, rule }).value, low + share * (high - low));
  });
  close(made("weighted_sum_incoming", [E, E], 1, 0, one).value, numbers.reduce((a, b) => a + b * b, 0));
});

test("a number kept within bounds", () => {
  close(made("clamp", [X], 0, 1, { constants: { low: -0.5, high: 3.4e38 } }).value, -0.5);
  close(made("clamp", [X], 0, 0, { constants: { low: -0.5, high: 3.4e38 } }).value, 1);
});

test("softmax over the messages that reach the same atom, large logits too", () => {
  for (const shift of [0, 400]) {
    const E = quantity("e", { per: "edge", axes: [], values: floats([4], [1 + shift, 2 + shift, 7, 8]) });
    const s = made("softmax_incoming", [E], 1, 0, { per: "edge", axes: [], values: floats([4], [0, 0, 0, 0]) });
    close(s.value, 1 / (1 + Math.exp(-1)));
    assert.equal(s.terms.length, 2);
    assert.equal(s.terms[1]!.mark, true);
  }
});

test("over all atoms: sum, mean, max, softmax, weighted sum", () => {
  const graph = { per: "graph" as const, values: floats([1, 2], [0, 0]) };
  close(made("sum_nodes", [X], 0, 0, graph).value, 1 + 0.5 - 1);
  close(made("mean_nodes", [X], 0, 1, graph).value, (-2 + 3 + 2) / 3);
  close(made("max_nodes", [X], 0, 1, graph).value, 3);
  const a = quantity("a", { axes: [], values: floats([3], [0.5, 0.25, 2]) });
  close(made("weighted_sum_nodes", [a, X], 0, 1, graph).value, -1 + 0.75 + 4);
  const soft = made("softmax_nodes", [a], 2, 0, { axes: [], values: floats([3], [0, 0, 0]) });
  close(soft.value, Math.exp(2) / (Math.exp(0.5) + Math.exp(0.25) + Math.exp(2)));
});

test("heads: flatten, mean, concatenate", () => {
  const heads = quantity("x2", {
    values: floats([3, 2, 2], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]),
    axes: ["head", "channel"],
  });
  close(made("flatten", [heads], 0, 2, { values: floats([3, 4], new Array(12).fill(0)) }).value, 3);
  const flat = quantity("x4", { values: floats([3, 4], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]) });
  const split = { values: floats([3, 2, 2], new Array(12).fill(0)), axes: ["head", "channel"] };
  close(made("split_heads", [flat], 0, 3, split).value, 4);
  close(made("mean_heads", [heads], 0, 1).value, 3);
  const both = made("concatenate", [X, Y], 1, 3, { values: floats([3, 4], new Array(12).fill(0)) });
  close(both.value, 40);
  assert.deepEqual(both.terms[0]!.from, { quantity: "y", row: 1, channel: 1 });
});

test("channels: some of them, and shares among them", () => {
  const flat = quantity("x4", { values: floats([3, 4], [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]) });
  const part = made("channels", [flat], 0, 1, {
    values: floats([3, 2], [0, 0, 0, 0, 0, 0]),
    constants: { start: 2, stop: 4 },
  });
  close(part.value, 4);
  assert.deepEqual(part.terms[0]!.from, { quantity: "x4", row: 0, channel: 3 });
  const share = made("softmax_channels", [X], 1, 1).value;
  close(share, Math.exp(3) / (Math.exp(0.5) + Math.exp(3)));
});

test("views give their argument's number, and say whose it is", () => {
  const graph = quantity("g", { per: "graph", values: floats([1, 2], [7, 8]) });
  const of = (op: Quantity["op"], per: Quantity["per"], arg: string) =>
    quantity(op, { op, per, args: [arg], recorded: false });
  const scene = new Scene(
    chain([X, graph, of("source", "edge", "x"), of("target", "edge", "x"), of("of_graph", "node", "g")]),
  );
  const at = (name: string, row: number) => spell(scene, scene.quantity(name), row, 1, null)!;
  assert.deepEqual([at("source", 1).stored, at("source", 1).row], [2, 2]);
  assert.deepEqual([at("target", 1).stored, at("target", 1).row], [3, 1]);
  assert.deepEqual([at("of_graph", 2).stored, at("of_graph", 2).row], [8, 0]);
});

test("what is recorded or opaque claims no recomputation", () => {
  assert.equal(made("recorded", [], 0, 0).value, null);
  assert.match(made("opaque", [X], 0, 0).rule, /not known/);
});

test("every number of a real blob agrees with its recomputation", () => {
  const scene = new Scene(aceticView());
  let seen = 0;
  for (const q of scene.view.quantities) {
    if (!q.values || q.op === "recorded") continue;
    for (let row = 0; row < scene.rows(q); row++) {
      for (let c = 0; c < scene.width(q); c++) {
        const s = spell(scene, q, row, c, null)!;
        assert.ok(Math.abs(s.value! - s.stored) < 1e-6, `${q.name} ${row} ${c}: ${s.value} ${s.stored}`);
        seen += 1;
      }
    }
  }
  assert.ok(seen > 100);
});

test("of numbers with heads, the number spelled out is of the head that the lens shows", () => {
  const heads = quantity("x2", { values: floats([3, 2], [1, -9, 2, 7, 3, 5]), axes: ["head"] });
  const scene = new Scene(chain([heads]));
  const place = { propagation: null, node: 1, edge: -1, kind: -1, incoming: [] };
  const block = { kind: "plain" as const, quantity: heads, row: 1 };
  assert.equal(activeCell(scene, [block], place, null, null, 0)!.channel, 0);
  assert.equal(activeCell(scene, [block], place, null, null, 3)!.channel, 1);
});
