import assert from "node:assert/strict";
import { test } from "node:test";
import { h, render } from "preact";
import { clean, click, el, find, model, press, settle, text } from "../mounted";
import { Stage } from "../Stage";
import { Store } from "../store";
import { aceticView, floats, quantity } from "../../shared/testing";
import type { StageView } from "../../shared/views";
import { channelOrder, gathered, singularVector, statesOf } from "./channels";
import { changed, fields, sceneOf } from "./testing";

const PART = (name: string) => `[data-part="${name}"]`;
const cells = (part: string, row: number) =>
  [...el.querySelectorAll(`${PART(part)} .lab-numbers tbody tr`)][row]!.textContent;

async function open(): Promise<void> {
  await click(find('[data-tab="run"]'));
  await settle(200);
}

/** The stage over a view, without a kernel. */
async function alone(change: (view: StageView) => void): Promise<Store> {
  clean();
  const store = new Store();
  store.show(changed(change));
  store.set({ tab: "run", selection: { atom: 1, bond: null, pin: null } });
  render(h(Stage, { store }), el);
  await settle(60);
  return store;
}

test("states by round: a table for each, a number at each cell by key, Enter selects the atom", async () => {
  await open();
  const tables = [...el.querySelectorAll<HTMLElement>(`${PART("states")} [role=slider]`)];
  assert.deepEqual(
    tables.map((t) => t.getAttribute("aria-label")),
    ["Input", "Round 1", "Round 2"].map((t) => `${t}: states of 4 atoms, 4 channels each`),
  );
  const view = aceticView();
  const state = view.quantities.find((q) => q.name === "round 2/state")!.values!.data;
  const last = tables[2]!;
  assert.equal(await press(last, "Home"), false);
  await press(last, "ArrowRight");
  await press(last, "ArrowDown");
  const said = last.getAttribute("aria-valuetext")!;
  assert.match(said, /^O2, channel 1: /);
  const value = Number(said.split(": ")[1]!.replace("−", "-"));
  assert.ok(Math.abs(value - state[2 * 4 + 1]!) < 1e-3 * Math.abs(state[2 * 4 + 1]!));
  assert.match(text(PART("states")), /O2, channel 1: /);
  await press(last, "Enter");
  assert.equal(model.get("selected_atom"), 2);
});

test("channels by size and by singular vector", () => {
  const scene = sceneOf();
  const shown = statesOf(scene);
  assert.deepEqual(shown.map((s) => s.title), ["Input", "Round 1", "Round 2"]);
  assert.deepEqual(channelOrder(scene, shown, 4, "index"), [0, 1, 2, 3]);
  const sizes = [0, 1, 2, 3].map((c) =>
    shown.reduce((sum, s) => sum + s.nodes.reduce((a, n) => a + s.quantity.values!.data[n * 4 + c]! ** 2, 0), 0),
  );
  const bySize = channelOrder(scene, shown, 4, "size");
  assert.deepEqual(bySize.map((c) => sizes[c]!), [...sizes].sort((a, b) => b - a));
  const first = shown[1]!;
  const moved = gathered(scene, first.quantity, [2, 0], bySize);
  assert.equal(moved[0], first.quantity.values!.data[8 + bySize[0]!]);
  assert.equal(moved[4], first.quantity.values!.data[bySize[0]!]);
});

test("the singular vector is that of the largest singular value", () => {
  const rows = [[3, 0, 4], [6, 0, 8.5], [0, 1, 0]].map((r) => new Float32Array(r));
  const v = singularVector(rows, 3);
  const length = Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  assert.ok(Math.abs(length - 1) < 1e-6);
  // An eigenvector of the Gram matrix, and of its largest eigenvalue: longer than any row.
  const image = [0, 1, 2].map((c) => rows.reduce((sum, r) => sum + r[c]! * r.reduce((a, x, k) => a + x * v[k]!, 0), 0));
  const value = image[2]! / v[2]!;
  for (const c of [0, 2]) assert.ok(Math.abs(image[c]! - value * v[c]!) < 1e-4 * value);
  assert.ok(value > 6 * 6 + 8.5 * 8.5);
  assert.ok(v[2]! > v[0]! && v[0]! > 0);
});

test("what reaches an atom is asked of the kernel when the page is opened, once for each atom", async () => {
  assert.equal(model.sent.length, 0, "nothing is asked on the first page");
  await open();
  const [question] = model.sent as { kind: string; id: number; atom: number }[];
  assert.deepEqual(Object.keys(question!), ["kind", "id", "atom"]);
  assert.deepEqual([question!.kind, question!.atom], ["receptive", 1]);
  assert.match(text(PART("receptive")), /takes the derivatives/);
  const norms = new Float32Array([0, 2, 0, 0, 0.5, 1.25, 0.25, 0, 0.4, 1, 0.2, 0.1]);
  const reply = { kind: "receptive", id: question!.id, shape: [3, 4], heard: [1, 0, 1, 2], distance: [1, 0, 1, 1] };
  model.answer(reply, [new DataView(norms.buffer)]);
  await settle();
  assert.equal(cells("receptive", 1), "C12.001.251.000itself");
  assert.equal(cells("receptive", 3), "O3000.1001round 2");
  assert.match(text(PART("receptive")), /1 \(3 atoms\)0 of 32 of 33 of 3/);
  model.set("selected_atom", 3);
  await settle(200);
  model.set("selected_atom", 1);
  await settle(200);
  assert.deepEqual((model.sent as { atom: number }[]).map((q) => q.atom), [1, 3]);
  assert.equal(cells("receptive", 1), "C12.001.251.000itself");
});

test("an answer of another shape, and the kernel's refusal, are said, and one may ask again", async () => {
  await open();
  const sent = model.sent as { id: number }[];
  model.answer({ kind: "receptive", id: sent[0]!.id, shape: [2, 4], heard: [], distance: [] }, []);
  await settle();
  assert.match(text(`${PART("receptive")} [role=alert]`), /no receptive field/);
  await click(find(`${PART("receptive")} .lab-slim`));
  model.answer({ kind: "error", id: sent[1]!.id, what: "<img> too many" });
  await settle();
  assert.match(text(`${PART("receptive")} [role=alert]`), /<img> too many/);
  assert.equal(el.querySelectorAll("img").length, 0);
});

test("fields sent along are shown without a kernel; others are said to be the kernel's", async () => {
  const store = await alone((view) => {
    view.run.receptive = fields();
  });
  assert.equal(cells("receptive", 0), "C000.5000.4001round 1");
  store.select({ atom: 2 });
  await settle();
  assert.match(text(PART("receptive")), /computed by the notebook's kernel: this page has none/);
  render(null, el);
});

test("smoothing: numbers by key, and a gap where there is none", async () => {
  await alone((view) => {
    view.run.smoothing = { ...view.run.smoothing!, energy: [3, 0.5, 0.25], distance: [0.5, null, 0.125], without: [0, 6, 0] };
  });
  const [energy, distance] = [...el.querySelectorAll<HTMLElement>(`${PART("smoothing")} [role=slider]`)];
  assert.match(energy!.getAttribute("aria-valuetext")!, /^Round 2: 0\.2500, .* % of Σ\|h\|²/);
  await press(energy!, "Home");
  assert.match(energy!.getAttribute("aria-valuetext")!, /^Input: 3\.000/);
  await press(distance!, "ArrowLeft");
  assert.match(distance!.getAttribute("aria-valuetext")!, /no two states have a direction; 6 pairs/);
  assert.equal(distance!.querySelectorAll("circle").length, 2);
  assert.equal(distance!.querySelector(".lab-curve")!.getAttribute("d")!.match(/M/g)!.length, 2);
  render(null, el);
});

test("readout shares: a column for each step, on the molecule and in the table; or the reason", async () => {
  await open();
  assert.match(text(PART("attention")), /no attention: every atom counts alike/);
  await alone((view) => {
    const shares = [[0.1, 0.2, 0.3, 0.4], [0.7, 0.1, 0.1, 0.1]];
    const own = shares.map((s, k) => quantity(`readout/a${k + 1}`, { axes: [], op: "softmax_nodes", values: floats([4], s) }));
    view.quantities.push(...own);
    view.run.attention = { quantities: own.map((q) => q.name), summed: true, note: "" };
  });
  assert.equal(cells("attention", 0), "C00.1000.700");
  const titles = () => [...el.querySelectorAll(`${PART("attention")} title`)].map((t) => t.textContent);
  assert.equal(titles()[0], "C0: 0.7000");
  await click([...el.querySelectorAll(`${PART("attention")} thead button`)][0]!);
  assert.equal(titles()[0], "C0: 0.1000");
  render(null, el);
});

test("colours: numbers for each atom and round, and whether states of one colour are equal", async () => {
  await open();
  assert.equal(cells("colours", 2), "O2222");
  assert.match(text(PART("colours")), /one colour have equal states in every round, to the last digit/);
});

test("where round states are of something else than atoms, the page says what it lacks", async () => {
  await alone((view) => {
    Object.assign(view.run, { titles: [], smoothing: null, colours: null, note: "Round 1 leaves one state for each edge" });
  });
  for (const part of ["receptive", "smoothing", "colours"]) assert.match(text(PART(part)), /one state for each edge/);
  render(null, el);
});
