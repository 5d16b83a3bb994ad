import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticBlob, repacked } from "../shared/testing";
import { decode } from "../shared/wire";
import { click, el, find, model, press, settle, text } from "./mounted";

test("the first sight: header, timeline, molecule, lens, gallery and a sentence", () => {
  assert.match(text(".lab-header"), /acetic acid.*CC\(=O\)O.*untrained/);
  assert.match(text(".lab-check"), /12 sums recomputed: all agree \(largest difference 3×10⁻⁷\) · 1 not checkable/);
  assert.equal(text(".lab-counter"), "round 1 of 2 · message");
  assert.equal(el.querySelectorAll("[data-atom]").length, 4);
  const edges = (groups: string) =>
    [...el.querySelectorAll<SVGElement>(groups)].flatMap((g) => g.getAttribute("data-edges")!.split(" ").filter(Boolean));
  assert.equal(edges(".lab-arrows").length, 6);
  assert.equal(edges(".lab-arrows.lab-loud").length, 3);
  assert.equal(el.querySelectorAll("[data-kind]").length, 2);
  assert.match(text(".lab-narration [aria-live=polite]"), /C1 hears from 3 neighbours/);
  assert.equal(el.querySelectorAll("[id]").length, 0, "no ids that could clash");
});

test("the atoms' names stand beside them and are not drawn again at a step", async () => {
  const names = [...el.querySelectorAll(".lab-atom-names text")];
  assert.deepEqual(
    names.map((n) => n.textContent),
    ["C0", "C1", "O2", "O3"],
  );
  await press(find(".lab-stage"), ".");
  await click(find('[data-atom="2"]'));
  assert.deepEqual([...el.querySelectorAll(".lab-atom-names text")], names);
});

test("the spelled number carries its value, and says by how much it differs", () => {
  const cell = find(".lab-spelled");
  const view = decode(aceticBlob());
  const held = view.quantities.find((q) => q.name === cell.dataset.quantity)!;
  const at = Number(cell.dataset.row) * 4 + Number(cell.dataset.channel);
  assert.equal(held.name, "round 1/message");
  assert.equal(Number(cell.dataset.value), held.values!.data[at]);
  assert.ok(Math.abs(Number(cell.dataset.recomputed) - Number(cell.dataset.value)) < 1e-6);
  assert.match(text(".lab-provenance"), /model's value is .* differs by/);
});

test("every cell of a message strip holds the model's number", () => {
  const view = decode(aceticBlob());
  const message = view.quantities.find((q) => q.name === "round 1/message")!.values!;
  const strips = [...el.querySelectorAll<HTMLElement>('[data-quantity="round 1/message"][data-values]')];
  assert.ok(strips.length >= 3);
  for (const { dataset } of strips) {
    const row = Number(dataset.row);
    assert.deepEqual(dataset.values!.split(" ").map(Number), [...message.data.subarray(row * 4, row * 4 + 4)]);
  }
});

test("a clicked cell is spelled out and stays while stepping away and back", async () => {
  const strip = find('.lab-linear [aria-label="message C0→C1"], .lab-linear [aria-label^="message"]');
  await press(strip, "End");
  assert.equal(find(".lab-spelled").dataset.channel, "3");
  await press(strip, "ArrowLeft");
  assert.equal(find(".lab-spelled").dataset.channel, "2");
  await press(find(".lab-stage"), ".");
  await press(find(".lab-stage"), ",");
  assert.equal(find(".lab-spelled").dataset.channel, "2");
});

test("keys step, play and jump, and those used never leave the stage", async () => {
  const root = find(".lab-stage");
  assert.equal(root.dataset.lmSuppressShortcuts, "true");
  assert.equal(await press(root, "."), false);
  assert.equal(model.get("step"), 5);
  assert.equal(await press(root, ","), false);
  assert.equal(model.get("step"), 4);
  assert.equal(await press(root, " "), false);
  assert.equal(find(".lab-play").getAttribute("aria-pressed"), "true");
  await press(root, " ");
  assert.equal(find(".lab-play").getAttribute("aria-pressed"), "false");
  assert.equal(await press(find(".lab-timeline"), "End"), false);
  assert.equal(model.get("step"), 13);
  await press(find(".lab-timeline"), "Home");
  assert.equal(model.get("step"), 0);
  await press(find(".lab-timeline"), "ArrowLeft");
  assert.equal(model.get("step"), 0);
  assert.equal(await press(root, "?"), false);
  assert.match(text(".lab-help"), /play or pause/);
});

test("Tab and combinations go on to the page; plain keys end at the stage, used or not", async () => {
  const root = find(".lab-stage");
  assert.equal(await press(root, "Tab"), true);
  for (const key of ["a", "b", "x", "d", "m", "Enter", "ArrowDown"]) {
    assert.equal(await press(root, key), false, `${key} must not reach the notebook`);
  }
  assert.equal(await press(root, ".", { ctrlKey: true }), true);
  assert.equal(await press(root, " ", { metaKey: true }), true);
  assert.equal(model.get("step"), 4);
});

test("on the molecule arrows move to the neighbour, Enter selects, b goes through its bonds", async () => {
  const picture = find(".lab-picture");
  await press(picture, "ArrowUp");
  await press(picture, "ArrowUp");
  assert.match(text(".lab-picture [aria-live]"), /O2/);
  assert.equal(model.get("selected_atom"), 1);
  await press(picture, "Enter");
  assert.equal(model.get("selected_atom"), 2);
  await press(picture, "b");
  assert.deepEqual([model.get("selected_atom"), model.get("selected_bond")], [2, 1]);
  await press(picture, "Escape");
  assert.deepEqual([model.get("selected_atom"), model.get("selected_bond")], [null, null]);
});

test("clicking a bond keeps the atom that is its end, and the swap turns the message round", async () => {
  await click(find('[data-bond="1"]'));
  assert.deepEqual([model.get("selected_atom"), model.get("selected_bond")], [1, 1]);
  assert.match(text(".lab-lens-head"), /bond C1=O2, message into C1/i);
  await click(find(".lab-slim"));
  assert.deepEqual([model.get("selected_atom"), model.get("selected_bond")], [2, 1]);
  assert.match(text(".lab-lens-head"), /message into O2/i);
});

test("a pooling's scores are called scores: over the molecule, in its legend, in lens and gallery", async () => {
  const scored = repacked((view) => {
    for (const round of view.rounds) for (const p of round.propagations) p.scores = true;
  });
  model.set("_view", scored);
  await settle();
  const said = () => ["h3", ".lab-pointed", ".lab-lens", ".lab-gallery"].map(text).join(" ");
  assert.match(text(".lab-pointed"), /^arrow width: (?!\|m\|)/);
  assert.match(said(), /Scores of edges in round 1/);
  assert.match(text(".lab-lens h3"), /one of the largest scores|largest score/);
  assert.doesNotMatch(text(".lab-lens"), /\|m\|/);
  await click(find('[data-bond="1"]'));
  assert.match(text(".lab-lens h3"), /score into/);
});
