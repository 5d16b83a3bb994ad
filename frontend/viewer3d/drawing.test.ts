import assert from "node:assert/strict";
import { test } from "node:test";
import type { Colours } from "../shared/views";
import { Drawing, hidable } from "./drawing";
import { FakeEngine, methanol, PAINT, shown, type Note } from "./fake";
import { replay, type Call } from "./replay";
import { targetsOf } from "./targets";

const solid = methanol();
const call = (method: string, ...args: unknown[]): Call => ({ on: null, method, args });
const colours = (values: (number | null)[], more: Partial<Colours> = {}): Colours => ({
  values,
  limit: 2,
  signed: false,
  words: "size of the state",
  channels: [],
  ...more,
});
const names = (notes: Note[]) => notes.map(([name]) => name);
/** Colours of the balls that show numbers, by the atom's place. */
const balls = (notes: Note[]) =>
  notes
    .filter(([name, , , add]) => name === "model.setStyle" && add === true)
    .map(([, where, style]) => [(where as any).index[0], (style as any).sphere.color]);

function drawn(more = {}) {
  const engine = new FakeEngine();
  const drawing = new Drawing(engine.viewer);
  const first = shown({ solid, ...more });
  drawing.show(first);
  return { engine, drawing, first };
}

test("the molecule is made of its atoms and bonds, then styled, brought in sight and rendered once", () => {
  const { engine } = drawn();
  const notes = engine.take();
  const atoms = notes.find(([n]) => n === "model.addAtoms")![1] as any[];
  assert.deepEqual(atoms.map((a) => a.elem).join(""), "COHHHH");
  assert.deepEqual([atoms[0].bonds, atoms[1].bonds, atoms[5].bonds], [[1, 2, 3, 4], [0, 5], [1]]);
  assert.equal(names(notes).filter((n) => n === "render").length, 1);
  assert.ok(names(notes).indexOf("zoomTo") > names(notes).indexOf("model.setStyle"));
  assert.deepEqual(notes.find(([n]) => n === "setBackgroundColor"), ["setBackgroundColor", "#ffffff", 1]);
});

test("numbers are shown on the stage's scale; where there is none, no ball", () => {
  const { engine, drawing, first } = drawn({ colours: colours([1, null]) });
  assert.deepEqual(balls(engine.take()), [[0, "#808080"]]);
  drawing.show({ ...first, colours: colours([2, null]) });
  const notes = engine.take();
  assert.deepEqual(balls(notes), [[0, "#000000"]]);
  assert.deepEqual(names(notes), ["model.setStyle", "render"]); // no more than has changed
  drawing.show({ ...first, colours: colours([-2, 2], { signed: true }) });
  assert.deepEqual(balls(engine.take()), [
    [0, "#0000ff"],
    [1, "#ff0000"],
  ]);
});

test("an atom that has no number any more loses its ball", () => {
  const { engine, drawing, first } = drawn({ colours: colours([1, 1]) });
  engine.take();
  drawing.show({ ...first, colours: null });
  const restyled = engine.take("model.setStyle");
  assert.deepEqual(restyled.flatMap(([, where]) => (where as any).index).sort(), [0, 1, 2, 3, 4, 5]);
  assert.equal(balls(restyled).length, 0);
});

test("what is selected has a ring and a name, and only it is drawn anew", () => {
  const { engine, drawing, first } = drawn();
  engine.take();
  drawing.show({ ...first, atom: 1 });
  const notes = engine.take();
  assert.deepEqual(names(notes), ["addCurve", "addCurve", "addCurve", "addLabel", "render"]);
  for (const { x, y, z } of (notes[1]![1] as any).points) {
    assert.ok(Math.abs(Math.hypot(x - 1.4, y, z) - 0.58) < 1e-6); // round the oxygen
  }
  assert.equal(notes[3]![1], "O1");
  drawing.show({ ...first, bond: 0 });
  const then = engine.take();
  const taken = ["removeShape", "removeShape", "removeShape", "removeLabel"];
  assert.deepEqual(names(then), [...taken, "addCurve", "addCurve", "addCurve", "addLabel", "render"]);
  assert.equal(then.at(-2)![1], "C0–O1");
});

test("hydrogens go out of sight, those of hydrogen itself never do", () => {
  const { engine } = drawn({ hydrogens: false });
  assert.deepEqual(engine.take("model.setStyle").at(-1), ["model.setStyle", { index: [2, 3, 4, 5] }, {}]);
  const h2 = methanol({
    elements: ["H", "H"],
    bonds: { shape: [1, 2], data: new Int32Array([0, 1]) },
    orders: { shape: [1], data: new Int32Array([1]) },
  });
  assert.equal(hidable(h2).size, 0);
});

test("calls that come later are made alone; the scene is drawn anew where they do not go on", () => {
  const one = call("addLabel", "a", {});
  const { engine, drawing, first } = drawn({ calls: [one] });
  engine.take();
  drawing.show({ ...first, calls: [structuredClone(one), call("addBox", {})] });
  assert.deepEqual(names(engine.take()), ["addBox", "render"]);
  drawing.show({ ...first, calls: [call("addBox", {})] });
  const anew = names(engine.take());
  assert.ok(anew.includes("clear") && !anew.includes("addLabel") && !anew.includes("setView"));
});

test("another theme draws all anew and keeps what is in sight", () => {
  const { engine, drawing, first } = drawn({ calls: [call("zoomTo", {})] });
  engine.take();
  drawing.show({ ...first, paint: { ...PAINT, background: "#111111", key: "dark" } });
  const notes = engine.take();
  assert.deepEqual(notes.find(([n]) => n === "setView"), ["setView", ["sight"]]);
  assert.deepEqual(notes.find(([n]) => n === "setBackgroundColor"), ["setBackgroundColor", "#111111", 1]);
});

test("styles of the scene's stay over ours when another is chosen", () => {
  const { engine, drawing, first } = drawn({ calls: [call("setStyle", { elem: "O" }, { sphere: {} })] });
  engine.take();
  drawing.show({ ...first, style: "lines" });
  const order = names(engine.take());
  assert.ok(order.lastIndexOf("setStyle") > order.indexOf("model.setStyle"));
});

test("a call that fails is said, and the others are made", () => {
  const engine = new FakeEngine();
  engine.failing.add("addSurface");
  const faults = replay(engine.viewer, [call("addSurface", "VDW"), call("nonsense"), call("zoom", 2)], false);
  assert.deepEqual(names(engine.take()), ["zoom"]);
  assert.match(faults[0]!, /^addSurface\(…\) could not be done: no such thing/);
  assert.match(faults[1]!, /^nonsense\(…\) could not be done/);
});

test("where motion is unwanted nothing spins and what moves jumps", () => {
  const engine = new FakeEngine();
  replay(engine.viewer, [call("spin", "y"), call("zoomTo", {}, 900), call("rotate", 90, "y", 500)], true);
  assert.deepEqual(engine.take(), [
    ["zoomTo", {}, 0],
    ["rotate", 90, "y", 0],
  ]);
});

test("atoms and bonds of the molecule can be clicked, hydrogens it only counts cannot", () => {
  const all = targetsOf(solid, () => true);
  assert.deepEqual(all.map((t) => `${t.what} ${t.number}`), ["atom 0", "atom 1", "bond 0"]);
  const [from, to] = [all[2]!.from[0], all[2]!.to[0]];
  assert.ok(from > 0.2 && to < 1.2 && from < to); // its ends are the atoms'
  assert.deepEqual(targetsOf(solid, (a) => a !== 1).map((t) => t.what), ["atom"]);
});
