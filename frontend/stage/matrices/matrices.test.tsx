import assert from "node:assert/strict";
import { test } from "node:test";
import { h, render } from "preact";
import { num } from "../../shared/format";
import { aceticBlob, aceticView, besideItself, floats, ints, packed, repacked } from "../../shared/testing";
import type { KindsView } from "../../shared/views";
import { decode } from "../../shared/wire";
import { clean, click, el, find, model, press, settle, text } from "../mounted";
import { Scene } from "../scene";
import { Stage } from "../Stage";
import { Store } from "../store";
import { choicesOf, titleOf } from "./choices";
import { counterparts, distance, distances, ofDataset, ofMolecule, sorted, type Kinds } from "./kinds";
import { arranged, placesOf } from "./order";

const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const open = () => click(find('[data-tab="matrices"]'));
const names = () => all(".lab-card h4").map((h) => h.textContent);
const pick = async (label: string, value: string) => {
  const select = all(".lab-bar label").find((l) => l.textContent!.startsWith(label))!.querySelector("select")!;
  select.value = value;
  select.dispatchEvent(new (globalThis.Event as typeof Event)("change", { bubbles: true }));
  await settle();
};
const slider = (name: string) => all('[role="slider"]').find((s) => s.getAttribute("aria-label") === name)!;

/** Two matrices of 2 × 2 over a data set, as Python describes them. */
const view = (scale = 1, more: Partial<KindsView> = {}): KindsView => ({
  round: 0,
  label: "",
  labels: ["single", "triple"],
  molecules: ints([3, 1]),
  bonds: ints([9, 2]),
  examples: [
    { row: 4, bond: 1, words: "C0–C1 of <b>ethane</b>" },
    { row: 7, bond: 0, words: "C0#N1 of hydrogen cyanide" },
  ],
  table: floats([2, 2, 2], [3, 0, 0, 1, 0, 4, 2, 0].map((v, k) => (k < 4 ? v * scale : v))),
  sigma: floats([2, 2], [3 * scale, scale, 4, 2]),
  why: "",
  ...more,
});
const gallery = (more: object = {}) =>
  packed({ title: "Tiny", molecules: 5, bonds: 11, kinds: 2, matrices: [view()], other: [], why: "", ...more });

function kinds(...tables: number[][]): Kinds {
  const made = view(1, { labels: tables.map((_, k) => `k${k}`), table: floats([tables.length, 2, 2], tables.flat()) });
  return ofDataset({ ...made, bonds: ints(tables.map(() => 1)), molecules: ints(tables.map(() => 1)), sigma: floats([tables.length, 2], tables.flatMap(() => [1, 1])) })!;
}

test("distances are relative to the sizes: 0 for equals, the root of two for strangers of one size", () => {
  const { items } = kinds([2, 0, 0, 0], [0, 2, 0, 0], [2, 0, 0, 0], [8, 0, 0, 0], [0, 0, 0, 0]);
  const [a, b, c, d, e] = items as [(typeof items)[0], (typeof items)[0], (typeof items)[0], (typeof items)[0], (typeof items)[0]];
  assert.ok(Math.abs(distance(a, b) - Math.SQRT2) < 1e-12);
  assert.equal(distance(a, c), 0);
  assert.equal(distance(a, d), 6 / 4);
  assert.equal(distance(d, a), 6 / 4);
  assert.equal(distance(a, e), Infinity);
  assert.equal(distance(e, e), 0);
  const { table, nearest } = distances([a, b, c, d]);
  assert.deepEqual(nearest, [2, 0, 0, 0]);
  assert.equal(table[3]![2], 1.5);
  assert.deepEqual(distances([a]).nearest, [-1]);
});

test("kinds are sorted by name, count, largest singular value, and by how far they moved", () => {
  const { items } = ofDataset(view())!;
  const moved = new Map([[items[1]!, 2]]);
  const by = (sort: Parameters<typeof sorted>[1]) => sorted([...items], sort, moved).map((k) => k.label);
  assert.deepEqual(by("name"), ["single", "triple"]);
  assert.deepEqual(by("count"), ["single", "triple"]);
  assert.deepEqual(by("sigma"), ["triple", "single"]);
  assert.deepEqual(by("moved"), ["triple", "single"]);
});

test("channels are ordered by size, and as they weigh in the first singular vector", () => {
  // Rows (1, 0, 0), (0, 0, 5), (0, 4, 3): sizes 1, 5, 5; columns 1, 4, √34.
  const m = Float32Array.from([1, 0, 0, 0, 0, 5, 0, 4, 3]);
  const twice = Float32Array.from([1, 0, 0, 0, 0, 6, 0, 4, 3]);
  assert.deepEqual(placesOf([m], 3, 3, "index"), [[0, 1, 2], [0, 1, 2]]);
  assert.deepEqual(placesOf([twice], 3, 3, "size"), [[1, 2, 0], [2, 1, 0]]);
  // Of one direction u vᵀ the vectors are u and v themselves, whatever their sign.
  const [u, v] = [[0.2, -3, 1], [1, -2, 0.5, 4]];
  const outer = Float32Array.from(u.flatMap((x) => v.map((y) => -x * y)));
  const [rows, columns] = placesOf([outer, outer], 3, 4, "vector");
  assert.deepEqual(rows, [1, 0, 2]);
  assert.deepEqual(columns, [3, 0, 2, 1]);
  assert.deepEqual([...arranged(outer, [rows, columns])].slice(0, 4).map((x) => Math.round(x * 10) / 10), [12, 3, 1.5, -6]);
});

test("another run's kinds are found by name; of several of one name in their order", () => {
  const mine = kinds([1, 0, 0, 0], [2, 0, 0, 0]);
  const other = kinds([1, 1, 0, 0], [2, 1, 0, 0]);
  for (const { items } of [mine, other]) items.forEach((k) => (k.label = "same"));
  assert.deepEqual([...counterparts(mine, other).values()], other.items);
  other.items[0]!.label = "else";
  assert.deepEqual([...counterparts(mine, other).keys()], [mine.items[0]]);
  assert.equal(counterparts(mine, { ...other, rows: 3 }).size, 0);
});

test("rounds that hold the same table are one choice", () => {
  const tied = decode(repacked((view) => {
    view.rounds[1]!.propagations[0]!.matrices = view.rounds[0]!.propagations[0]!.matrices;
  }));
  const titles = (v: typeof tied) => choicesOf(new Scene(v)).map((c) => titleOf(new Scene(v), c));
  assert.deepEqual(titles(tied), ["rounds 1 and 2 (shared)"]);
  assert.deepEqual(titles(aceticView()), ["round 1", "round 2"]);
});

test("the page: every kind of the round with its numbers, and how near they are", async () => {
  await open();
  const scene = new Scene(aceticView());
  const p = scene.view.rounds[0]!.propagations[0]!;
  const { items } = ofMolecule(scene, p)!;
  assert.deepEqual(names(), ["single", "double"]);
  assert.match(text(".lab-card"), /2 bonds, 4 messages · nearest: double/);
  assert.match(text(".lab-card"), new RegExp(`\\|W\\| ${num(items[0]!.size)}`));
  const squares = items[0]!.sigma.reduce((sum, s) => sum + s * s, 0);
  assert.ok(Math.abs(Math.sqrt(squares) - items[0]!.size) < 1e-5, "both are the root of the sum of squares");
  assert.equal(all(".lab-card")[0]!.querySelectorAll(".lab-bars i").length, 4);
  assert.equal(text(".lab-scrolled tbody tr td:last-child"), num(distance(items[0]!, items[1]!), 2));
  await pick("sorted by", "name");
  assert.deepEqual(names(), ["double", "single"]);
});

test("a focused number is named, moved to by arrows, and keeps its channel in another order", async () => {
  await open();
  const scene = new Scene(aceticView());
  const [single] = ofMolecule(scene, scene.view.rounds[0]!.propagations[0])!.items;
  const matrix = () => slider("matrix of single");
  assert.equal(await press(matrix(), "ArrowDown"), false);
  await press(matrix(), "ArrowRight");
  await press(matrix(), "ArrowRight");
  const said = `[1 → 2] = ${num(single!.values[6]!, 4)}`;
  assert.equal(matrix().getAttribute("aria-valuetext"), said);
  assert.equal(matrix().parentElement!.querySelector(".lab-magnifier")!.textContent, said);
  assert.equal(model.get("step"), 4, "the arrows do not step");
  await press(slider("singular values of single"), "End");
  assert.equal(slider("singular values of single").getAttribute("aria-valuetext"), `σ₄ = ${num(single!.sigma[3]!, 4)}`);
  await pick("channels by", "size");
  const [, from, to] = /\[(\d) → (\d)\]/.exec(matrix().getAttribute("aria-valuetext")!)!;
  assert.ok(matrix().getAttribute("aria-valuetext")!.endsWith(num(single!.values[4 * Number(from) + Number(to)]!, 4)));
});

test("another round is another step, and a bond is shown in the lens", async () => {
  await open();
  await pick("matrices of", "1");
  assert.equal(text(".lab-counter"), "round 2 of 2 · message");
  assert.match(text(".lab-part h3"), /of round 2/);
  await click(all(".lab-card .lab-link")[1]!);
  assert.equal(model.get("selected_bond"), 1);
  assert.match(text(".lab-lens-head"), /C1=O2/);
});

test("beside another run: both, their difference, and which moved the most", async () => {
  model.set("_against", besideItself({ "round 1/matrices": (values) => { for (let k = 16; k < 32; k++) values[k]! *= 3; } }));
  await settle();
  await open();
  await pick("sorted by", "moved");
  assert.deepEqual(names(), ["double", "single"]);
  const [double, single] = all(".lab-card");
  assert.deepEqual([...double!.querySelectorAll(".lab-kind-name")].map((s) => s.textContent), ["one", "two", "difference"]);
  // |3W − W| / √(|3W| |W|) = 2 / √3
  assert.match(double!.textContent!, new RegExp(`moved by ${num(2 / Math.sqrt(3))}`));
  assert.match(single!.textContent!, /moved by 0(?![.])/);
});

test("a layer without exact matrices says so, and the Jacobian of a chosen message is asked for", async () => {
  model.set("_view", repacked((view) => view.rounds.forEach((r) => r.propagations.forEach((p) => { p.matrices = null; }))));
  await settle();
  await open();
  assert.match(text(".lab-part"), /not one matrix times the neighbour's state/);
  const select = find('.lab-part select') as unknown as HTMLSelectElement;
  const label = [...select.options].find((o) => o.value === "2")!.textContent!;
  select.value = "2";
  select.dispatchEvent(new (globalThis.Event as typeof Event)("change", { bubbles: true }));
  await settle();
  await click(find('[data-block="jacobian"] button'));
  assert.deepEqual([(model.sent[0] as { round: number }).round, (model.sent[0] as { edge: number }).edge], [0, 2]);
  assert.match(text('[data-block="jacobian"]'), new RegExp(`message ${label}`));
});

test("over a data set: counts, matrices, and an example that is put on stage", async () => {
  model.set("_gallery", gallery());
  await settle();
  await open();
  await pick("bonds of", "dataset");
  assert.deepEqual(names(), ["single", "triple"]);
  assert.match(text(".lab-card"), /9 bonds in 3 molecules · nearest: triple/);
  assert.match(text(".lab-bar"), /Tiny: 5 molecules, 11 bonds, 2 kinds/);
  assert.equal(slider("matrix of triple").getAttribute("aria-valuetext"), "[0 → 0] = 0");
  const example = all(".lab-card .lab-link")[0]!;
  assert.equal(example.textContent, "such as C0–C1 of <b>ethane</b>");
  await click(example);
  const question = model.sent[0] as { id: number };
  assert.deepEqual({ ...question, id: 0 }, { kind: "example", id: 0, row: 4, bond: 1 });
  model.answer({ kind: "error", id: question.id, what: "<i>no</i>" });
  await settle();
  assert.equal(text(".lab-card [role=alert]"), " <i>no</i>");
  await click(all(".lab-card .lab-link")[0]!);
  model.answer({ kind: "example", id: (model.sent[1] as { id: number }).id });
  await settle();
  assert.equal(find('[data-tab="step"]').getAttribute("aria-selected"), "true");
  model.set("_gallery", null);
  await open();
  assert.match(text(".lab-card"), /messages/, "the molecule's are shown again");
});

test("over a data set beside another run, and without a kernel", async () => {
  const other = view(2, { labels: ["single", "quadruple"] });
  const beside = decode<never>(gallery({ other: [other] }));
  const store = new Store();
  store.show(decode(aceticBlob()));
  clean();
  const { showAgainst } = await import("../compare/beside");
  showAgainst(store, decode(besideItself()));
  store.set({ gallery: beside, tab: "matrices", shelf: { over: "dataset", sort: "moved", order: "index" } });
  render(h(Stage, { store }), el);
  await settle();
  assert.match(text(".lab-part"), /Only in “two”: quadruple/);
  // |2W − W| / √(|2W| |W|) = 1 / √2
  assert.match(all(".lab-card")[0]!.textContent!, /single.*moved by 0\.707/);
  assert.match(all(".lab-card")[1]!.textContent!, /triple.*not in “two”/);
  assert.ok((all(".lab-card > .lab-link")[0] as HTMLButtonElement).disabled);
  assert.match(all(".lab-card > .lab-link")[0]!.textContent!, /ethane/);
  render(null, el);
});

test("what a model does not have over a data set is said", async () => {
  model.set("_gallery", gallery({ matrices: [view(1, { labels: [], why: "It depends on more." })] }));
  await settle();
  await open();
  await pick("bonds of", "dataset");
  assert.match(text(".lab-part"), /It depends on more\./);
  assert.equal(el.querySelector('[data-block="jacobian"]'), null);
  model.set("_gallery", new DataView(new Uint8Array(20).buffer));
  await settle();
  assert.match(text("[role=alert]"), /not a stage blob/);
});
