import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact";
import { chain, floats, ints, page, quantity } from "../shared/testing";
import type { StageView, StepView } from "../shared/views";
import { nodePlaces } from "./geometry";
import { narrate } from "./narration";
import { rowAt } from "./plan";
import { Scene } from "./scene";
import { focusOn, selectEdge, selectSet, type Selection } from "./selection";
import { Hubs, Outlines } from "./Sets";

/** The chain C0 C1 C2 with the sets 3 = {C0 C1}, a bond, and 4 = {C0 C1 C2}: there, and back again. */
function throughSets(): StageView {
  const view = chain([]);
  const one = view.rounds[0]!.propagations[0]!;
  const [atoms, sets, bond] = [ints([0, 1, 0, 1, 2]), ints([3, 3, 4, 4, 4]), ints([0, 0, -1, -1, -1])];
  const rest = { bond, kind: ints([-1, -1, -1, -1, -1]), role: { shape: [5], data: new Uint8Array(5) }, roles: ["hyperedge" as const] };
  const there = { ...one, ...rest, label: "there", source: atoms, target: sets, messages: "m", aggregated: "held" };
  const back = { ...one, ...rest, label: "back", hop: 1, source: sets, target: atoms, messages: "back", aggregated: "sum" };
  const held = quantity("held", { per: "hyperedge", op: "sum_incoming", args: ["m"], values: floats([5, 1], [0, 0, 0, 3, 6]) });
  const m = quantity("m", { per: "edge", values: floats([5, 1], [1, 2, 1, 2, 3]) });
  const h = quantity("back", { per: "edge", values: floats([5, 1], [3, 3, 6, 6, 6]) });
  const step = view.steps[0]!;
  return {
    ...view,
    node_atoms: ints([0, 1, 2, -1, -1]),
    node_labels: ["C0", "C1", "C2", "bond C0–C1", "ring C0..C2"],
    members: { shape: [5, 2], data: new Int32Array([3, 0, 3, 1, 4, 0, 4, 1, 4, 2]) },
    hyperedges: ints([3, 4]),
    rounds: [{ ...view.rounds[0]!, state_in: "x", propagations: [there, back] }],
    steps: [
      { ...step, name: "aggregate", quantities: ["held"] },
      { ...step, name: "message", quantities: ["back"], propagation: 1 },
      { ...step, name: "update", quantities: [], propagation: -1 },
    ],
    quantities: [quantity("x", { values: floats([3, 1], [1, 1, 1]) }), m, held, h, ...view.quantities.slice(1)],
  };
}

const view = throughSets();
const scene = new Scene(view);
const [there, back, after] = view.steps as [StepView, StepView, StepView];
const atom = (a: number): Selection => ({ atom: a, bond: null, pin: null });
const pin: Selection = { atom: 0, bond: null, pin: { source: 3, target: 0 } };

test("a chosen atom is heard by its loudest set, then hears from all of its own", () => {
  const first = focusOn(scene, there, atom(0));
  assert.deepEqual([first.node, first.incoming, first.edge], [4, [2, 3, 4], 2]);
  const second = focusOn(scene, back, atom(0));
  assert.deepEqual([second.node, second.incoming, second.edge], [0, [0, 2], 2]);
  assert.equal(focusOn(scene, after, atom(1)).node, 1);
  assert.ok(focusOn(scene, after, { atom: null, bond: null, pin: null }).node < 3, "the update is an atom's");
});

test("a chosen set is the one in the lens on both ways, and a second click lets it go", () => {
  assert.deepEqual(selectSet(scene, 3, atom(0)), pin);
  assert.deepEqual([focusOn(scene, there, pin).node, focusOn(scene, there, pin).edge], [3, 0]);
  assert.deepEqual([focusOn(scene, back, pin).node, focusOn(scene, back, pin).edge], [0, 0]);
  assert.deepEqual(selectSet(scene, 3, pin), atom(0));
  assert.equal(selectSet(scene, 4, atom(2)).pin!.target, 2);
});

test("each message through a bond's set can be put in the lens, not the first alone", () => {
  const [one, two] = view.rounds[0]!.propagations as [never, never];
  for (const [p, step] of [[one, there], [two, back]] as const)
    for (const edge of [0, 1]) assert.equal(focusOn(scene, step, selectEdge(scene, p, edge)).edge, edge);
});

test("rows of sets are sets', and an atom's are those of the atom that sends", () => {
  const held = scene.quantity("held");
  const focus = focusOn(scene, there, atom(2));
  const place = { ...focus, propagation: focus.propagation };
  assert.deepEqual([rowAt(scene, held, place), rowAt(scene, scene.quantity("sum"), place)], [4, 2]);
  assert.deepEqual([...scene.row(held, 4, null)!.values], [6]);
  assert.equal(scene.row(held, 0, null), null, "an atom has no row among sets");
  assert.deepEqual([...scene.norms("held")].map(String), ["NaN", "NaN", "NaN", "3", "6"]);
});

test("the sentences call sets by their names", () => {
  const say = (step: StepView, selection: Selection) => narrate(scene, step, focusOn(scene, step, selection));
  assert.match(say(there, atom(2)), /the 3 messages into the ring C0\.\.C2 are summed/);
  assert.match(say(back, atom(0)), /C0 hears from 2 sets\. The loudest is the ring C0\.\.C2\.$/);
  assert.match(say(after, atom(0)), /It has now heard of the whole molecule/);
});

test("the set that hears, or those that are heard, stand out; a bond's has an outline only then", () => {
  const drawn = (step: StepView, selection: Selection) => {
    const root = page().document.body as unknown as HTMLElement;
    const props = { scene, step, focus: focusOn(scene, step, selection), places: nodePlaces(scene), unit: 10 };
    render(<svg><Outlines {...props} /><Hubs {...props} /></svg>, root);
    const of = (query: string) => [...root.querySelectorAll(query)].map((e) => Number(e.getAttribute("data-set")));
    return [of(".lab-sets .lab-near path"), of(".lab-sets g:not(.lab-near) > path"), root.querySelector(".lab-hubs")?.getAttribute("data-near")];
  };
  assert.deepEqual(drawn(there, atom(2)), [[4], [], "4"]);
  assert.deepEqual(drawn(there, pin), [[3], [4], "3"]);
  assert.deepEqual(drawn(back, atom(0)), [[3, 4], [], "3 4"]);
});
