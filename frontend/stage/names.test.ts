import assert from "node:assert/strict";
import { test } from "node:test";
import { aceticView } from "../shared/testing";
import { atomPlace, nodePlaces, ways, along } from "./geometry";
import { placeNames, sizes, withNeighbours } from "./names";
import { Scene } from "./scene";

const scene = new Scene(aceticView());
const { molecule } = scene.view;
const unit = molecule.bond_length;

test("every atom is named beside its disc, clear of bonds, arrows and of one another", () => {
  const places = nodePlaces(scene);
  const size = 0.24 * unit;
  const names = placeNames(scene, places, [0, 1, 2, 3], size);
  assert.deepEqual(
    names.map((n) => n.text),
    molecule.atom_labels,
  );
  const propagation = scene.view.rounds[0]!.propagations[0]!;
  const found = [...propagation.source.data.keys()].map(ways(propagation, places, unit));
  const taken = found.flatMap((w) =>
    [0.1, 0.3, 0.5, 0.7, 0.9].map((t) => along(w, t)),
  );
  for (const { atom, x, y } of names) {
    const away = places.map((p) => Math.hypot(p.x - x, p.y - y));
    assert.equal(away.indexOf(Math.min(...away)), atom, "nearest to its own atom");
    assert.ok(away[atom]! > 0.3 * unit && away[atom]! < 0.75 * unit);
    for (const p of taken) assert.ok(Math.hypot(p.x - x, p.y - y) > 0.15 * unit, `${atom}`);
  }
});

test("a letter drawn at an atom is not written over", () => {
  const own = atomPlace(molecule, 2);
  // The way that leads straight away from the only bond of O2 is taken by a letter.
  const letter = `M ${own.x - 8} ${own.y - 40} L ${own.x + 8} ${own.y - 20} L ${own.x} ${own.y - 30} Z`;
  const path = { d: letter, fill: true, width: 0, element: 8, atom: 2, bond: -1 };
  const view = { ...scene.view, molecule: { ...molecule, paths: [...molecule.paths, path] } };
  const [free] = placeNames(scene, nodePlaces(scene), [2], 16);
  const [name] = placeNames(new Scene(view), nodePlaces(scene), [2], 16);
  assert.ok(Math.abs(free!.x - own.x) < 5 && free!.y < own.y);
  assert.ok(Math.abs(name!.x - own.x) > 15);
});

test("names too small to be read all at once are left for those round one atom", () => {
  const small = sizes(8 * unit, 6 * unit, unit).all!;
  assert.ok(small > 0.2 * unit && small <= 0.24 * unit);
  const large = sizes(40 * unit, 20 * unit, unit);
  assert.equal(large.all, null);
  assert.ok((large.few * 430) / (40 * unit) > 8);
  assert.deepEqual(withNeighbours(molecule, 1).toSorted(), [0, 1, 2, 3]);
  assert.deepEqual(withNeighbours(molecule, 2), [2, 1]);
});
