import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import type { Window } from "happy-dom";
import { FakeModel, page } from "../shared/testing";
import { excerpt } from "./ErrorNote";
import foot from "./foot";
import widget, { type LabTraits } from "./widget";

let window: Window;
let el: HTMLElement;
let model: FakeModel<LabTraits>;
let clean: () => void;

const settle = (ms = 20) => new Promise((done) => setTimeout(done, ms));
const find = <T extends HTMLElement>(selector: string) => el.querySelector<T>(selector)!;

async function type(value: string): Promise<HTMLTextAreaElement> {
  const field = find<HTMLTextAreaElement>("textarea");
  field.value = value;
  field.dispatchEvent(new window.Event("input", { bubbles: true }) as unknown as Event);
  await settle();
  return field;
}

async function enter(field: HTMLElement, more: object = {}): Promise<void> {
  const event = new window.KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true, ...more });
  field.dispatchEvent(event as unknown as Event);
  await settle();
}

beforeEach(async () => {
  window = page();
  el = document.createElement("div");
  document.body.append(el);
  model = new FakeModel<LabTraits>({
    text: "CCO",
    examples: [{ label: "aspirin", text: "CC(=O)Oc1ccccc1C(=O)O" }],
    error: null,
    choices: [
      { name: "edge", label: "edge network × 3", description: "a matrix a bond" },
      { name: "gcn", label: "GCN × 3", description: "" },
    ],
    choice: "edge",
    note: "3 atoms",
    title: "ethanol",
    run: "untrained",
    tab: "molecule",
    room: false,
    answered: 0,
  });
  clean = widget.render({ model, el });
  await settle();
});

afterEach(async () => {
  clean();
  await window.happyDOM.close();
});

test("Enter asks for what was typed; typing alone does not", async () => {
  const field = await type("c1ccccc1");
  assert.equal(model.get("text"), "CCO");
  await enter(field);
  assert.equal(model.get("text"), "c1ccccc1");
  assert.equal(model.saves, 1);
});

test("while Python works the bar says so, until the answer comes", async () => {
  await enter(await type("c1ccccc1"));
  assert.equal(find(".lab-notice").textContent, "reading…");
  assert.equal(find(".lab-bar").getAttribute("aria-busy"), "true");
  model.set("note", "6 atoms");
  model.set("answered", 1);
  await settle();
  assert.equal(find(".lab-notice").textContent, "6 atoms");
  assert.equal(find(".lab-bar").getAttribute("aria-busy"), "false");
});

test("asking for what is shown already does not wait for an answer that never comes", async () => {
  await enter(find("textarea"));
  assert.equal(model.saves, 0);
  assert.equal(find(".lab-notice").textContent, "3 atoms");
});

test("a molblock keeps its lines, and the field grows with them", async () => {
  const block = "\n  drawn\n\n  1  0  0\nM  END";
  const field = await type(block);
  assert.equal(Number(field.rows), 5);
  await enter(field, { shiftKey: true });
  assert.equal(model.get("text"), "CCO");
  await enter(field);
  assert.equal(model.get("text"), block);
});

test("examples and models are chosen with one click", async () => {
  find(".lab-example").dispatchEvent(new window.MouseEvent("click", { bubbles: true }) as unknown as Event);
  await settle();
  assert.equal(model.get("text"), "CC(=O)Oc1ccccc1C(=O)O");
  const select = [...el.querySelectorAll("select")].at(-1)!;
  select.value = "gcn";
  select.dispatchEvent(new window.Event("change", { bubbles: true }) as unknown as Event);
  await settle();
  assert.equal(model.get("choice"), "gcn");
});

test("an error stands beside the field, with the place marked and the way out", async () => {
  await enter(await type("CC(=O"));
  model.set("error", { what: "this bracket is never closed", mend: "Add a ).", text: "CC(=O", position: 2 });
  model.set("answered", 1);
  await settle();
  const alert = find("[role=alert]");
  assert.match(alert.textContent!, /never closed/);
  assert.match(alert.textContent!, /Add a \)\./);
  assert.equal(find("mark").textContent, "(");
  assert.equal(find(".lab-excerpt").textContent!.split("\n")[1], "  ^");
  assert.equal(find("textarea").getAttribute("aria-invalid"), "true");
  assert.equal(find<HTMLTextAreaElement>("textarea").value, "CC(=O");
});

test("an error without a place shows no excerpt, and hostile text stays text", async () => {
  const evil = '<img src=x onerror="alert(1)">';
  model.set("error", { what: evil, mend: "", text: "", position: -1 });
  await settle();
  assert.equal(el.querySelectorAll("img, .lab-excerpt").length, 0);
  assert.equal(find("[role=alert]").textContent, evil);
});

test("keys typed in the field never reach the notebook", async () => {
  let leaked = 0;
  const hear = () => {
    leaked += 1;
  };
  document.addEventListener("keydown", hear);
  for (const key of ["a", "b", "d", "Enter", "Escape"]) {
    find("textarea").dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true }) as unknown as Event);
  }
  document.removeEventListener("keydown", hear);
  assert.equal(leaked, 0);
  assert.equal(find(".lab-bar").dataset.lmSuppressShortcuts, "true");
});

test("excerpts count as Python does, cut long texts, and mark a fault at the very end", () => {
  assert.deepEqual(excerpt("CCO", 3), { before: "CCO", at: " ", after: "" });
  assert.deepEqual(excerpt("😀C\u0000C", 2), { before: "😀C", at: "\uFFFD", after: "C" });
  const long = excerpt("C".repeat(200) + "x" + "C".repeat(200), 200, 20);
  assert.equal(long.at, "x");
  assert.ok(long.before.startsWith("…") && long.after.endsWith("…"));
});

test("a tab brings another part of the lab in sight, and the lab round the bar follows", async () => {
  el.remove();
  const lab = document.createElement("div");
  lab.className = "lab-whole";
  lab.append(el);
  document.body.append(lab);
  const tabs = [...el.querySelectorAll<HTMLElement>(".lab-tab")];
  assert.deepEqual(tabs.map((tab) => tab.textContent), ["Molecule", "Build", "Step"]);
  const [molecule, build, step] = tabs;
  assert.equal(molecule!.getAttribute("aria-pressed"), "true");
  molecule!.click();
  assert.equal(model.saves, 0);
  build!.click();
  await settle();
  assert.equal(model.get("tab"), "build");
  assert.equal(model.saves, 1);
  assert.equal(build!.getAttribute("aria-pressed"), "true");
  assert.equal(lab.dataset.tab, "build");
  assert.ok(!el.querySelector("textarea"));
  step!.click();
  assert.equal(lab.dataset.tab, "step");
});

test("room beside the stage is told once, only where there is some, only at the stage", async () => {
  el.remove();
  const lab = document.createElement("div");
  lab.className = "lab-whole";
  lab.append(el);
  document.body.append(lab);
  let width = 1499;
  Object.defineProperty(lab, "clientWidth", { get: () => width });
  model.set("tab", "step");
  await settle(350);
  assert.equal(model.get("room"), false);
  width = 1500;
  model.set("tab", "build");
  await settle(350);
  assert.equal(model.get("room"), false);
  model.set("tab", "step");
  model.set("note", "4 atoms");
  assert.equal(model.get("room"), false);
  await settle(350);
  assert.equal(model.get("room"), true);
  assert.equal(model.saves, 1);
});

async function pick(select: HTMLSelectElement, value: string): Promise<void> {
  select.value = value;
  select.dispatchEvent(new window.Event("change", { bubbles: true }) as unknown as Event);
  await settle();
}

test("the first line names molecule and run; another molecule is chosen there, or typed", async () => {
  model.set("tab", "step");
  model.set("title", "<b>spirit</b>");
  model.set("run", "trained on FreeSolv · epoch 84");
  await settle();
  const select = find<HTMLSelectElement>("select");
  assert.deepEqual(
    [...select.options].map((o) => o.textContent),
    ["<b>spirit</b>", "aspirin", "another…"],
  );
  assert.equal(find(".lab-run").textContent, "trained on FreeSolv · epoch 84");
  assert.equal(find(".lab-run").classList.contains("lab-untrained"), false);
  await pick(select, "another");
  assert.equal(model.get("tab"), "molecule");
  assert.equal(model.get("text"), "CCO");
  assert.ok(document.activeElement === find("textarea"));
  await pick(select, "0");
  assert.equal(model.get("text"), "CC(=O)Oc1ccccc1C(=O)O");
  assert.equal(select.value, "0");
});

test("? says what the lab can do; in the field it is a letter", async () => {
  const press = async (key: string, on: HTMLElement) => {
    on.dispatchEvent(new window.KeyboardEvent("keydown", { key, bubbles: true }) as unknown as Event);
    await settle();
  };
  const what = find(".lab-what");
  await press("?", find("textarea"));
  assert.ok(!el.querySelector(".lab-about"));
  await press("?", what);
  assert.match(find(".lab-about").textContent!, /lab\.to_code\(\)/);
  assert.equal(what.getAttribute("aria-expanded"), "true");
  await press("Escape", what);
  assert.ok(!el.querySelector(".lab-about"));
});

test("the foot says its parts in one line, as text, and lets go of its model", async () => {
  const line = new FakeModel({ parts: ["predicted <b>1</b>", "CPU"] });
  const below = document.createElement("div");
  document.body.append(below);
  const end = foot.render({ model: line, el: below });
  assert.equal(below.textContent, "predicted <b>1</b> · CPU");
  line.set("parts", ["CPU"]);
  assert.equal(below.textContent, "CPU");
  end();
  assert.equal(line.listeners, 0);
  assert.equal(below.childElementCount, 0);
});
