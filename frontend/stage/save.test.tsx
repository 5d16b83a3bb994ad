import assert from "node:assert/strict";
import { test } from "node:test";
import { click, el, find, model, press, settle, text } from "./mounted";

const menu = () => el.querySelector(".lab-save .lab-pop");
const buttons = () => [...el.querySelectorAll<HTMLElement>(".lab-save .lab-pop button")];

interface Sent {
  kind: string;
  id: number;
}

async function ask(): Promise<Sent> {
  await click(find(".lab-save button"));
  await click(buttons().at(-1)!);
  return model.sent.at(-1) as Sent;
}

test("one button opens what can be saved; Escape closes it and leaves the selection", async () => {
  assert.equal(menu(), null);
  await click(find(".lab-save button"));
  assert.deepEqual(
    buttons().map((b) => b.textContent),
    ["the molecule as SVG", "the molecule as PNG", "round 1, moving, as GIF", "the whole stage as HTML"],
  );
  await press(buttons()[0]!, "Escape");
  assert.equal(menu(), null);
  assert.equal(model.get("selected_atom"), 1);
});

test("the file is asked of the kernel, where it stands, and its refusal is said", async () => {
  const question = await ask();
  assert.deepEqual(question, { kind: "html", id: question.id, step: 4, atom: 1, bond: null });
  assert.match(text(".lab-save [role=status]"), /being made/);
  model.answer({ kind: "error", id: question.id + 1, what: "of another" });
  await settle();
  assert.match(text(".lab-save [role=status]"), /being made/);
  model.answer({ kind: "error", id: question.id, what: "<b>too large</b>" });
  await settle();
  assert.equal(text(".lab-save [role=status]"), "<b>too large</b>");
});

test("a kernel that is gone is said to be", async () => {
  model.send = () => {
    throw new Error("Cannot send");
  };
  await ask();
  assert.equal(text(".lab-save [role=status]"), "The kernel is gone.");
});

test("Python's wish for a picture is answered under its id, or said to have failed", async () => {
  model.answer({ kind: "picture", id: 7, format: "svg", width: 300 });
  await settle();
  const [answer, buffers] = [model.sent.at(-1) as Sent & { format?: string; what?: string }, model.buffers.at(-1)!];
  assert.deepEqual([answer.kind, answer.id, answer.format], ["picture", 7, "svg"]);
  const svg = answer.what ? "" : new TextDecoder().decode(buffers[0] as Uint8Array);
  assert.match(svg || `<svg what="${answer.what}"`, /^<svg /);
  el.querySelector(".lab-picture svg")!.remove();
  model.answer({ kind: "picture", id: 8, format: "png", width: 300 });
  await settle();
  assert.deepEqual(model.sent.at(-1), { kind: "picture", id: 8, format: "png", what: "nothing is on stage" });
});
