import assert from "node:assert/strict";
import { test } from "node:test";
import { diverging, largest, parseHex, position, sequential, type Palette, type Rgb } from "./colour";

const stops = ["#1a5ea8", "#8db2dc", "#fbfaf8", "#e4bb91", "#b4540a"].map(parseHex);
const palette: Palette = {
  diverging: stops,
  sequential: [
    [0, 0, 0],
    [100, 100, 100],
    [200, 200, 200],
  ],
  key: "",
};
const mirrored: Palette = { ...palette, diverging: stops.toReversed() };

test("the scale is symmetric round zero", () => {
  assert.deepEqual(diverging(palette, 0, 2), stops[2]);
  assert.deepEqual(diverging(palette, 2, 2), stops[4]);
  assert.deepEqual(diverging(palette, -2, 2), stops[0]);
  for (const v of [0.1, 0.77, 1.3, 5]) {
    assert.equal(position(v, 2), -position(-v, 2));
    assert.deepEqual(diverging(palette, v, 2), diverging(mirrored, -v, 2));
  }
});

test("values past the end take its colour; a scale of no width is all zero", () => {
  assert.deepEqual(diverging(palette, 9, 2), stops[4]);
  assert.deepEqual(diverging(palette, 0, 0), stops[2]);
  assert.deepEqual(sequential(palette, 1, 2), [100, 100, 100] as Rgb);
  assert.deepEqual(sequential(palette, -1, 2), [0, 0, 0] as Rgb);
});

test("a colour that is none is grey, and the limit is the largest size", () => {
  assert.deepEqual(parseHex("url(x)"), [128, 128, 128]);
  assert.equal(largest([0.5, -3, 2]), 3);
});
