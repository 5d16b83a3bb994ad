import assert from "node:assert/strict";
import { test } from "node:test";
import { num } from "../../shared/format";
import { aceticBlob, aceticView, besideItself, ints } from "../../shared/testing";
import type { AgainstView, StageView } from "../../shared/views";
import { decode } from "../../shared/wire";
import { click, el, find, model, press, settle, text } from "../mounted";
import { differenceOf } from "./difference";
import { ways } from "./link";

const quantity = (view: StageView, name: string) => view.quantities.find((q) => q.name === name)!;
/** The state of C1 after round 2 is moved in two channels, and O2's message into it in round 1. */
const moved = {
  "round 2/state": (values: Float32Array) => {
    values[4]! += 3;
    values[5]! -= 4;
  },
  "round 1/message": (values: Float32Array) => {
    values[3 * 4]! += 0.5;
  },
};
const sides = () => [...el.querySelectorAll<HTMLElement>(".lab-side")].map((s) => s.textContent);
const choose = async (side: string) => click(find(`[data-side="${side}"] input`));

async function beside(blob = besideItself(moved)): Promise<void> {
  model.set("_against", blob);
  await settle();
}

test("differences are the other's numbers less the own", () => {
  const mine = aceticView();
  const other = decode<AgainstView>(besideItself(moved)).view;
  const { view, pair } = differenceOf(mine, other, [0, 1, 2, 3])!;
  const less = quantity(view, "round 2/state").values!;
  assert.deepEqual(less.shape, [4, 4]);
  assert.ok(Math.abs(less.data[4]! - 3) < 1e-6 && Math.abs(less.data[5]! + 4) < 1e-6);
  assert.equal(less.data.filter((v) => v !== 0).length, 2);
  assert.ok(Math.abs(quantity(view, "round 1/message").values!.data[12]! - 0.5) < 1e-6);
  const [own, theirs] = pair(quantity(view, "round 2/state"), 1, 0);
  assert.equal(own, quantity(mine, "round 2/state").values!.data[4]);
  assert.equal(theirs, quantity(other, "round 2/state").values!.data[4]);
  assert.equal(mine.quantities.length, aceticView().quantities.length, "the view itself is left as it was");
});

test("where kinds of bonds meet others, each pair has a row of its own", () => {
  const mine = aceticView();
  const other = aceticView();
  const p = other.rounds[0]!.propagations[0]!;
  // In the other run C1=O2 shares the matrix of the single bonds.
  p.kind = ints([0, 0, 0, 0, 0, 0]);
  const { view } = differenceOf(mine, other, [0, 1, 2, 3])!;
  const q = view.rounds[0]!.propagations[0]!;
  assert.deepEqual(q.matrices!.labels, ["single", "double → single"]);
  assert.deepEqual([...q.matrices!.counts.data], [4, 2]);
  assert.deepEqual([...q.matrices!.bonds.data], [2, 1]);
  assert.deepEqual([...q.kind.data], [0, 0, 1, 1, 0, 0]);
  const table = quantity(mine, "round 1/matrices").values!.data;
  const less = quantity(view, "round 1/matrices").values!;
  assert.deepEqual(less.shape, [2, 4, 4]);
  assert.ok(less.data.subarray(0, 16).every((v) => v === 0));
  assert.deepEqual([...less.data.subarray(16)], [...new Float32Array(16).map((_, k) => table[k]! - table[16 + k]!)]);
});

test("an atom without a counterpart has no difference, and neither has its message", () => {
  const { view } = differenceOf(aceticView(), aceticView(), [0, 1, -1, 3])!;
  const state = quantity(view, "round 1/state").values!.data;
  assert.ok(state.subarray(8, 12).every(Number.isNaN));
  assert.ok(state.subarray(0, 8).every((v) => v === 0));
  const message = quantity(view, "round 1/message").values!.data;
  assert.ok(message.subarray(3 * 4, 4 * 4).every(Number.isNaN), "O2→C1");
  assert.ok(message.subarray(0, 4).every((v) => v === 0));
  assert.equal(differenceOf(aceticView(), aceticView(), [-1, -1, -1, -1]), null);
});

test("states of another width are not subtracted", () => {
  const other = aceticView();
  const q = quantity(other, "round 1/state");
  q.values = { shape: [4, 2], data: q.values!.data.slice(0, 8) };
  assert.equal(differenceOf(aceticView(), other, [0, 1, 2, 3]), null);
});

test("steps and atoms are found in the other run and back", () => {
  const [mine, other] = [aceticView(), aceticView()];
  other.steps = other.steps.filter((s) => s.name !== "edge matrix");
  const [there, back] = ways(mine, other, [3, 2, 1, 0]);
  for (const [s, step] of mine.steps.entries()) {
    const found = other.steps[there.step(s)]!;
    if (step.name !== "edge matrix") assert.deepEqual([found.name, found.round], [step.name, step.round]);
    if (step.name !== "edge matrix") assert.equal(back.step(there.step(s)), s);
  }
  assert.equal(there.atom(0), 3);
  assert.equal(back.atom(1), 2);
  assert.equal(ways(mine, other, [-1, 0])[0].atom(3), null);
});

test("another run is shown beside, in lockstep, and taken away again", async () => {
  assert.equal(el.querySelector(".lab-sides"), null);
  await beside();
  const said = num(aceticView().header.predictions[0]!.value);
  assert.deepEqual(sides(), [`one ${said} kcal/mol`, `two ${said} kcal/mol`, "difference 0 kcal/mol"]);
  await choose("other");
  await press(find(".lab-stage"), ".");
  assert.equal(model.get("step"), 5);
  await click(find('[data-atom="2"]'));
  await settle(60);
  assert.equal(model.get("selected_atom"), 2, "what is chosen in the other run is chosen in this one");
  model.set("_against", null);
  await settle();
  assert.equal(el.querySelector(".lab-sides"), null);
  assert.match(text(".lab-lens h3"), /atom O2/);
});

test("the lens shows the chosen side's numbers, and the two behind a difference", async () => {
  model.set("selected_atom", 1);
  await beside();
  const shown = () => Number(find(".lab-spelled").dataset.value);
  model.set("step", 11);
  await settle();
  await press(find('.lab-strip[data-quantity="round 2/state"]'), "Home");
  const own = shown();
  await choose("other");
  assert.ok(Math.abs(shown() - own - 3) < 1e-6);
  await choose("difference");
  assert.ok(Math.abs(shown() - 3) < 1e-6);
  assert.match(text(".lab-provenance"), /In the other run .*, in this one/);
  assert.match(text(".lab-narration p"), /the state that has moved most is that of C1, by 5\.00/);
});

test("all that is compared is drawn on one scale, a difference on its own where asked", async () => {
  await beside();
  model.set("step", 11);
  await choose("difference");
  const scale = () => text(".lab-ramp-end:last-of-type");
  const both = scale();
  await choose("this");
  assert.equal(scale(), both);
  await choose("difference");
  await click(find(".lab-sides [type=checkbox]"));
  assert.equal(scale(), "5.0");
});

test("what changed: a row for each round, a cell for each atom, which leads there", async () => {
  await beside();
  const rows = [...el.querySelectorAll(".lab-changed tbody tr")].map((r) =>
    [...r.querySelectorAll("td")].map((c) => c.textContent),
  );
  assert.deepEqual(rows, [
    ["·", "·", "·", "·", "0 of 4"],
    ["·", "·", "·", "·", "0 of 4"],
    ["·", "5.0", "·", "·", "1 of 4"],
  ]);
  await click(el.querySelectorAll(".lab-changed tbody tr")[2]!.querySelectorAll("button")[1]!);
  await settle(60);
  assert.equal(model.get("selected_atom"), 1);
  assert.equal(model.get("step"), 11);
  assert.ok(find('[data-side="difference"] input').matches(":checked"));
});

test("a new trace comes with what stands beside it, in either order", async () => {
  await beside();
  for (const names of [["_view", "_against"], ["_against", "_view"]] as const) {
    const fresh = { _view: aceticBlob(), _against: besideItself({}, { title: names[0] }) };
    for (const name of names) model.traits[name] = fresh[name];
    for (const name of names) model.fire(name);
    await settle();
    assert.match(sides()[0]!, new RegExp(names[0]));
  }
});

test("two molecules stand beside each other", async () => {
  const blob = besideItself();
  const bytes = new Uint8Array(blob.buffer.slice(0));
  const other = decode<AgainstView>(bytes);
  const at = other.atoms.data;
  assert.deepEqual([...at], [0, 1, 2, 3]);
  at[3] = -1; // the other's O3 is another atom
  model.set("_against", new DataView(bytes.buffer));
  await settle();
  assert.equal(el.querySelectorAll(".lab-two .lab-molecule").length, 2);
  const second = el.querySelectorAll(".lab-molecule")[1]!;
  await click(second.querySelector('[data-atom="2"]')!);
  await settle(60);
  assert.equal(model.get("selected_atom"), 2);
  await click(second.querySelector('[data-atom="3"]')!);
  await settle(60);
  assert.equal(model.get("selected_atom"), null, "what has no counterpart is chosen there alone");
});

test("a blob that is broken is said", async () => {
  model.set("_against", new DataView(new Uint8Array(20).buffer));
  await settle();
  assert.match(text("[role=alert]"), /not a stage blob/);
});
