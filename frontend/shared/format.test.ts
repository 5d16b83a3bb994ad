import assert from "node:assert/strict";
import { test } from "node:test";
import { count, list, num, rough, signed } from "./format";

test("numbers keep three significant digits and a real minus sign", () => {
  assert.equal(num(0.31415), "0.314");
  assert.equal(num(-0.0314159), "−0.0314");
  assert.equal(num(12.345), "12.3");
  assert.equal(num(1234.5), "1235");
  assert.equal(num(-8.7, 4), "−8.700");
  assert.equal(num(0), "0");
  assert.equal(num(-0), "0");
  assert.equal(num(0.00012345), "1.23×10⁻⁴");
  assert.equal(num(-2.5e12), "−2.50×10¹²");
});

test("signs are always said where asked for, and nought has none", () => {
  assert.equal(signed(0.5), "+0.500");
  assert.equal(signed(-0.5), "−0.500");
  assert.equal(signed(0), "0");
});

test("differences are rough", () => {
  assert.equal(rough(2.9e-7), "3×10⁻⁷");
  assert.equal(rough(0), "0");
});

test("words are counted and listed", () => {
  assert.equal(count(1, "bond"), "1 bond");
  assert.equal(count(2, "matrix", "matrices"), "2 matrices");
  assert.equal(list(["a", "b", "c"]), "a, b and c");
  assert.equal(list(["a"]), "a");
});
