import assert from "node:assert/strict";
import { test } from "node:test";
import { spell } from "./arithmetic";
import { nodePlaces } from "./geometry";
import { reachOf } from "./heard";
import { narrate } from "./narration";
import { pairs, pooledView } from "./pooledView";
import { Scene } from "./scene";
import { focusOn } from "./selection";

const scene = new Scene(pooledView());

test("who is there after each pooling", () => {
  assert.deepEqual(
    [0, 1, 2].map((p) => scene.crowd.everyone(p)),
    [[0, 1, 2], [2, 3], [3]],
  );
  assert.deepEqual(scene.crowd.atomsOf(3), [0, 1]);
  assert.deepEqual(scene.crowd.members(3, 1), [0, 1]);
  assert.equal(scene.crowd.centre(3, 2), 3);
  assert.equal(scene.crowd.centre(3, 1), -1);
});

test("an atom is looked for in the node it has become, and stays itself once it has dropped out", () => {
  const at = (atom: number) => scene.view.steps.map((step) => scene.nodeAt(atom, step));
  assert.deepEqual(at(1), [1, 3, 3, 3]);
  assert.deepEqual(at(2), [2, 2, 2, 2]);
});

test("a state that is not there is blank, not nothing", () => {
  assert.equal(scene.row(scene.quantity("merged"), 0, null), null);
  assert.equal(scene.row(scene.quantity("merged"), 3, null)!.values[0], 3);
  assert.ok(Number.isNaN(scene.norms("kept")[2]!));
  assert.equal(scene.norms("kept")[3], 3);
});

test("merged states are added up, kept ones followed, and sums run over what is left", () => {
  const sum = spell(scene, scene.quantity("merged"), 3, 0, null)!;
  assert.deepEqual(
    sum.terms.map((t) => [t.label, t.value]),
    [
      ["C0", 1],
      ["C1", 2],
    ],
  );
  assert.equal(sum.value, 3);
  assert.equal(spell(scene, scene.quantity("kept"), 3, 0, null)!.value, 3);
  assert.equal(spell(scene, scene.quantity("whole"), 0, 0, null)!.terms.length, 1);
});

test("a merged node stands amid its atoms, one round a centre where that stands", () => {
  assert.deepEqual(nodePlaces(scene)[3], { x: 5, y: 0 });
  const view = pooledView();
  view.rounds[0]!.pool!.centres = pairs(3, 1, 2, 2);
  assert.deepEqual(nodePlaces(new Scene(view))[3], { x: 10, y: 0 });
});

test("what merged nodes have heard their members heard before", () => {
  assert.match(reachOf(scene, 3, 1), /heard of (the whole molecule|3 of the 3)/);
});

test("a pooling and a dropped atom are told", () => {
  const say = (step: number, atom: number) => {
    const s = scene.view.steps[step]!;
    return narrate(scene, s, focusOn(scene, s, { atom, bond: null, pin: null }));
  };
  assert.match(say(1, 0), /3 nodes become 2\. C0 and C1 merge\.$/);
  assert.match(say(1, 2), /C2 stays by itself\.$/);
  assert.match(say(3, 2), /of 2 nodes 1 stays\. C2 drops out/);
  assert.match(say(3, 0), /\{C0 C1\} stays\.$/);
});

test("an aggregation that depends on the order of the atoms is marked", () => {
  const view = pooledView();
  const step = { ...view.steps[0]!, name: "aggregate" as const };
  const say = () => {
    const own = new Scene(view);
    return narrate(own, step, focusOn(own, step, { atom: 1, bond: null, pin: null }));
  };
  assert.doesNotMatch(say(), /order of the atoms/);
  view.rounds[0]!.propagations[0]!.ordered = true;
  assert.match(say(), /depends on the order of the atoms/);
});
