import assert from "node:assert/strict";
import { test } from "node:test";
import { chain, floats, quantity } from "../shared/testing";
import { rank } from "./ranking";
import { Scene } from "./scene";

const H = quantity("h", { values: floats([3, 2], [3, 4, 0, 1, 6, 8]) });
const logits = quantity("e", { axes: [], values: floats([3], [-3, 1, 0]) });
const shares = quantity("a", { axes: [], values: floats([3], [0.013, 0.721, 0.265]), op: "softmax_nodes", args: ["e"] });
const mixed = (weights: string) =>
  quantity("r", { per: "graph", values: floats([1, 2], [0, 0]), op: "weighted_sum_nodes", args: [weights, "h"] });
const scene = new Scene(chain([H, logits, shares]));

test("a softmax ranks atoms by their shares, not by how large their logits are", () => {
  const { nodes, note, rest } = rank(scene, shares);
  assert.deepEqual(nodes, [1, 2, 0]);
  assert.deepEqual(note(1), ["→ 0.721"]);
  assert.match(rest, /share/);
});

test("a weighted sum ranks atoms by weight times size, and says that number last", () => {
  const { nodes, note, rest } = rank(scene, mixed("a"));
  assert.deepEqual(nodes, [2, 1, 0]);
  assert.deepEqual(note(2), ["× 0.265", "size 2.65"]);
  assert.deepEqual(note(0), ["× 0.0130", "size 0.0650"]);
  assert.match(rest, /adds/);
});

test("a negative weight adds as much as a positive one", () => {
  const { nodes, note } = rank(scene, mixed("e"));
  assert.deepEqual(nodes, [0, 1, 2]);
  assert.deepEqual(note(0), ["× −3.00", "size 15.0"]);
});

test("a plain sum ranks atoms by the size of their rows", () => {
  const sum = quantity("s", { per: "graph", values: floats([1, 2], [9, 13]), op: "sum_nodes", args: ["h"] });
  const { nodes, note } = rank(scene, sum);
  assert.deepEqual(nodes, [2, 0, 1]);
  assert.deepEqual(note(0), ["size 5.00"]);
});
