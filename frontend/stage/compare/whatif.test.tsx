import assert from "node:assert/strict";
import { test } from "node:test";
import { besideItself } from "../../shared/testing";
import { click, el, find, model, settle, text } from "../mounted";

interface Question {
  kind: string;
  id: number;
  changes: Record<string, unknown>[];
}

const asked = () => model.sent as Question[];
const pick = async (label: string, value: string) => {
  const select = find(`.lab-what-if select[aria-label="${label}"]`) as HTMLSelectElement;
  select.value = value;
  select.dispatchEvent(new (globalThis.Event as typeof Event)("change", { bubbles: true }));
  await settle();
};
const open = async () => click([...el.querySelectorAll("button")].find((b) => /What if/.test(b.textContent!))!);
const told = (words: string, change: Record<string, unknown>) => ({ words, change });

test("what is asked about is the atom, bond and message in the lens", async () => {
  model.set("selected_bond", 1);
  await settle();
  assert.equal(el.querySelector(".lab-what-if"), null);
  await open();
  await pick("element", "N");
  await pick("charge", "−1");
  await pick("kind of bond", "single");
  await click([...el.querySelectorAll(".lab-what button")].find((b) => b.textContent === "silent")!);
  assert.deepEqual(
    asked().map((q) => [q.kind, q.changes]),
    [
      ["what_if", [{ atom: 1, element: "N" }]],
      ["what_if", [{ atom: 1, charge: -1 }]],
      ["what_if", [{ bond: 1, to: "single" }]],
      ["what_if", [{ round: 1, propagation: 0, edge: 3, times: 0 }]],
    ],
  );
  assert.match(text(".lab-what-if [role=status]"), /runs the model again/);
});

test("changes add up, each can be taken back, and the changed run is shown", async () => {
  await open();
  const first = told("O2 as N", { atom: 2, element: "N" });
  const second = told("C1 with charge +1", { atom: 1, charge: 1 });
  model.set("_against", besideItself({}, { edits: [first, second] }));
  await settle();
  assert.ok(find('[data-side="other"] input').matches(":checked"));
  await pick("element", "S");
  assert.deepEqual(asked().at(-1)!.changes, [first.change, second.change, { atom: 1, element: "S" }]);
  await click(find('[aria-label="Undo: O2 as N"]'));
  assert.deepEqual(asked().at(-1)!.changes, [second.change]);
  await click([...el.querySelectorAll("button")].find((b) => b.textContent === "undo all")!);
  assert.deepEqual(asked().at(-1)!.changes, []);
});

test("one feature by its name takes a value with Enter", async () => {
  await open();
  const select = find('.lab-what-if select[aria-label="feature"]') as HTMLSelectElement;
  select.value = "hydrogens";
  select.dispatchEvent(new (globalThis.Event as typeof Event)("change", { bubbles: true }));
  await settle();
  const field = find('[aria-label="new value of hydrogens"]') as HTMLInputElement;
  field.value = "2.5";
  field.dispatchEvent(new (globalThis.KeyboardEvent as typeof KeyboardEvent)("keydown", { key: "Enter", bubbles: true }));
  await settle();
  assert.deepEqual(asked().at(-1)!.changes, [{ atom: 1, feature: "hydrogens", to: 2.5 }]);
});

test("the kernel's refusal is said as text", async () => {
  await open();
  await pick("element", "N");
  model.answer({ kind: "error", id: asked()[0]!.id, what: "<b>no</b>" });
  await settle();
  assert.equal(text(".lab-what-if [role=status]"), "<b>no</b>");
  assert.equal(el.querySelectorAll(".lab-what-if b").length, 0);
});

test("a message that was scaled says so where it is spelled out", async () => {
  const { spell } = await import("../arithmetic");
  const { Scene } = await import("../scene");
  const { aceticView } = await import("../../shared/testing");
  const view = aceticView();
  const q = view.quantities.find((x) => x.name === "round 1/message")!;
  q.scaled = { 3: 0.5 };
  q.values!.data.subarray(12, 16).forEach((v, k) => (q.values!.data[12 + k] = v / 2));
  const scene = new Scene(view);
  const spelled = spell(scene, q, 3, 0, view.rounds[0]!.propagations[0]!)!;
  assert.ok(Math.abs(spelled.value! - spelled.stored) < 1e-6);
  assert.match(spelled.lines.at(-1)!, /× 0\.500: you asked what if/);
  assert.doesNotMatch(spell(scene, q, 2, 0, view.rounds[0]!.propagations[0]!)!.lines.join(), /asked/);
});
