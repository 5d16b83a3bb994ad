import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact";
import { chain, floats, page, quantity } from "../shared/testing";
import type { PropagationView, StageView, StepView } from "../shared/views";
import { Gallery } from "./Gallery";
import { nodePlaces } from "./geometry";
import { Messages } from "./Messages";
import { Scene } from "./scene";
import { focusOn } from "./selection";

/** Three atoms in a row, and edges 0→2, 2→0 of this role besides. */
function paired(role: PropagationView["roles"][number]): StageView {
  const view = chain([]);
  const ints = (data: number[]) => ({ shape: [data.length], data: new Int32Array(data) });
  const p = view.rounds[0]!.propagations[0]!;
  Object.assign(p, {
    source: ints([0, 2, 1, 1, 0, 2]),
    target: ints([1, 1, 0, 2, 2, 0]),
    bond: ints([0, 1, 0, 1, -1, -1]),
    kind: ints([0, 1, 0, 1, 2, 2]),
    role: { shape: [6], data: new Uint8Array([0, 0, 0, 0, 1, 1]) },
    roles: ["bond", role],
  });
  view.quantities[0]!.values = floats([6, 1], [1, 5, 2, 3, 9, 9]);
  return view;
}

function drawn(view: StageView, name: StepView["name"] = "aggregate"): HTMLElement {
  const window = page();
  const root = window.document.body as unknown as HTMLElement;
  const scene = new Scene(view);
  const step = { ...view.steps[0]!, name };
  const focus = focusOn(scene, step, { atom: 2, bond: null, pin: null });
  render(<Messages scene={scene} step={step} focus={focus} places={nodePlaces(scene)} unit={10} />, root);
  return root;
}

const numbers = (root: HTMLElement, query: string, name: string) =>
  [...root.querySelectorAll(query)].flatMap((g) => g.getAttribute(name)!.split(" ").filter(Boolean).map(Number));

for (const role of ["virtual", "radius", "complete"] as const) {
  test(`edges of the role ${role} are dashed, apart from the bonds' arrows, and off the bonds`, () => {
    const root = drawn(paired(role));
    assert.deepEqual(numbers(root, ".lab-pairs", "data-pairs").toSorted(), [4, 5]);
    assert.deepEqual(numbers(root, ".lab-loud .lab-pairs", "data-pairs"), [4]);
    for (const path of root.querySelectorAll(".lab-dashed")) {
      assert.ok(path.getAttribute("stroke-dasharray"));
      assert.ok(Number(path.getAttribute("stroke-width")) > 0);
      // From (0, 0) to (20, 0) past the atom at (10, 0): the arc keeps clear of it.
      const [, , , cy] = path.getAttribute("d")!.match(/-?[\d.]+/g)!.map(Number);
      assert.ok(Math.abs(cy!) > 3, `the way bends by ${cy}`);
    }
  });
}

test("bonds are drawn solid, whatever else there is", () => {
  const root = drawn(paired("other"));
  assert.equal(root.querySelectorAll(".lab-pairs, .lab-dashed").length, 0);
  assert.deepEqual(numbers(root, ".lab-arrows", "data-edges").toSorted(), [0, 1, 2, 3, 4, 5]);
});

test("many dashed arrows are few paths", () => {
  const view = paired("complete");
  const p = view.rounds[0]!.propagations[0]!;
  const many = 500;
  const grow = (data: Int32Array, value: (k: number) => number) => ({
    shape: [6 + many],
    data: new Int32Array([...data, ...Array.from({ length: many }, (_, k) => value(k))]),
  });
  Object.assign(p, {
    source: grow(p.source.data, (k) => (k % 2) * 2),
    target: grow(p.target.data, (k) => 2 - (k % 2) * 2),
    bond: grow(p.bond.data, () => -1),
    kind: grow(p.kind.data, () => -1),
    role: { shape: [6 + many], data: new Uint8Array([...p.role.data, ...Array(many).fill(1)]) },
  });
  view.quantities[0]!.values = floats([6 + many, 1], Array.from({ length: 6 + many }, (_, k) => 1 + (k % 97)));
  assert.ok(drawn(view).querySelectorAll(".lab-dashed").length <= 24);
});

/** Where the packets of a path stand. */
const dots = (root: HTMLElement, query: string) => root.querySelector(query)!.getAttribute("d")!.match(/M/g)?.length ?? 0;

test("packets travel along bonds, and along other edges into the atom in the lens alone", () => {
  const root = drawn(paired("virtual"), "message");
  assert.equal(dots(root, ".lab-packet.lab-loud"), 2);
  assert.equal(dots(root, ".lab-packet:not(.lab-loud):not(.lab-rim)"), 3);
  render(null, root); // the packets would go on for ever
});

test("of very many matrices some are drawn, the chosen one among them, and it says so", () => {
  const view = paired("complete");
  const kinds = 60;
  const table = quantity("table", { per: "kind", axes: ["in", "out"], values: floats([kinds, 1, 1], Array(kinds).fill(1)) });
  const p = view.rounds[0]!.propagations[0]!;
  p.kind.data.set([0, 1, 2, 3, 57, 58]);
  const numbers = (value: number) => ({ shape: [kinds], data: new Int32Array(kinds).fill(value) });
  p.matrices = {
    caption: "",
    table: "table",
    labels: Array.from({ length: kinds }, (_, k) => `pair ${k}`),
    counts: numbers(2),
    bonds: numbers(0),
    sigma: floats([kinds, 1], Array(kinds).fill(1)),
    exact: true,
  };
  view.quantities = [...view.quantities, table];
  const root = page().document.body as unknown as HTMLElement;
  const scene = new Scene(view);
  const step = view.steps[0]!;
  const focus = focusOn(scene, step, { atom: 2, bond: null, pin: { source: 0, target: 2 } });
  assert.equal(focus.kind, 57);
  render(<Gallery scene={scene} step={step} focus={focus} />, root);
  const drawnKinds = [...root.querySelectorAll("[data-kind]")].map((k) => Number(k.getAttribute("data-kind")));
  assert.deepEqual(drawnKinds, [...Array(48).keys(), 57]);
  assert.match(root.textContent!, /49 of 60 matrices are drawn/);
});
