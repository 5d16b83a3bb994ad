import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Window } from "happy-dom";
import { FakeModel, page } from "../shared/testing";
import type { BuilderState } from "../shared/views";
import { matching } from "./LayerPicker";
import { short } from "./RoundCard";
import type { Wish } from "./outbox";
import { FORM, details, field, state } from "./testing";
import widget, { type BuilderTraits } from "./widget";

let window: Window;
let el: HTMLElement;
let model: FakeModel<BuilderTraits>;
let clean: () => void;

const settle = (ms = 30) => new Promise((done) => setTimeout(done, ms));
const find = <T extends HTMLElement>(selector: string) => el.querySelector<T>(selector)!;
const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];

function show(next: BuilderState): Promise<unknown> {
  model.set("_state", next);
  return settle();
}

/** Hands over the answer to the last wish. */
function done(): void {
  model.answer({ kind: "done", id: (model.sent.at(-1) as { id: number }).id });
}

function wishes(): Wish[] {
  return model.sent.map((message) => {
    const { id: _, ...wish } = message as Wish & { id: number };
    return wish;
  });
}

async function change(target: HTMLInputElement | HTMLSelectElement, value: string): Promise<void> {
  target.value = value;
  for (const kind of ["input", "change"]) {
    target.dispatchEvent(new window.Event(kind, { bubbles: true }) as unknown as Event);
  }
  await settle();
}

beforeEach(async () => {
  window = page();
  el = document.createElement("div");
  document.body.append(el);
  model = new FakeModel<BuilderTraits>({ _form: FORM, _state: state() });
  clean = widget.render({ model, el });
  await settle();
});

afterEach(async () => {
  clean();
  assert.equal(model.listeners, 0);
  await window.happyDOM.close();
});

test("presets come first; the one in hand is pressed and said in a sentence", async () => {
  assert.deepEqual(all(".lab-preset").map((e) => e.getAttribute("aria-pressed")), ["true"]);
  find(".lab-preset-row .lab-fold").click();
  await settle();
  assert.deepEqual(all(".lab-preset").map((e) => e.getAttribute("aria-pressed")), ["true", "false"]);
  assert.deepEqual(all(".lab-preset-row").map((e) => e.getAttribute("aria-label")), ["a", "b"]);
  assert.equal(find(".lab-preset-words").textContent, "The first of them.");
  find('[data-preset="two"]').click();
  await settle();
  assert.deepEqual(wishes(), [{ kind: "preset", name: "two" }]);
});

test("what it does and costs is said in words", () => {
  const said = find(".lab-summary").textContent!;
  assert.match(said, /Every atom does this\./);
  assert.match(said, /12,345 weights67,890 multiply-adds for aspirin26 messages a round/);
  assert.match(find('[data-round="0"] .lab-price').textContent!, /1,000 weights · 2,000 multiply-adds · 26 messages/);
});

test("every kind of field sends its value", async () => {
  await change(find<HTMLInputElement>('[data-round="0"] [data-field="width"]'), "16");
  done();
  await change(find<HTMLSelectElement>('[data-field="update"]'), "gru");
  done();
  await change(find<HTMLInputElement>('[data-field="head"]'), "32, 8");
  done();
  find('[data-field="hydrogens"]').click();
  await settle();
  done();
  await change(find<HTMLSelectElement>('[data-round="0"] [data-field="aggr"]'), "lstm");
  done();
  await change(find<HTMLInputElement>('[data-round="0"] [data-field="heads"]'), "");
  assert.deepEqual(wishes(), [
    { kind: "set", path: "rounds.0.width", value: 16 },
    { kind: "set", path: "update", value: "gru" },
    { kind: "set", path: "head", value: [32, 8] },
    { kind: "set", path: "hydrogens", value: true },
    { kind: "set", path: "rounds.0.aggr", value: "lstm" },
    { kind: "set", path: "rounds.0.options.heads", value: null },
  ]);
});

test("a field that nobody foresaw appears, whatever its kind", async () => {
  const fresh = [
    field("colour", { kind: "choice", default: "red", choices: ["red", "blue"] }),
    field("fast", { kind: "flag", default: false }),
    field("loud", { kind: "flag", default: null, optional: true }),
    field("depth", { least: 1, most: 5, default: 2 }),
    field("part", { kind: "json", optional: true }),
  ];
  model.set("_form", { ...FORM, network_fields: [...FORM.network_fields, ...fresh] });
  await settle();
  for (const { name, label, description } of fresh) {
    const control = find(`[data-field="${name}"]`);
    assert.equal(control.getAttribute("aria-label"), label);
    assert.ok(control.title.endsWith(description));
  }
  const depth = find<HTMLInputElement>('[data-field="depth"]');
  assert.deepEqual([depth.value, depth.min, depth.max], ["2", "1", "5"]);
  await change(find<HTMLSelectElement>('[data-field="colour"]'), "blue");
  done();
  await change(find<HTMLSelectElement>('[data-field="loud"]'), "no");
  done();
  await change(find<HTMLInputElement>('[data-field="part"]'), '{"a": 1}');
  assert.deepEqual(wishes(), [
    { kind: "set", path: "colour", value: "blue" },
    { kind: "set", path: "loud", value: false },
    { kind: "set", path: "part", value: '{"a": 1}' },
  ]);
});

test("an error stands at its field and is tied to it; the last network's words stay", async () => {
  const fault = { path: "rounds.1.width", what: "8 is wrong", mend: "Take 4." };
  await show(state({ faults: [fault] }));
  const width = find<HTMLInputElement>('[data-round="1"] [data-field="width"]');
  assert.equal(width.getAttribute("aria-invalid"), "true");
  const note = find(`[id="${width.getAttribute("aria-describedby")}"]`);
  assert.equal(note.textContent, "8 is wrong Take 4.");
  assert.equal(all(".lab-wrong").length, 1);
  assert.match(find(".lab-summary").textContent!, /Every atom does this.*Not a network yet/);
  find(".lab-unfit button").click();
  await settle();
  assert.deepEqual(wishes(), [{ kind: "revert" }]);
});

test("rounds are moved, copied, removed and added, and the focus goes along", async () => {
  find('[data-round="0"] [data-tool="up"]').click();
  await settle();
  assert.deepEqual(wishes(), []);
  for (const tool of ["down", "copy", "remove"]) {
    find(`[data-round="0"] [data-tool="${tool}"]`).click();
    await settle();
    done();
  }
  const swapped = state();
  (swapped.spec.rounds as unknown[]).reverse();
  find('[data-round="0"] [data-tool="down"]').click();
  await show(swapped);
  assert.ok(document.activeElement === find('[data-round="1"] [data-tool="down"]'));
  done();
  all(".lab-rounds > .lab-button")[0]!.click();
  await settle();
  assert.deepEqual(wishes(), [
    { kind: "move", round: 0, to: 1 },
    { kind: "copy", round: 0 },
    { kind: "remove", round: 0 },
    { kind: "move", round: 0, to: 1 },
    { kind: "copy", round: 1 },
  ]);
  const full = state();
  (full.spec.rounds as unknown[]).push((full.spec.rounds as unknown[])[0]);
  await show(full);
  assert.equal(find(".lab-rounds > .lab-button").getAttribute("aria-disabled"), "true");
});

test("a value that differs from the other rounds' can be given to all", async () => {
  assert.equal(find('[data-round="0"] .lab-spread').getAttribute("aria-label"), "Round 1: use this aggr for all rounds");
  find('[data-round="0"] .lab-spread').click();
  await settle();
  assert.deepEqual(wishes(), [{ kind: "spread", round: 0, field: "aggr" }]);
});

test("a round like the one before is folded, and says so; any card unfolds", async () => {
  const twins = state();
  twins.spec.rounds = [0, 1].map(() => ({ name: "GCN", width: 8, aggr: null, options: {} }));
  await show(twins);
  const second = find('[data-round="1"]');
  assert.equal(second.querySelector(".lab-short")!.textContent, "same as round 1");
  assert.ok(second.querySelector('[data-field="width"]') === null);
  find('[data-round="1"] .lab-fold').click();
  await settle();
  assert.ok(second.querySelector('[data-field="width"]'));
});

test("the aggregators are the layer's; those that depend on the order are marked", async () => {
  const options = () => all('[data-round="0"] [data-field="aggr"] option').map((o) => o.textContent);
  assert.deepEqual(options(), ["sum (default)", "sum", "lstm (order matters)"]);
  await show(state({ details: { GAT: details("own"), GCN: details("GCN") } }));
  assert.deepEqual(options(), ["the layer's own way"]);
  assert.equal(find<HTMLSelectElement>('[data-round="0"] [data-field="aggr"]').disabled, true);
});

test("layers are searched and chosen with the keyboard; what is not available says why", async () => {
  find('[data-round="0"] .lab-layer').click();
  await settle();
  const box = find<HTMLInputElement>('[role="combobox"]');
  assert.ok(document.activeElement === box);
  const press = async (key: string) => {
    box.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }) as unknown as Event);
    await settle();
  };
  const missing = all('[role="option"]').at(-1)!;
  assert.equal(missing.getAttribute("aria-disabled"), "true");
  assert.equal(missing.textContent, "HANseveral types");
  missing.click();
  assert.deepEqual(wishes(), []);
  await press("ArrowUp");
  assert.match(box.getAttribute("aria-activedescendant")!, /GCN$/);
  await press("ArrowDown");
  await press("ArrowDown");
  assert.match(box.getAttribute("aria-activedescendant")!, /GAT$/);
  await press("ArrowUp");
  await press("Enter");
  assert.deepEqual(wishes(), [{ kind: "set", path: "rounds.0.name", value: "GCN" }]);
  assert.ok(find('[role="combobox"]') === null);
  assert.ok(document.activeElement === find('[data-round="0"] .lab-layer'));
  assert.deepEqual(matching(FORM.layers, "gat bonds").map((l) => l.name), ["GAT"]);
  assert.deepEqual(matching(FORM.layers, "types").map((l) => l.name), ["HAN"]);
});

test("the layer of the very name comes first, and those that cannot be chosen last", async () => {
  const named = (name: string, reason = "") => ({ name, family: name[0]!, formula: "", reads: "", reason });
  const layers = [named("RGATConv"), named("GATConvOld", "gone"), named("GATv2Conv"), named("GATConvX"), named("GATConv")];
  const found = (search: string) => matching(layers, search).map((l) => l.name);
  assert.deepEqual(found("gatconv"), ["GATConv", "GATConvX", "RGATConv", "GATConvOld"]);
  assert.deepEqual(found("GAT"), ["GATv2Conv", "GATConvX", "GATConv", "RGATConv", "GATConvOld"]);
  model.set("_form", { ...FORM, layers });
  await settle();
  find('[data-round="1"] .lab-layer').click();
  await settle();
  const search = find<HTMLInputElement>('[aria-label="Search the layers"]');
  search.value = "GATConv";
  search.dispatchEvent(new window.Event("input", { bubbles: true }) as unknown as Event);
  await settle();
  search.dispatchEvent(new window.KeyboardEvent("keydown", { key: "Enter", bubbles: true }) as unknown as Event);
  await settle();
  assert.deepEqual(wishes().at(-1), { kind: "set", path: "rounds.1.name", value: "GATConv" });
});

test("a folded card says what its words are of", () => {
  const activation = field("activation", { kind: "choice", default: "relu", choices: ["none", "relu"] });
  const form = { ...FORM, layer_fields: [...FORM.layer_fields, activation] };
  const layer = { name: "X", width: 16, aggr: "mean", activation: "none", options: { hidden: 32 } };
  assert.equal(short(form, layer), "16 channels, aggr mean, no activation, hidden 32");
});

test("a list whose words are long has the room of two, and says its word in full", async () => {
  const mode = field("mode", { kind: "choice", default: "additive-self-attention", choices: ["additive-self-attention"] });
  model.set("_form", { ...FORM, network_fields: [mode, field("b", { kind: "choice", default: "x", choices: ["x"] })] });
  await show(state({ details: { GAT: details("own"), GCN: details("GCN") } }));
  assert.equal(find('[data-field="mode"]').title, "additive-self-attention. what mode is");
  const wide = (name: string) => find(`[data-field="${name}"]`).closest("[data-wide]") !== null;
  assert.deepEqual([wide("mode"), wide("b"), wide("aggr")], [true, false, true]);
});

test("hostile text stays text", async () => {
  const evil = '<img src=x onerror="alert(1)">';
  await show(state({ molecule: evil, words: evil, notes: [evil], faults: [{ path: "head", what: evil, mend: evil }] }));
  await show(state({ molecule: evil, words: evil, notes: [evil] }));
  assert.equal(el.querySelectorAll("img").length, 0);
  assert.ok(find(".lab-summary").textContent!.includes(evil));
});

test("every control has a name, and keys never reach the notebook", () => {
  for (const control of all("input, select, button")) {
    assert.ok(control.getAttribute("aria-label") || control.textContent!.trim(), control.outerHTML);
  }
  const labels = all('[data-round="0"] [aria-label]').map((e) => e.getAttribute("aria-label")!);
  assert.ok(labels.includes("Round 1: width"));
  let leaked = 0;
  document.addEventListener("keydown", () => (leaked += 1));
  for (const key of ["a", "Enter", "Escape"]) {
    const event = new window.KeyboardEvent("keydown", { key, bubbles: true });
    find('[data-field="head"]').dispatchEvent(event as unknown as Event);
  }
  assert.equal(leaked, 0);
  assert.equal(find(".lab-builder").dataset.lmSuppressShortcuts, "true");
});

test("a readout's own options stand behind it, with their ranges and faults, where it has any", async () => {
  model.set("_form", { ...FORM, network_fields: [field("readout", { kind: "choice", choices: ["sum", "mem"] })] });
  await settle().then(() => assert.ok(!el.querySelector('[data-field="clusters"]')));
  const readout_options = [field("clusters", { least: 2, most: 128, optional: true })];
  const spec = { ...state().spec, readout_options: { clusters: 3 } };
  await show(state({ spec, readout_options, faults: [{ path: "readout_options.clusters", what: "few", mend: "" }] }));
  const entry = find<HTMLInputElement>('[aria-label="Network"] [aria-label="Readout: clusters"]');
  assert.deepEqual([entry.value, /few/.test(el.textContent!)], ["3", true]);
  await change(entry, "5");
  assert.deepEqual(wishes().at(-1), { kind: "set", path: "readout_options.clusters", value: 5 });
});
