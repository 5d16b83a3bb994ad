import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticBlob, aceticView, pack } from "./testing";
import { decode } from "./wire";

const MANIFEST = {
  view: { name: "é <b>", nested: [{ a: { $array: 0 } }, { b: { $array: 1 } }], same: { $array: 0 } },
  arrays: [
    { dtype: "float32", shape: [3], offset: 0 },
    { dtype: "uint8", shape: [2, 1], offset: 16 },
  ],
};
const ARRAYS = [new Float32Array([0.5, -1.25, 3]), new Uint8Array([7, 9])];

interface Packed {
  name: string;
  nested: [{ a: { data: Float32Array; shape: number[] } }, { b: { data: Uint8Array; shape: number[] } }];
  same: { data: Float32Array };
}

test("a blob packed by hand comes back with its text and arrays", () => {
  const view = decode(pack(MANIFEST, ARRAYS)) as unknown as Packed;
  assert.equal(view.name, "é <b>");
  assert.deepEqual([...view.nested[0].a.data], [0.5, -1.25, 3]);
  assert.deepEqual(view.nested[1].b.shape, [2, 1]);
  assert.deepEqual([...view.nested[1].b.data], [7, 9]);
  assert.equal(view.same.data.buffer, view.nested[0].a.data.buffer);
});

test("a blob that starts at an odd byte is read all the same", () => {
  const blob = pack(MANIFEST, ARRAYS);
  const shifted = new Uint8Array(blob.length + 3);
  shifted.set(blob, 3);
  const view = decode(new DataView(shifted.buffer, 3)) as unknown as Packed;
  assert.deepEqual([...view.nested[0].a.data], [0.5, -1.25, 3]);
});

test("what is no blob, another version or cut short is refused in words", () => {
  assert.throws(() => decode(new Uint8Array(4)), /not a stage blob/);
  assert.throws(() => decode(new TextEncoder().encode("PK\u0003\u0004 and so on and on")), /not a stage blob/);
  assert.throws(() => decode(pack(MANIFEST, ARRAYS, 99)), /version 99/);
  const blob = pack(MANIFEST, ARRAYS);
  assert.throws(() => decode(blob.slice(0, blob.length - 12)), /cut short/);
  assert.throws(() => decode(blob.slice(0, 40)), /cut short/);
});

test("what Python packs is read: acetic acid's sums hold", () => {
  const view = aceticView();
  assert.equal(view.header.title, "acetic acid");
  assert.deepEqual(view.molecule.atom_labels, ["C0", "C1", "O2", "O3"]);
  const by = new Map(view.quantities.map((q) => [q.name, q]));
  const [message, total] = ["round 1/message", "round 1/aggregate"].map((n) => by.get(n)!.values!);
  const target = view.rounds[0]!.propagations[0]!.target.data;
  const sum = new Float64Array(total!.data.length);
  target.forEach((t, e) => {
    for (let c = 0; c < 4; c++) sum[t * 4 + c]! += message!.data[e * 4 + c]!;
  });
  sum.forEach((v, i) => assert.ok(Math.abs(v - total!.data[i]!) < 1e-6));
  assert.equal(by.get("round 1/h_j")!.values, null);
  assert.equal(aceticBlob().byteLength % 8, 0);
});
