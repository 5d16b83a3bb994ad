import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticView, chain } from "../shared/testing";
import { along, arrow, beside, loop, neighbourInDirection, nodePlaces, ways, widestGap } from "./geometry";
import { Scene } from "./scene";

test("the two directions of a bond lie on either side of it, on the right of their own", () => {
  const [a, b] = [
    { x: 0, y: 0 },
    { x: 100, y: 0 },
  ];
  const there = along(beside(a, b, 100, 0), 0.5);
  const back = along(beside(b, a, 100, 0), 0.5);
  assert.ok(there.y > 5, "y grows downwards: right of going right is below");
  assert.ok(Math.abs(there.y + back.y) < 1e-9);
  assert.ok(Math.abs(there.x - 50) < 1e-9 && Math.abs(back.x - 50) < 1e-9);
});

test("ways leave room for both atoms and point at the target", () => {
  const way = beside({ x: 0, y: 0 }, { x: 0, y: 80 }, 80, 0);
  assert.ok(way.start.y > 15 && way.end.y < 65);
  const { head } = arrow(way, 4, 80);
  const [, x, y] = head.match(/^M([\d.-]+) ([\d.-]+)/)!;
  assert.ok(Math.abs(Number(x) - way.end.x) < 0.01 && Math.abs(Number(y) - way.end.y) < 0.01);
});

test("an edge that is no bond bends away; a loop leaves and comes back to its atom", () => {
  const straight = along(beside({ x: 0, y: 0 }, { x: 100, y: 0 }, 50, 0), 0.5);
  const bent = along(beside({ x: 0, y: 0 }, { x: 100, y: 0 }, 50, 0.35), 0.5);
  assert.ok(bent.y > straight.y + 3);
  const round = loop({ x: 10, y: 10 }, 0, 50);
  assert.ok(along(round, 0.5).x > 10 + 20);
  for (const p of [round.start, round.end]) assert.ok(Math.hypot(p.x - 10, p.y - 10) < 20);
});

test("a loop leans into the widest gap between the bonds", () => {
  assert.ok(Math.abs(widestGap([0]) - Math.PI) < 1e-9);
  const turned = widestGap([0, Math.PI / 2]);
  assert.ok(Math.abs(Math.cos(turned) - Math.cos((5 * Math.PI) / 4)) < 1e-9);
});

test("every edge has a way, and nodes that are no atom stand beside the molecule", () => {
  const view = chain([]);
  view.node_atoms.data.set([0, 1, -1]);
  const scene = new Scene(view);
  const places = nodePlaces(scene);
  assert.ok(places[2]!.x > view.molecule.width);
  const propagation = view.rounds[0]!.propagations[0]!;
  const found = [...propagation.source.data.keys()].map(ways(propagation, places, 10));
  assert.equal(found.length, 4);
  assert.ok(found.every((w) => Number.isFinite(w.start.x + w.end.y)));
});

test("arrow keys go to the bonded neighbour in that direction, and nowhere past the edge", () => {
  const { molecule } = aceticView();
  // C0 lies lower left of C1, O2 straight above it, O3 lower right.
  assert.equal(neighbourInDirection(molecule, 1, "up"), 2);
  assert.equal(neighbourInDirection(molecule, 1, "left"), 0);
  assert.equal(neighbourInDirection(molecule, 1, "right"), 3);
  assert.equal(neighbourInDirection(molecule, 0, "right"), 1);
  assert.equal(neighbourInDirection(molecule, 0, "left"), null);
});

test("an atom without bonds that way is left for the nearest one in sight", () => {
  const { molecule } = aceticView();
  const apart = { ...molecule, bonds: { shape: [0, 2], data: new Int32Array() }, bond_labels: [] };
  assert.equal(neighbourInDirection(apart, 0, "right"), 1);
  assert.equal(neighbourInDirection(apart, 2, "down"), 1);
});
