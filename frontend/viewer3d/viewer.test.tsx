import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Window } from "happy-dom";
import { FakeModel, page } from "../shared/testing";
import { FakeEngine } from "./fake";
import ethanol from "../fixtures/ethanol3d.bin";
import { mount, type ViewerTraits } from "./mount";
import type { Target } from "./targets";

let window: Window;
let el: HTMLElement;
let model: FakeModel<ViewerTraits>;
let engine: FakeEngine;
let clean: () => void;

const settle = (ms = 40) => new Promise((done) => setTimeout(done, ms));
/** Waits until something is so: effects run a frame later, and a frame may be long. */
async function until(so: () => unknown): Promise<void> {
  for (let k = 0; k < 100 && !so(); k++) await settle(20);
  assert.ok(so());
}
const find = (selector: string) => el.querySelector<HTMLElement>(selector)!;
const label = () => find(".lab-space").getAttribute("aria-label")!;
const blob = () => new DataView(ethanol.slice().buffer);
const target = (what: Target["what"], number: number): Target => ({
  what,
  number,
  from: [0, 0, 0],
  to: [0, 0, 0],
  radius: 1,
});

/** Puts an element in the page that has a size, as a browser would give it. */
function sized(): HTMLElement {
  const made = document.createElement("div");
  document.body.append(made);
  const target = globalThis as unknown as { ResizeObserver: unknown };
  target.ResizeObserver = class {
    constructor(private readonly act: () => void) {}
    observe(element: HTMLElement) {
      Object.defineProperties(element, { offsetWidth: { value: 300 }, offsetHeight: { value: 200 } });
      this.act();
    }
    disconnect() {}
  };
  return made;
}

async function click(on: Target | null): Promise<void> {
  engine.under = on;
  for (const type of ["pointerdown", "pointerup"]) {
    const event = new window.PointerEvent(type, { bubbles: true, clientX: 5, clientY: 5, button: 0 });
    find(".lab-space").dispatchEvent(event as unknown as Event);
  }
  await settle();
}

async function press(key: string): Promise<boolean> {
  const event = new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  let leaked = false;
  const hear = () => (leaked = true);
  document.addEventListener("keydown", hear);
  find(".lab-space").dispatchEvent(event as unknown as Event);
  document.removeEventListener("keydown", hear);
  await settle();
  return leaked;
}

beforeEach(async () => {
  window = page();
  el = sized();
  engine = new FakeEngine();
  model = new FakeModel<ViewerTraits>({
    _solid: blob(),
    _calls: [],
    _style: "sticks",
    hydrogens: true,
    height: 200,
    selected_atom: null,
    selected_bond: null,
    colours: null,
    channel: null,
  });
  clean = mount({ model, el }, engine.open);
  await until(() => engine.notes.some(([name]) => name === "render"));
});

afterEach(async () => {
  clean();
  await settle(150);
  await window.happyDOM.close();
});

test("a click on an atom or a bond selects it, one beside them nothing", async () => {
  const chosen = () => [model.get("selected_atom"), model.get("selected_bond")];
  await click(target("atom", 1));
  assert.deepEqual([...chosen(), model.saves], [1, null, 1]);
  await click(target("bond", 1));
  assert.deepEqual(chosen(), [1, 1]); // the atom is an end of it
  await click(target("atom", 0));
  await click(target("bond", 1));
  assert.deepEqual(chosen(), [null, 1]);
  await click(null);
  assert.deepEqual(chosen(), [null, null]);
  assert.equal(model.saves, 5);
});

test("what stands for the picture says molecule and selection, and numbers where there are some", async () => {
  assert.match(label(), /^ethanol in space, 3 atoms, 3D, .* Nothing is selected\./);
  model.set("colours", { values: [0.5, 1.25, null], limit: 2, signed: false, words: "size of x", channels: [] });
  model.set("selected_atom", 1);
  await settle();
  assert.match(label(), /Selected: atom C1: carbon, 2 hydrogens; size of x 1\.25\./);
  assert.match(find("[aria-live]").textContent!, /^atom C1/);
});

test("keys turn, bring nearer, select; they never reach the notebook, Tab does", async () => {
  engine.take();
  assert.equal(await press("ArrowLeft"), false);
  assert.deepEqual(engine.take()[0], ["rotate", -15, "vy"]);
  await press("+");
  assert.equal(engine.take()[0]![0], "zoom");
  await press("n");
  await press("n");
  assert.equal(model.get("selected_atom"), 1);
  await press("b");
  await press("b");
  assert.deepEqual([model.get("selected_atom"), model.get("selected_bond")], [1, 1]);
  await press("Escape");
  assert.equal(model.get("selected_atom"), null);
  assert.equal(await press("x"), false);
  assert.equal(await press("Tab"), true);
});

test("traits that change together are drawn together", async () => {
  engine.take();
  model.set("selected_atom", 0);
  model.set("hydrogens", false);
  model.set("_style", "lines");
  await settle();
  assert.equal(engine.take("render").length, 1);
});

test("without WebGL a sentence stands there; a drawing taken away says so and is drawn again", async () => {
  engine.lose();
  await until(() => find(".lab-instead"));
  assert.match(find("[role=status]").textContent!, /has taken this drawing away/);
  find(".lab-instead button").click();
  await until(() => engine.opened === 2 && engine.closed === 1);
  await until(() => !find(".lab-instead"));
  clean();
  engine.missing = true;
  clean = mount({ model, el }, engine.open);
  await until(() => find("[role=status]"));
  assert.match(find("[role=status]").textContent!, /WebGL is switched off or missing/);
});

test("the channel chosen here goes to Python", async () => {
  const channels = ["charge", "size <b>"];
  model.set("colours", { values: [1, 2, 3], limit: 3, signed: true, words: "charge of x", channels });
  await settle();
  const select = find(".lab-viewer-scale select") as HTMLSelectElement;
  assert.deepEqual([...select.options].map((o) => o.textContent), ["charge of x", ...channels]);
  select.value = "1";
  select.dispatchEvent(new window.Event("change", { bubbles: true }) as unknown as Event);
  assert.equal(model.get("channel"), 1);
});

test("a blob that cannot be read is said, and the next one is drawn", async () => {
  model.set("_solid", new DataView(new ArrayBuffer(16)));
  await settle();
  assert.match(find("[role=alert]").textContent!, /could not be shown: not a stage blob/);
  model.set("_solid", blob());
  await settle();
  assert.equal(find("[role=alert]"), null);
});

test("two views of one widget; each cleans up after itself", async () => {
  const other = sized();
  const cleanOther = mount({ model, el: other }, engine.open);
  await until(() => engine.opened === 2);
  await click(target("atom", 2));
  assert.match(other.querySelector(".lab-viewer-words")!.textContent!, /atom O2/);
  cleanOther();
  await until(() => engine.closed === 1);
  assert.deepEqual([engine.opened, engine.closed, other.childElementCount], [2, 1, 0]);
  clean();
  await until(() => engine.closed === 2);
  assert.deepEqual([engine.closed, model.listeners, el.childElementCount], [2, 0, 0]);
});
