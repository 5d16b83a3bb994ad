import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeGif, lzw } from "./gif";

/** As the GIF specification reads codes. */
function unpacked(data: Uint8Array): number[] {
  const out: number[] = [];
  let [at, size] = [0, 9];
  let table: number[][] = [];
  let before: number[] | null = null;
  const next = () => {
    let code = 0;
    for (let bit = 0; bit < size; bit++, at++) code |= ((data[at >> 3]! >> (at & 7)) & 1) << bit;
    return code;
  };
  for (;;) {
    const code = next();
    if (code === 257) return out;
    if (code === 256) {
      table = Array.from({ length: 258 }, (_, k) => [k]);
      [size, before] = [9, null];
      continue;
    }
    const found: number[] = table[code] ?? [...before!, before![0]!];
    out.push(...found);
    if (before && table.length < 4096) table.push([...before, found[0]!]);
    if (table.length === 1 << size && size < 12) size++;
    before = found;
  }
}

test("pixels come back from their codes: runs, patterns, noise past a full table", () => {
  let seed = 1;
  const noise = () => (seed = (seed * 16807) % 2147483647) % 256;
  const cases = [[7], Array(5000).fill(0), Array.from({ length: 9000 }, (_, k) => k % 7), Array.from({ length: 40000 }, noise)];
  for (const pixels of cases) assert.deepEqual(unpacked(lzw(Uint8Array.from(pixels))), pixels);
});

test("each frame holds what has changed, and how long it stays", () => {
  const solid = (...at: number[]) => {
    const pixels = new Uint8ClampedArray(4 * 6).fill(255);
    for (const k of at) pixels.set([200, 0, 0, 255], 4 * k);
    return pixels;
  };
  const gif = encodeGif(3, 2, [
    { pixels: solid(), ms: 1400 },
    { pixels: solid(4), ms: 80 },
    { pixels: solid(4), ms: 80 },
  ]);
  const text = Buffer.from(gif).toString("latin1");
  assert.equal(text.slice(0, 6), "GIF89a");
  assert.deepEqual([...gif.slice(6, 10)], [3, 0, 2, 0]);
  const colours = [...gif.slice(13, 19)];
  assert.deepEqual(colours, [255, 255, 255, 200, 0, 0]);
  const frames = [...text.matchAll(/!\xf9\x04\x05(..)\xff\0,(.{8})\0\x08/gs)].map(([, ms, box]) => [
    ms!.charCodeAt(0) + 256 * ms!.charCodeAt(1),
    ...[0, 2, 4, 6].map((k) => box!.charCodeAt(k)),
  ]);
  assert.deepEqual(frames, [
    [140, 0, 0, 3, 2],
    [8, 1, 1, 1, 1],
    [8, 0, 0, 1, 1],
  ]);
  assert.equal(gif.at(-1), 0x3b);
});
