import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticBlob, repacked } from "../shared/testing";
import { clean, click, el, find, model, press, settle, text, window } from "./mounted";
import widget from "./widget";

test("Python moves the stage: step, atom, bond", async () => {
  model.set("step", 5);
  model.set("selected_atom", 3);
  await settle();
  assert.match(text(".lab-counter"), /aggregate/);
  assert.match(text(".lab-lens-head"), /atom O3/i);
  model.set("selected_bond", 2);
  await settle();
  assert.match(text(".lab-lens-head"), /bond C1–O3, message into O3/i);
  assert.deepEqual([model.get("selected_atom"), model.get("selected_bond"), model.get("step")], [3, 2, 5]);
});

test("the channel that colours the atoms goes both ways, and another trace's steps begin without one", async () => {
  const chooser = find(".lab-state select") as HTMLSelectElement;
  chooser.value = "2";
  chooser.dispatchEvent(new window.Event("change", { bubbles: true }) as unknown as Event);
  await settle(60);
  assert.equal(model.get("channel"), 2);
  model.set("channel", 3);
  await settle();
  assert.equal(chooser.value, "3");
  const other = document.createElement("div");
  document.body.append(other);
  const cleanOther = widget.render({ model, el: other });
  await settle();
  assert.equal(other.querySelector<HTMLSelectElement>(".lab-state select")!.value, "3");
  cleanOther();
  model.set("_view", repacked((view) => void view.steps.pop()));
  await settle(60);
  assert.equal(model.get("channel"), null);
});

test("an atom that is no end of the bond: the one set last is shown, and the traits say so", async () => {
  const shown = () => [model.get("selected_atom"), model.get("selected_bond")];
  model.set("selected_atom", 0);
  model.set("selected_bond", 2);
  await settle();
  assert.deepEqual(shown(), [null, 2]);
  assert.match(text(".lab-lens-head"), /bond C1–O3/);
  model.set("selected_atom", 0);
  await settle();
  assert.deepEqual(shown(), [0, null]);
  assert.match(text(".lab-lens-head"), /atom C0/);
  // As a state of both traits arrives.
  Object.assign(model.traits, { selected_atom: 0, selected_bond: 2 });
  for (const name of ["selected_atom", "selected_bond"] as const) model.fire(name);
  await settle();
  assert.deepEqual(shown(), [null, 2]);
});

test("what Python sets past the end is put right, even where nothing moves", async () => {
  model.set("step", 13);
  model.set("selected_atom", null);
  await settle();
  model.set("step", 99);
  model.set("selected_bond", 99);
  assert.deepEqual([model.get("step"), model.get("selected_bond")], [13, null]);
});

test("each key of the list is a piece of its own", async () => {
  await press(find(".lab-stage"), "?");
  const keys = [...el.querySelectorAll(".lab-help kbd")].map((k) => k.textContent);
  assert.deepEqual(keys.slice(0, 5), ["space", ",", ".", "←", "→"]);
  for (const key of keys) assert.doesNotMatch(key!, /\s/);
});

test("scrubbing does not flood the kernel, and the last place wins", async () => {
  model.saves = 0;
  const root = find(".lab-timeline");
  for (let k = 0; k < 40; k++) {
    const key = k % 2 ? "ArrowLeft" : "ArrowRight";
    root.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true }) as unknown as Event);
  }
  root.dispatchEvent(new window.KeyboardEvent("keydown", { key: "End", bubbles: true }) as unknown as Event);
  await settle(200);
  assert.ok(model.saves >= 1 && model.saves <= 3, `${model.saves} saves`);
  assert.equal(model.get("step"), 13);
});

test("the kernel's echo of a step does not undo the next one; a step set from Python counts", async () => {
  const root = find(".lab-stage");
  const forward = () =>
    root.dispatchEvent(new window.KeyboardEvent("keydown", { key: ".", bubbles: true }) as unknown as Event);
  await press(root, ".");
  forward();
  model.set("step", 5);
  assert.equal(model.get("step"), 6);
  await settle(100);
  assert.match(text(".lab-counter"), /update/);
  forward();
  model.set("step", 2);
  await settle(100);
  assert.equal(model.get("step"), 2);
  assert.match(text(".lab-counter"), /gather/);
});

test("a second view of the same widget follows the first", async () => {
  const other = document.createElement("div");
  document.body.append(other);
  const alone = model.listeners;
  const cleanOther = widget.render({ model, el: other });
  await settle();
  await click(find('[data-bond="0"]'));
  assert.match(other.querySelector(".lab-lens-head")!.textContent!, /bond C0–C1/i);
  assert.ok(model.listeners > alone);
  cleanOther();
  assert.equal(model.listeners, alone);
  assert.equal(other.childElementCount, 0);
});

test("a new trace of the same molecule keeps step and selection; a broken one says so", async () => {
  model.set("_view", aceticBlob());
  await settle();
  assert.deepEqual([model.get("step"), model.get("selected_atom")], [4, 1]);
  model.set("_view", new DataView(new ArrayBuffer(16)));
  await settle();
  assert.match(text("[role=alert]"), /could not be shown: not a stage blob/);
  model.set("_view", aceticBlob());
  await settle();
  assert.equal(text(".lab-counter"), "round 1 of 2 · message");
});

test("step and selection that come together with a trace are those of the new one", async () => {
  const begun = new DataView(new ArrayBuffer(16));
  model.set("_view", begun); // a trace that cannot be read: nothing of it may be selected
  await settle();
  // As a state of several traits arrives: all are set, then each says that it changed.
  Object.assign(model.traits, { _view: aceticBlob(), step: 9, selected_atom: 2, selected_bond: 1 });
  for (const name of ["selected_bond", "selected_atom", "step", "_view"] as const) model.fire(name);
  await settle();
  assert.deepEqual([model.get("step"), model.get("selected_atom"), model.get("selected_bond")], [9, 2, 1]);
  assert.match(text(".lab-lens-head"), /bond C1=?.?O2/i);
});

test("names stay text, whatever they hold", async () => {
  const evil = '<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>';
  const blob = repacked((view) => {
    view.header.title = evil;
    view.header.model = evil;
    view.node_labels = view.node_labels.map(() => evil);
    view.molecule.atom_labels[0] = evil;
  });
  model.set("_view", blob);
  await settle();
  assert.equal(text(".lab-title"), evil);
  assert.equal(el.querySelectorAll("img, script").length, 0);
});

test("cleaning up leaves nothing behind", async () => {
  clean();
  assert.equal(model.listeners, 0);
  assert.equal(el.childElementCount, 0);
  model.set("step", 2);
  await settle();
  assert.equal(el.childElementCount, 0);
});
