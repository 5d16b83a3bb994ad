import assert from "node:assert/strict";
import { test } from "node:test";
import type { Quantity } from "../shared/views";
import { chain, floats, quantity } from "../shared/testing";
import { spell } from "./arithmetic";
import { plan } from "./plan";
import { Scene } from "./scene";

/** Spells a channel of what is made of these rows by `op`, for row 1 (or the molecule). */
function laid(op: Quantity["op"], rows: Quantity, channel: number, places: number) {
  const graph = op.endsWith("_nodes");
  const size = places * 2;
  const values = graph ? floats([1, size], Array(size).fill(0)) : floats([3, size], Array(3 * size).fill(0));
  const q = quantity("q", { op, args: [rows.name], values, per: graph ? "graph" : "node", constants: { places } });
  const scene = new Scene(chain([rows, q]));
  return spell(scene, q, graph ? 0 : 1, channel, scene.view.rounds[0]!.propagations[0]!)!;
}

test("rows one after another, and 0 where they are fewer", () => {
  // Messages 0 and 1 reach atom 1.
  const E = quantity("e", { per: "edge", values: floats([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]) });
  const found = laid("rows_incoming", E, 3, 3);
  assert.equal(found.value, 4);
  assert.deepEqual(found.terms[0]!.from, { quantity: "e", row: 1, channel: 1 });
  assert.equal(found.rule, "message 2 in their order: e[1]");
  const missing = laid("rows_incoming", E, 4, 3);
  assert.deepEqual([missing.value, missing.terms.length, missing.lines], [0, 0, ["there are only 2: 0"]]);
});

test("rows by their last channel, the largest first, equal ones in their order", () => {
  const X = quantity("x", { values: floats([3, 2], [1, 7, 2, 9, 3, 7]) });
  const order = [0, 2, 4].map((channel) => laid("sorted_nodes", X, channel, 3).value);
  assert.deepEqual(order, [2, 1, 3]);
  const first = laid("sorted_nodes", X, 1, 2);
  assert.equal(first.value, 9);
  assert.equal(first.terms[0]!.label, "C1");
});

test("what is recomputed as a whole says so, above the rows that it is made of", () => {
  const X = quantity("x", { values: floats([3, 2], [1, 7, 2, 9, 3, 7]) });
  const whole = (error: number | null) => {
    const values = floats([1, 2], [0.5, 0.25]);
    const q = quantity("q", { op: "opaque", args: ["x"], values, per: "graph", error });
    const scene = new Scene(chain([X, q]));
    const step = { ...scene.view.steps[0]!, quantities: ["x", "q"] };
    const place = { propagation: null, node: 0, edge: -1, kind: -1, incoming: [] };
    const [block] = plan(scene, step, place).filter((b) => b.quantity.name === "q");
    return [block!.kind, spell(scene, q, 0, 0, null)!.rule];
  };
  assert.deepEqual(whole(1e-8), ["rows", "recomputed as a whole, and not spelled out"]);
  assert.deepEqual(whole(null), ["plain", "made by something whose formula is not known here"]);
});
