import assert from "node:assert/strict";
import { test } from "node:test";
import { chain } from "../shared/testing";
import type { StepView } from "../shared/views";
import { grouped } from "./Timeline";

test("steps of several calls stand under short names, in the order that they are shown in", () => {
  const view = chain([]);
  const [p] = view.rounds[0]!.propagations;
  view.rounds[0]!.propagations = ["", "from the master", "tower 2"].map((label) => ({ ...p!, label }));
  const step = (propagation: number, name: StepView["name"]) => ({ ...view.steps[0]!, propagation, name });
  view.steps = [step(1, "gather"), step(1, "message"), step(0, "gather"), step(2, "gather"), step(2, "update"), step(-1, "update")];
  const groups = grouped(view, view.steps.map((s, i) => [s, i] as const));
  assert.deepEqual(
    groups.map((g) => [g.name, ...g.steps.map(([, i]) => i)]),
    [["from master", 0, 1], ["bonds", 2], ["tower 2", 3, 4], ["", 5]],
  );
});

test("a pooling's scores are the whole round's, though they go along edges", () => {
  const view = chain([]);
  const [p] = view.rounds[0]!.propagations;
  view.rounds[0]!.propagations = [p!, p!];
  const none = { shape: [0, 2], data: new Int32Array() };
  view.rounds[0]!.pool = { name: "sag", formula: "", merges: false, scoring: 1, members: none, centres: none };
  const step = (propagation: number, name: StepView["name"]) => ({ ...view.steps[0]!, propagation, name });
  view.steps = [step(0, "message"), step(-1, "update"), step(1, "pool")];
  const groups = grouped(view, view.steps.map((s, i) => [s, i] as const));
  assert.deepEqual(groups.map((g) => [g.name, g.steps.length]), [["bonds", 1], ["", 2]]);
});
