import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { aceticBlob } from "../shared/testing";
import { fromText, gathered, inflate } from "./unpack";

test("seven bits a character, fourteen in one of two bytes", () => {
  // 0x00 0x0d 0x3c and what follows each: 0000000 1010101, 0001101 0000000, 0111100 0111100.
  const text = String.fromCharCode(0x100 + 0b1010101, 0x180, 0x200 + 0b0111100);
  assert.deepEqual([...fromText(text, 5)], [0b00000001, 0b01010100, 0b01101000, 0b00000111, 0b10001111]);
  assert.deepEqual([...fromText("AB", 1)], [0b10000011]);
  assert.throws(() => fromText("A", 1), /0 of 1 bytes/);
});

test("deflated bytes come back, damaged ones do not", async () => {
  const packed = new Uint8Array(deflateSync(Buffer.from("steps")));
  assert.equal(new TextDecoder().decode(await inflate(packed)), "steps");
  packed[packed.length - 1]! ^= 1;
  await assert.rejects(inflate(packed));
});

test("a blob's bytes go back to their places", () => {
  const blob = new Uint8Array(aceticBlob().buffer);
  const start = 12 + new DataView(blob.buffer).getUint32(8, true);
  const sorted = blob.slice();
  const words = (blob.length - start) / 4;
  for (let k = 0; k < blob.length - start; k++) sorted[start + (k % 4) * words + Math.floor(k / 4)] = blob[start + k]!;
  assert.notDeepEqual(sorted, blob);
  assert.deepEqual(gathered(sorted.buffer), blob);
});
