import assert from "node:assert/strict";
import { test } from "node:test";
import { h, render } from "preact";
import { aceticBlob, repacked } from "../shared/testing";
import { decode } from "../shared/wire";
import { clean, click, el, find, model, press, settle, text } from "./mounted";
import { Stage } from "./Stage";
import { Store } from "./store";

interface Question {
  kind: string;
  id: number;
  round: number;
  propagation: number;
  edge: number;
}

const BLOCK = '[data-block="jacobian"]';

/** Acetic acid under a layer whose messages have no exact matrix. */
const bare = () =>
  repacked((view) => {
    for (const round of view.rounds) for (const p of round.propagations) p.matrices = null;
  });
const asked = () => model.sent as Question[];
const matrix = (values: number[]) => {
  const padded = new Float32Array([NaN, ...values]);
  return [new DataView(padded.buffer, 4)];
};
const answer = (id: number, more: object = {}) => ({
  kind: "matrix",
  id,
  shape: [2, 3],
  exact: false,
  start: "layer",
  ...more,
});

async function show(): Promise<void> {
  model.set("_view", bare());
  model.set("selected_bond", 1);
  await settle();
}

test("where the matrix is exact nothing is asked", () => {
  assert.equal(el.querySelector(BLOCK), null);
  assert.match(text(".lab-gallery h3"), /exact, one for each kind of bond/);
});

test("a message without an exact matrix: its Jacobian is asked of the kernel, and drawn", async () => {
  await show();
  assert.match(text(BLOCK), /Jacobian ∂m\/∂h.* at this state.*there is no exact matrix/);
  assert.equal(asked().length, 0, "nothing is asked unasked");
  await click(find(`${BLOCK} button`));
  const [question] = asked() as [Question];
  const view = decode(aceticBlob());
  const p = view.rounds[0]!.propagations[0]!;
  assert.deepEqual(Object.keys(question), ["kind", "id", "round", "propagation", "edge"]);
  assert.deepEqual([question.kind, question.round, question.propagation], ["matrix", 0, 0]);
  assert.equal(p.bond.data[question.edge], 1);
  assert.equal(p.target.data[question.edge], model.get("selected_atom") ?? p.target.data[question.edge]);
  assert.match(text(BLOCK), /computes/);
  assert.equal(el.querySelector(`${BLOCK} button`), null);
  model.answer(answer(question.id), matrix([1, 2, 3, 4, 5, -6]));
  await settle();
  assert.equal(find(`${BLOCK} .lab-matrix`).getAttribute("aria-label")?.split(":")[1], " 2 inputs by 3 outputs");
  assert.match(text(BLOCK), /Jacobian ∂m.*at this state.*small changes.*full colour ±6/);
  assert.doesNotMatch(text(BLOCK), /exact/i);
});

test("a message that does not read the neighbour's state has no matrix to ask for", async () => {
  const unread = repacked((view) => {
    for (const round of view.rounds)
      for (const p of round.propagations) {
        p.matrices = null;
        p.reads_sender = false;
      }
  });
  model.set("_view", unread);
  model.set("selected_bond", 1);
  await settle();
  assert.match(text(BLOCK), /No matrix.*does not read h.*no matrix leads from h/);
  assert.equal(el.querySelector(`${BLOCK} button`), null);
  assert.match(text(".lab-gallery"), /the edge's own state: it does not read the neighbour's/);
});

test("what is known is kept for its edge, and asked for once", async () => {
  await show();
  await click(find(`${BLOCK} button`));
  const [first] = asked() as [Question];
  model.answer(answer(first.id), matrix([1, 2, 3, 4, 5, 6]));
  await click(find(".lab-slim"));
  assert.match(text(BLOCK), /no exact matrix/, "the message the other way about is another one");
  await click(find(`${BLOCK} button`));
  const second = asked()[1]!;
  assert.notEqual(second.edge, first.edge);
  model.answer(answer(second.id, { exact: true }), matrix([1, 2, 3, 4, 5, 9]));
  await settle();
  assert.match(text(BLOCK), /Exact matrix.*m = h_?j · W · full colour ±9/);
  await press(find(".lab-stage"), ".");
  assert.equal(el.querySelector(BLOCK), null);
  await press(find(".lab-stage"), ",");
  assert.match(text(BLOCK), /full colour ±9/);
  assert.equal(asked().length, 2);
});

test("the kernel's refusal is said, and one may ask again", async () => {
  await show();
  await click(find(`${BLOCK} button`));
  const evil = "<img src=x> has 4,000,000 numbers";
  model.answer({ kind: "error", id: asked()[0]!.id, what: evil });
  await settle();
  assert.equal(text(`${BLOCK} [role=alert]`), `${evil} `);
  assert.equal(el.querySelectorAll("img").length, 0);
  await click(find(`${BLOCK} button`));
  assert.equal(asked().length, 2);
});

test("answers to nothing, of no shape or too short change nothing or are called no matrix", async () => {
  await show();
  await click(find(`${BLOCK} button`));
  const { id } = asked()[0]!;
  for (const stray of [undefined, null, 3, {}, answer(id + 1), { kind: "error", id: null, what: "?" }])
    model.answer(stray, matrix([1, 2, 3, 4, 5, 6]));
  await settle();
  assert.match(text(BLOCK), /computes/);
  model.answer(answer(id, { shape: [2, 4] }), matrix([1, 2, 3, 4, 5, 6]));
  await settle();
  assert.match(text(BLOCK), /answer is no matrix/);
});

test("an answer about a trace that has left the stage is not shown", async () => {
  await show();
  await click(find(`${BLOCK} button`));
  model.set("_view", bare());
  await settle();
  model.answer(answer(asked()[0]!.id), matrix([1, 2, 3, 4, 5, 6]));
  await settle();
  assert.match(text(BLOCK), /no exact matrix/);
  assert.ok(find(`${BLOCK} button`));
});

test("without a kernel there is a sentence and no button", async () => {
  clean();
  const store = new Store();
  store.show(decode(bare()));
  store.set({ step: 4 });
  render(h(Stage, { store }), el);
  await settle();
  assert.match(text(BLOCK), /computed by the notebook's kernel: this page has none/);
  assert.equal(el.querySelector(`${BLOCK} button`), null);
  render(null, el);
});
