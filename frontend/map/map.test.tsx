import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Window } from "happy-dom";
import { FakeModel, floats, ints, page } from "../shared/testing";
import { WIRE_VERSION, type MapView } from "../shared/views";
import { mark, markPath, scaleOf } from "./paint";
import { nearest, neighbour, placed } from "./places";
import widget, { type MapTraits } from "./widget";
import { GREY } from "../stage/context";

const view: MapView = {
  title: "four molecules",
  level: "graph",
  points: floats([4, 2], [0, 0, 2, 0, 0, 1, 2, 0]),
  shares: [0.75, 0.25],
  names: ["ethane", "<b>evil</b>", "propane", "butane"],
  molecule: ints([0, 1, 2, 3]),
  atoms: [],
  values: floats([4], [1, 2, 3, 4]),
  value_name: "hydration free energy",
  unit: "kcal/mol",
  groups: ints([]),
  group_names: [],
  group_numbers: [],
};

/** The view as Python would pack it. */
function packed(view: MapView): DataView {
  const arrays: { dtype: string; shape: number[]; offset: number }[] = [];
  const chunks: Uint8Array[] = [];
  let size = 0;
  const plain = (value: unknown): unknown => {
    const held = value as { shape?: number[]; data?: Float32Array | Int32Array };
    if (held?.data) {
      const bytes = new Uint8Array(held.data.buffer.slice(0));
      arrays.push({ dtype: held.data instanceof Int32Array ? "int32" : "float32", shape: held.shape!, offset: size });
      chunks.push(bytes, new Uint8Array(-bytes.length & 7));
      size += bytes.length + (-bytes.length & 7);
      return { $array: arrays.length - 1 };
    }
    return value;
  };
  const body = { view: Object.fromEntries(Object.entries(view).map(([k, v]) => [k, plain(v)])), arrays };
  let head = JSON.stringify(body);
  while ((12 + head.length) % 8) head += " ";
  const out = new Uint8Array(12 + head.length + size);
  out.set(new TextEncoder().encode("MPNN"));
  new DataView(out.buffer).setUint32(4, WIRE_VERSION, true);
  new DataView(out.buffer).setUint32(8, head.length, true);
  out.set(new TextEncoder().encode(head), 12);
  let at = 12 + head.length;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return new DataView(out.buffer);
}

let window: Window;
let el: HTMLElement;
let model: FakeModel<MapTraits>;
let clean: () => void;
const settle = () => new Promise((done) => setTimeout(done, 30));
const find = (selector: string) => el.querySelector<HTMLElement>(selector)!;
const press = async (key: string) => {
  let leaked = false;
  const hear = () => {
    leaked = true;
  };
  document.addEventListener("keydown", hear);
  find(".lab-points").dispatchEvent(
    new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }) as unknown as Event,
  );
  document.removeEventListener("keydown", hear);
  await settle();
  assert.equal(leaked, false, `${key} reached the notebook`);
};

beforeEach(async () => {
  window = page();
  el = document.createElement("div");
  document.body.append(el);
  model = new FakeModel<MapTraits>({ _view: packed(view), selected: null });
  clean = widget.render({ model, el });
  await settle();
});

afterEach(async () => {
  clean();
  assert.equal(model.listeners, 0);
  await window.happyDOM.close();
});

test("both axes are on one scale, and the second goes up", () => {
  const { x, y } = placed(view, 400, 400);
  assert.ok(x[1]! > x[0]! && y[2]! < y[0]!);
  assert.ok(Math.abs((x[1]! - x[0]!) / (y[0]! - y[2]!) - 2) < 1e-4);
  for (const place of [...x, ...y]) assert.ok(place >= 0 && place <= 400);
  const one = placed({ ...view, points: floats([1, 2], [5, 5]) }, 400, 400);
  assert.ok(Number.isFinite(one.x[0]!) && Number.isFinite(one.y[0]!));
});

test("arrows lead to the nearest point in their direction, and through those on one place", () => {
  const places = placed(view, 400, 400);
  assert.equal(neighbour(places, 0, "ArrowRight"), 1);
  assert.equal(neighbour(places, 1, "ArrowRight"), 3);
  assert.equal(neighbour(places, 3, "ArrowRight"), -1);
  assert.equal(neighbour(places, 3, "ArrowLeft"), 1);
  assert.equal(neighbour(places, 1, "ArrowLeft"), 0);
  assert.equal(neighbour(places, 0, "ArrowUp"), 2);
  assert.equal(neighbour(places, 0, "x"), null);
  assert.equal(nearest(places, places.x[2]! + 3, places.y[2]!, 14), 2);
  assert.equal(nearest(places, places.x[2]! + 30, places.y[2]!, 14), -1);
});

test("by keys one goes from point to point, and Enter chooses", async () => {
  assert.match(find(".lab-points").getAttribute("aria-label")!, /component 1: 75\.0 % of the variance/);
  await press("ArrowRight");
  assert.match(el.textContent!, /ethane: hydration free energy 1\.00 kcal\/mol/);
  await press("ArrowRight");
  assert.match(el.textContent!, /<b>evil<\/b>: hydration free energy 2\.00/);
  assert.equal(el.querySelectorAll("b").length, 0);
  assert.equal(model.get("selected"), null);
  await press("Enter");
  assert.equal(model.get("selected"), 1);
  assert.equal(model.saves, 1);
  await press("Escape");
  assert.equal(model.get("selected"), null);
});

test("what Python chooses is ringed and named", async () => {
  model.set("selected", 2);
  await settle();
  assert.ok(el.querySelector(".lab-ring"));
  assert.match(el.textContent!, /propane: hydration/);
});

test("atoms are named with their molecule, and groups have a shape and a name each", async () => {
  const atoms = { ...view, level: "atom" as const, atoms: ["C0", "C1", "O2", "C3"], values: floats([0], []) };
  const grouped = { ...atoms, groups: ints([0, 0, 1, 0]), group_names: ["C", "O"], group_numbers: [6, 8] };
  model.set("_view", packed(grouped));
  model.set("selected", 2);
  await settle();
  assert.match(el.textContent!, /O2 of propane/);
  assert.deepEqual([...el.querySelectorAll(".lab-legend li")].map((li) => li.textContent), ["C", "O"]);
  assert.equal(new Set([0, 1, 2, 3, 4].map(markPath)).size, 5);
  const drawn: string[] = [];
  const brush = { arc: () => drawn.push("arc"), moveTo: () => drawn.push("m"), lineTo: () => drawn.push("l"), closePath: () => drawn.push("z") };
  mark(brush, 1, 0, 0);
  assert.equal(drawn.join(""), "mlllz");
});

test("values of both signs are on a scale round zero, others from their least", () => {
  const both = scaleOf({ ...view, values: floats([2], [-5, 2]) }, GREY);
  assert.deepEqual([both.low, both.high], [-5, 5]);
  const one = scaleOf(view, GREY);
  assert.deepEqual([one.low, one.high], [1, 4]);
});

test("a blob that is none is said to be none", async () => {
  model.set("_view", new DataView(new ArrayBuffer(16)));
  await settle();
  assert.match(find("[role=alert]").textContent!, /could not be shown: not a stage blob/);
});
