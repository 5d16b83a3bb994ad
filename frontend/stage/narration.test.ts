import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticView } from "../shared/testing";
import { describeAtom, narrate, place } from "./narration";
import { Scene } from "./scene";
import { focusOn, selectEdge, type Selection } from "./selection";

const scene = new Scene(aceticView());
const steps = scene.view.steps;
const NOTHING: Selection = { atom: null, bond: null, pin: null };

function say(name: string, round: number, selection: Partial<Selection> = {}): string {
  const step = steps.find((s) => s.name === name && s.round === round)!;
  return narrate(scene, step, focusOn(scene, step, { ...NOTHING, ...selection }));
}

/** The name of the atom whose message into `target` is largest, found the long way. */
function loudestInto(target: number, round: number): string {
  const { source, target: targets } = scene.view.rounds[round]!.propagations[0]!;
  const { data } = scene.quantity(`round ${round + 1}/message`).values!;
  let [best, size] = [-1, -1];
  targets.data.forEach((t, e) => {
    const own = Math.hypot(...data.subarray(e * 4, e * 4 + 4));
    if (t === target && own > size) [best, size] = [source.data[e]!, own];
  });
  return scene.view.node_labels[best]!;
}

test("a message step names the listener, how many it hears and the loudest", () => {
  const said = say("message", 1, { atom: 1 });
  assert.match(said, /^Round 2, message: C1 hears from 3 neighbours\. The loudest is /);
  assert.ok(said.includes(`The loudest is ${loudestInto(1, 1)} over a `), said);
  assert.match(say("message", 0, { atom: 2 }), /O2 hears from 1 neighbour\. The loudest is C1 over a double bond\.$/);
});

test("every step of the run has a sentence of its own", () => {
  const all = steps.map((s) => narrate(scene, s, focusOn(scene, s, { ...NOTHING, atom: 1 })));
  assert.equal(new Set(all).size, steps.length);
  for (const text of all) {
    assert.match(text, /[.”]$/);
    assert.doesNotMatch(text, /undefined|NaN|null/);
  }
});

test("gather lists the neighbours, edge matrix names the bond's kind, update tells the reach", () => {
  assert.equal(say("gather", 0, { atom: 1 }), "Round 1, gather: C1 collects the states of C0, O2 and O3.");
  assert.match(say("edge matrix", 0, { bond: 1 }), /2 matrices.*“double”/);
  assert.match(say("update", 0, { atom: 0 }), /direct neighbours/);
  assert.match(say("update", 1, { atom: 0 }), /up to 2 bonds away/);
});

test("an untrained model's prediction is called meaningless", () => {
  assert.match(say("predict", -1), /untrained: the number means nothing yet/);
  assert.match(say("predict", -1), /kcal\/mol \(measured −6\.70\)/);
});

test("the counter says where the timeline stands", () => {
  assert.equal(
    place(
      scene,
      steps.find((s) => s.name === "message" && s.round === 1)!,
    ),
    "round 2 of 2 · message",
  );
  assert.equal(place(scene, steps.at(-2)!), "readout");
});

test("a bond in the lens is heard in the direction of the selected atom", () => {
  const step = steps.find((s) => s.name === "message")!;
  const p = scene.view.rounds[0]!.propagations[0]!;
  const into = (selection: Partial<Selection>) =>
    p.target.data[focusOn(scene, step, { ...NOTHING, ...selection }).edge];
  assert.equal(into({ bond: 1, atom: 1 }), 1);
  assert.equal(into({ bond: 1, atom: 2 }), 2);
  assert.equal(into({ bond: 1 }), p.target.data[[...p.bond.data].indexOf(1)]);
  assert.equal(into({ bond: 1, atom: 3 }), into({ bond: 1 }));
});

test("choosing an edge selects its bond and receiver; one without a bond is pinned", () => {
  const p = scene.view.rounds[0]!.propagations[0]!;
  assert.deepEqual(selectEdge(scene, p, 3), { atom: 1, bond: 1, pin: null });
  const loops = { ...p, bond: { shape: [6], data: new Int32Array(6).fill(-1) } };
  assert.deepEqual(selectEdge(scene, loops, 3), { atom: 1, bond: null, pin: { source: 2, target: 1 } });
});

test("with nothing selected the lens rests on one atom through the whole run", () => {
  const nodes = new Set(steps.map((s) => focusOn(scene, s, NOTHING).node));
  assert.equal(nodes.size, 1);
});

test("atoms are named with what they are", () => {
  assert.equal(describeAtom(scene, 0), "C0: carbon, 3 hydrogens");
});
