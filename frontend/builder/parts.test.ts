import assert from "node:assert/strict";
import { test } from "node:test";
import { read, written } from "./Field";
import { perRound } from "./Summary";
import { placed } from "./faults";
import { Outbox, type Wish } from "./outbox";
import { FORM, HEAD, WIDTH, field, state } from "./testing";

test("a fault without a field of its own goes to the nearest around it", () => {
  const at = (path: string) => [...placed(FORM, state({ faults: [{ path, what: "", mend: "" }] })).keys()][0];
  assert.equal(at("rounds.0.options.heads"), "rounds.0.options.heads");
  assert.equal(at("rounds.0.options.other"), "rounds.0");
  assert.equal(at("rounds.1"), "rounds.1");
  assert.equal(at("head.1"), "head");
  assert.equal(at("rounds.7.width"), "");
  assert.equal(at(""), "");
});

test("one wish at a time; a field set twice meanwhile is sent once, with the last value", () => {
  const sent: (Wish & { id: number })[] = [];
  const outbox = new Outbox((message) => sent.push(message as Wish & { id: number }), () => {});
  for (const value of [1, 2, 3]) outbox.ask({ kind: "set", path: "targets", value });
  assert.equal(sent.length, 1);
  outbox.hear({ kind: "done", id: sent[0]!.id + 1 });
  assert.equal(sent.length, 1);
  outbox.hear({ kind: "error", id: sent[0]!.id, what: "no", mend: "do" });
  assert.equal(outbox.refusal, "no. do");
  assert.equal((sent[1] as { value?: unknown }).value, 3);
  outbox.hear({ kind: "done", id: sent[1]!.id });
  assert.deepEqual([outbox.busy, outbox.refusal, sent.length], [false, "", 2]);
});

test("edits that came while one was at work go out together; a preset goes by itself", () => {
  const sent: { kind: string; id: number; wishes?: { kind: string; id: number }[] }[] = [];
  const outbox = new Outbox((message) => sent.push(message as (typeof sent)[0]), () => {});
  for (let n = 0; n < 4; n++) outbox.ask({ kind: "copy", round: 1 });
  outbox.ask({ kind: "preset", name: "one" });
  outbox.ask({ kind: "set", path: "targets", value: 2 });
  for (let n = 0; n < 4; n++) outbox.hear({ kind: "done", id: sent.at(-1)!.id });
  assert.deepEqual(sent.map((message) => message.kind), ["copy", "several", "preset", "set"]);
  const { id, wishes } = sent[1]!;
  assert.deepEqual(wishes, Array(3).fill({ kind: "copy", round: 1, id }));
  assert.equal(outbox.busy, false);
});

test("values are read and written by their kind", () => {
  assert.deepEqual(read(HEAD, " 3,  4 "), [3, 4]);
  assert.deepEqual(read(HEAD, ""), []);
  assert.equal(read(HEAD, "3, x"), "3, x");
  assert.equal(read(WIDTH, ""), null);
  assert.equal(read(WIDTH, "1e3"), 1000);
  assert.equal(read(field("a", { kind: "text" }), " b "), "b");
  assert.equal(written(HEAD, [3, 4]), "3, 4");
  assert.equal(written(WIDTH, null), "");
  assert.equal(written(field("a", { kind: "json" }), { b: 1 }), '{"b":1}');
  assert.equal(perRound([26, 26]), "26");
  assert.equal(perRound([26, 1039]), "26 to 1,039");
});
