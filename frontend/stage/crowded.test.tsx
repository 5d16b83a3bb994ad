import assert from "node:assert/strict";
import { test } from "node:test";
import { render } from "preact";
import { chain, floats, page, quantity } from "../shared/testing";
import type { StageView } from "../shared/views";
import { EdgeRows } from "./EdgeRows";
import { nodePlaces } from "./geometry";
import { Messages } from "./Messages";
import { placeOf } from "./plan";
import { Scene } from "./scene";
import { focusOn } from "./selection";

/** The chain C0 C1 C2 with its four messages, and very many more between C0 and C2, all of size 1. */
function crowd(many: number): StageView {
  const view = chain([]);
  const p = view.rounds[0]!.propagations[0]!;
  const grow = (data: ArrayLike<number>, value: (k: number) => number) => ({
    shape: [4 + many],
    data: new Int32Array([...Array.from(data), ...Array.from({ length: many }, (_, k) => value(k))]),
  });
  Object.assign(p, {
    source: grow(p.source.data, (k) => (k % 2) * 2),
    target: grow(p.target.data, (k) => 2 - (k % 2) * 2),
    bond: grow(p.bond.data, () => -1),
    kind: grow(p.kind.data, () => -1),
    role: { shape: [4 + many], data: new Uint8Array([0, 0, 0, 0, ...Array(many).fill(1)]) },
    roles: ["bond", "complete"],
  });
  const sizes = [1, 5, 2, 3, ...Array<number>(many).fill(1)];
  view.quantities[0] = quantity("m", { per: "edge", values: floats([4 + many, 1], sizes) });
  return view;
}

function drawn(view: StageView): HTMLElement {
  const root = page().document.body as unknown as HTMLElement;
  const scene = new Scene(view);
  const step = { ...view.steps[0]!, name: "aggregate" as const };
  const focus = focusOn(scene, step, { atom: 1, bond: null, pin: null });
  render(<Messages scene={scene} step={step} focus={focus} places={nodePlaces(scene)} unit={10} />, root);
  return root;
}

const edges = (root: HTMLElement) =>
  [...root.querySelectorAll(".lab-arrows")].flatMap((g) => g.getAttribute("data-edges")!.split(" ").filter(Boolean));

test("of very many messages bonds' and those into the lens are arrows, the others a ring round who hears them", () => {
  const root = drawn(crowd(3000));
  assert.deepEqual(edges(root).toSorted(), ["0", "1", "2", "3"]);
  assert.equal(root.querySelector(".lab-crowded")!.getAttribute("data-sums"), "1500 0 1500");
  assert.equal(root.querySelector(".lab-crowded path")!.getAttribute("d")!.match(/M/g)!.length, 2);
});

test("of fewer each is an arrow, and there are no rings", () => {
  const root = drawn(crowd(300));
  assert.equal(edges(root).length, 304);
  assert.equal(root.querySelector(".lab-crowded"), null);
});

test("of many rows the loudest are listed, and the one in the lens; the others when asked for", async () => {
  const root = page().document.body as unknown as HTMLElement;
  const view = crowd(100);
  view.quantities[0]!.values!.data.set([9, 8], 40);
  const scene = new Scene(view);
  const step = view.steps[0]!;
  const focus = focusOn(scene, step, { atom: 2, bond: null, pin: { source: 0, target: 2 } });
  const props = { scene, quantity: scene.quantity("m"), edges: focus.incoming, place: placeOf(scene, step, focus), limit: 9 };
  render(<EdgeRows {...props} />, root);
  const rows = () => [...root.querySelectorAll("[data-edge-row]")].map((e) => Number(e.getAttribute("data-edge-row")));
  assert.ok(rows().length <= 13 && rows().includes(40) && rows().includes(focus.edge));
  const more = root.querySelector<HTMLElement>(".lab-link")!;
  assert.match(more.textContent!, new RegExp(`\\+ ${focus.incoming.length - 12} more messages`));
  more.click();
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(rows(), focus.incoming);
});
