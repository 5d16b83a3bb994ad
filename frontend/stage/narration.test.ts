import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticView, chain, floats, quantity } from "../shared/testing";
import type { StageView, StepView } from "../shared/views";
import { describeAtom, narrate, pairNote, place } from "./narration";
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
  assert.match(say("message", 0, { atom: 2 }), /O2 hears only from C1 over a double bond\.$/);
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
  assert.match(say("update", 1, { atom: 0 }), /of the whole molecule\.$/);
});

/** The chain of three atoms at one step, with its view changed. */
function sayOf(name: StepView["name"], atom: number, change: (view: StageView) => void = () => {}): string {
  const view = chain([]);
  view.steps = [{ ...view.steps[0]!, name }];
  change(view);
  const made = new Scene(view);
  return narrate(made, view.steps[0]!, focusOn(made, view.steps[0]!, { ...NOTHING, atom }));
}

/** Leaves the first atom alone in the molecule, with or without an edge to itself. */
function alone(view: StageView, loops: number): void {
  const p = view.rounds[0]!.propagations[0]!;
  const ints = (value: number) => ({ shape: [loops], data: new Int32Array(loops).fill(value) });
  view.rounds[0]!.propagations = [{ ...p, source: ints(0), target: ints(0), bond: ints(-1), kind: ints(-1) }];
  const { molecule } = view;
  const bonds = { shape: [0, 2], data: new Int32Array() };
  view.molecule = { ...molecule, atom_labels: ["C0"], bonds, bond_labels: [] };
  view.node_labels = ["C0"];
  view.node_atoms = { shape: [1], data: new Int32Array([0]) };
}

test("an atom's reach ends with the molecule, and with the part of it that is joined", () => {
  assert.match(sayOf("update", 1), /It has now heard of the whole molecule\.$/);
  assert.match(sayOf("update", 0), /It has now heard of its direct neighbours\.$/);
  const apart = (view: StageView) => {
    view.molecule = { ...view.molecule, atom_labels: ["C0", "C1", "C2", "C3"] };
    view.node_labels = ["C0", "C1", "C2", "C3"];
    view.node_atoms = { shape: [4], data: new Int32Array([0, 1, 2, 3]) };
  };
  assert.match(sayOf("update", 1, apart), /heard of every atom that C1 is joined to\.$/);
  assert.match(sayOf("update", 3, apart), /It has no neighbours: it knows only itself\.$/);
  const virtual = (view: StageView) => {
    apart(view);
    view.rounds[0]!.propagations[0]!.source.data[2] = 2;
  };
  assert.match(sayOf("update", 0, virtual), /It has now heard of 2 of the 4 atoms\.$/);
});

test("propagations side by side reach no further than one, those in turn do", () => {
  const twice = (hop: number) => (view: StageView) => {
    const [only] = view.rounds[0]!.propagations;
    view.rounds[0]!.propagations = [only!, { ...only!, hop }];
  };
  assert.match(sayOf("update", 0, twice(0)), /It has now heard of its direct neighbours\.$/);
  assert.match(sayOf("update", 0, twice(1)), /It has now heard of the whole molecule\.$/);
});

test("where a master alone listens, the lens is on the master", () => {
  const mastered = (view: StageView) => {
    view.node_atoms = { shape: [4], data: new Int32Array([0, 1, 2, -1]) };
    view.node_labels = [...view.node_labels, "master"];
    const [p] = view.rounds[0]!.propagations;
    Object.assign(p!, { label: "to the master", roles: ["bond", "self-loop", "virtual", "master"] });
    p!.role.data.fill(3);
    p!.bond.data.fill(-1);
    p!.target.data.fill(3);
    p!.source.data.set([0, 1, 2, 0]);
  };
  assert.match(sayOf("gather", 0, mastered), /master collects the states of C0, C1 and C2\.$/);
  assert.match(sayOf("features", 0, mastered), /each of the 3 atoms/);
});

test("an atom's update is about the atom, though the master heard last", () => {
  const mastered = (view: StageView) => {
    view.node_atoms = { shape: [4], data: new Int32Array([0, 1, 2, -1]) };
    view.node_labels = [...view.node_labels, "master"];
    const [p] = view.rounds[0]!.propagations;
    const to = { shape: [4], data: new Int32Array(4).fill(3) };
    const write = { ...p!, label: "to the master", target: to, roles: ["master" as const] };
    view.rounds[0]!.propagations = [p!, write];
    view.steps[0] = { ...view.steps[0]!, propagation: -1 };
  };
  assert.match(sayOf("update", 1, mastered), /: C1 mixes what it heard|: what the layer gives is the new state of C1/);
});

test("of several propagations the one at hand is named", () => {
  const towered = (view: StageView) => {
    view.rounds[0]!.propagations[0]!.label = "tower 2, along";
    view.steps[0] = { ...view.steps[0]!, propagation: 0 };
  };
  assert.match(sayOf("gather", 1, towered), /^Round 1, tower 2, along, gather: C1 collects/);
});

test("a tower's own update is not taken for the round's", () => {
  const update = (propagation: number) => (view: StageView) => {
    view.steps[0] = { ...view.steps[0]!, propagation, quantities: [] };
  };
  assert.match(sayOf("update", 1, update(-1)), /Its size goes from/);
  assert.doesNotMatch(sayOf("update", 1, update(0)), /Its size goes from/);
});

test("a layer with states for bonds says that they change", () => {
  assert.match(sayOf("edge update", 1), /the bond between C\d and C1 hears both its atoms/);
});

test("a lone atom is told of as one", () => {
  for (const loops of [0, 1]) {
    const say = (name: StepView["name"]) => sayOf(name, 0, (view) => alone(view, loops));
    assert.match(say("update"), /There is no other atom to hear of\.$/);
    assert.match(say("readout"), /: the state of the only atom is made into one vector/);
    assert.match(say("features"), /C0, the only atom, starts as/);
    assert.doesNotMatch(say("gather"), /states? of itself/);
    assert.match(say("message"), loops ? /C0 hears only from itself\.$/ : /hears from nobody/);
  }
  assert.match(sayOf("gather", 0), /C0 collects the state of C1\.$/);
});

test("messages equally loud, and shares equally large, are all named", () => {
  const equal = (view: StageView) => view.quantities[0]!.values!.data.set([5, 5.000001]);
  assert.match(sayOf("message", 1, equal), /The loudest, equally, are C0 and C2\.$/);
  assert.match(sayOf("message", 1), /The loudest is C2 over a b bond\.$/);
  const shares = (values: number[]) => (view: StageView) => {
    view.quantities = [...view.quantities, quantity("a", { per: "edge", axes: [], values: floats([4], values) })];
    Object.assign(view.rounds[0]!.propagations[0]!, { weights: "a", weights_label: "share" });
  };
  assert.match(sayOf("attention", 1, shares([0.5, 0.5, 1, 1])), /C1 gives C0 and C2, equally, the largest share, 0\.500 each\.$/);
  assert.match(sayOf("attention", 1, shares([0.2, 0.8, 1, 1])), /C1 gives C2 the largest share, 0\.800\.$/);
  assert.match(sayOf("attention", 0, shares([0.2, 0.8, 1, 1])), /C0 has only C1 to listen to: share 1\.00\.$/);
});

/** The chain with edges 0→2 and 2→0 besides, between atoms without a bond. */
function paired(role: "virtual" | "radius" | "complete") {
  return (view: StageView) => {
    const p = view.rounds[0]!.propagations[0]!;
    const ints = (data: number[]) => ({ shape: [data.length], data: new Int32Array(data) });
    view.rounds[0]!.propagations = [
      {
        ...p,
        source: ints([0, 2, 1, 1, 0, 2]),
        target: ints([1, 1, 0, 2, 2, 0]),
        bond: ints([0, 1, 0, 1, -1, -1]),
        kind: ints([0, 1, 0, 1, 2, 2]),
        role: { shape: [6], data: new Uint8Array([0, 0, 0, 0, 1, 1]) },
        roles: ["bond", role],
      },
    ];
    view.quantities[0]!.values = floats([6, 1], [1, 5, 2, 3, 9, 9]);
  };
}

test("what comes from an atom without a bond is never called a bond's or a neighbour's", () => {
  assert.match(
    sayOf("message", 2, paired("virtual")),
    /C2 hears from 1 neighbour and 1 atom it is not bonded to\. The loudest is C0 over a virtual edge\.$/,
  );
  assert.match(sayOf("message", 0, paired("radius")), /The loudest is C2, a pair without a bond\.$/);
  assert.match(sayOf("message", 0, paired("complete")), /The loudest is C2, a pair without a bond\.$/);
  assert.match(sayOf("message", 1, paired("virtual")), /C1 hears from 2 neighbours\. The loudest is C2 over a b bond\.$/);
});

test("pointing at an atom tells by what it is joined to the one in the lens, where that is no bond", () => {
  for (const [role, words] of [["virtual", "virtual edge"], ["radius", "pair"], ["complete", "pair"]] as const) {
    const view = chain([]);
    paired(role)(view);
    const made = new Scene(view);
    const focus = focusOn(made, view.steps[0]!, { ...NOTHING, atom: 2 });
    assert.deepEqual([0, 1, 2].map((a) => pairNote(made, focus, a)), [` · ${words} to C2`, "", ""]);
  }
  assert.equal(pairNote(scene, focusOn(scene, steps[0]!, NOTHING), 0), "");
});

test("without an update the new state is what the layer gives", () => {
  assert.match(say("update", 0, { atom: 1 }), /C1 mixes what it heard into its state\./);
  assert.match(sayOf("update", 1), /what the layer gives is the new state of C1\./);
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

test("where a layer's messages are not drawn, nobody is said to be without neighbours", () => {
  const undrawn = (view: StageView) => {
    Object.assign(view.rounds[0]!, { propagations: [], undrawn: "go through sets of atoms, which are not drawn" });
    view.steps[0] = { ...view.steps[0]!, propagation: -1 };
  };
  const said = sayOf("update", 1, undrawn);
  assert.match(said, /go through sets of atoms, which are not drawn; here is what comes out for C1\./);
  assert.doesNotMatch(said, /neighbours|heard/);
});

test("along one type of bond an atom without such a bond is not said to be without neighbours", () => {
  const typed = (view: StageView) => {
    alone(view, 0);
    view.rounds[0]!.propagations[0]!.relation = true;
  };
  for (const name of ["gather", "message", "aggregate"] as const) {
    assert.match(sayOf(name, 0, typed), /: there is no bond of this type at C0\.$/);
  }
});

test("what a master says is told as the master's, and that it starts at zero", () => {
  const told = (size: number) => (view: StageView) => {
    view.node_atoms = { shape: [4], data: new Int32Array([0, 1, 2, -1]) };
    view.node_labels = [...view.node_labels, "master"];
    const [p] = view.rounds[0]!.propagations;
    Object.assign(p!, { label: "from the master", roles: ["master"] });
    p!.bond.data.fill(-1);
    p!.source.data.fill(3);
    p!.target.data.set([0, 1, 2, 2]);
    view.quantities[0]!.values!.data.fill(size);
  };
  assert.match(sayOf("message", 1, told(0)), /from the master C1 hears a message of size 0\. The master starts at zero/);
  assert.match(sayOf("message", 1, told(2)), /from the master C1 hears a message of size 2\.00\.$/);
  assert.match(sayOf("gather", 1, told(0)), /C1 collects the state of the master\. The master starts/);
});
