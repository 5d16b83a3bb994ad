import assert from "node:assert/strict";
import { test } from "node:test";
import { click, el, find, model, press, settle, text } from "./mounted";

const ASK = { quantity: "round 1/message", row: 3, prompt: "Which message does O2 send C1?" };

async function ask(asked: object): Promise<void> {
  model.set("_ask", asked as never);
  model.set("selected_bond", 1);
  await settle();
}

test("a message that is asked for is hidden wherever it stood, and its terms are not", async () => {
  await ask(ASK);
  assert.match(text(".lab-ask strong"), /Which message does O2 send C1/);
  assert.equal(el.querySelectorAll('.lab-strip[data-quantity="round 1/message"][data-row="3"]').length, 0);
  assert.ok(el.querySelectorAll(".lab-hidden").length >= 2);
  const spelled = find(".lab-spelled");
  assert.equal(spelled.dataset.row, "3");
  assert.equal(spelled.dataset.value, undefined);
  assert.equal(spelled.dataset.recomputed, undefined);
  assert.equal(text(".lab-provenance"), "");
  assert.ok(spelled.querySelectorAll(".lab-terms li").length > 1, "the class may work it out");
  const row = find('[data-edge-row="3"]').parentElement!.parentElement!;
  assert.doesNotMatch(row.textContent!, /\|m\|/);
});

test("a guess is kept, Enter reveals, and it can be hidden again", async () => {
  await ask(ASK);
  const field = find(".lab-ask input") as HTMLInputElement;
  field.value = "0.3";
  field.dispatchEvent(new (globalThis.Event as typeof Event)("input", { bubbles: true }));
  await press(field, "Enter");
  await settle(60);
  assert.deepEqual([model.get("guess"), model.get("revealed")], ["0.3", true]);
  assert.ok(find(".lab-spelled").dataset.value);
  assert.equal(el.querySelector(".lab-hidden"), null);
  await click(find(".lab-ask button"));
  assert.ok(el.querySelector(".lab-hidden"));
  model.set("revealed", true);
  await settle();
  assert.equal(el.querySelector(".lab-hidden"), null, "Python reveals, too");
  model.set("_ask", {});
  await settle();
  assert.equal(el.querySelector(".lab-ask"), null);
});

test("a prediction that is asked for is not in the header either", async () => {
  await ask({ quantity: "prediction", row: 0, prompt: "How soluble?" });
  assert.equal(el.querySelector("[data-prediction]"), null);
  assert.match(text(".lab-predictions"), /untrained output \?$/);
  model.set("step", 13);
  await settle();
  assert.equal(find(".lab-spelled").dataset.value, undefined);
  assert.equal(el.querySelector(".lab-number"), find(".lab-ask .lab-number"));
});

test("presenting is a trait that goes both ways, and Escape leaves it", async () => {
  model.set("presenting", true);
  await settle();
  assert.ok(find(".lab-stage").classList.contains("lab-presenting"));
  assert.equal(find(".lab-stage").getAttribute("popover"), "manual");
  await press(find(".lab-stage"), "Escape");
  await settle(60);
  assert.equal(model.get("presenting"), false);
  assert.equal(find(".lab-stage").getAttribute("popover"), null);
  await click([...el.querySelectorAll("button")].find((b) => b.textContent === "Present")!);
  await settle(60);
  assert.equal(model.get("presenting"), true);
});
