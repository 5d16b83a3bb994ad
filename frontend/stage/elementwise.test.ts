import assert from "node:assert/strict";
import { test } from "node:test";
import type { Quantity } from "../shared/views";
import { chain, floats, quantity } from "../shared/testing";
import { spell } from "./arithmetic";
import { Scene } from "./scene";

const node = (name: string, data: number[]) => quantity(name, { values: floats([3, data.length / 3], data) });

function made(op: Quantity["op"], args: Quantity[], row: number, channel: number) {
  const q = quantity("q", { op, args: args.map((a) => a.name), values: floats([3, 2], [0, 0, 0, 0, 0, 0]) });
  return spell(new Scene(chain([...args, q])), q, row, channel, null)!;
}

test("a softmax over channels is the share of one of them", () => {
  const s = made("softmax_channels", [node("x", [1, 3, 0, 0, 70, 71])], 0, 1);
  assert.ok(Math.abs(s.value! - 1 / (1 + Math.exp(-2))) < 1e-12);
  const far = made("softmax_channels", [node("x", [0, 0, 0, 0, 70, 71])], 2, 0);
  assert.ok(Math.abs(far.value! - 1 / (1 + Math.E)) < 1e-12);
});

test("of several numbers the largest is taken and marked", () => {
  const s = made("maximum", [node("x", [1, 5, 0, 0, 0, 0]), node("y", [2, 4, 0, 0, 0, 0])], 0, 1);
  assert.equal(s.value, 5);
  assert.equal(s.picked, "largest");
  assert.deepEqual(
    s.terms.map((t) => t.mark),
    [true, false],
  );
});
