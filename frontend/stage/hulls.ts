// Outlines round some of the molecule's atoms: lines along the bonds between them, drawn thick and round.
import type { Depiction } from "../shared/views";
import { atomPlace, type Point } from "./geometry";

/** The lines, as SVG path data; atoms that no bond joins to the others are reached from `centre`. */
export function hull(molecule: Depiction, atoms: number[], centre: Point): string {
  const own = new Set(atoms);
  const joined = new Set<number>();
  const lines: [Point, Point][] = [];
  const { data } = molecule.bonds;
  for (let b = 0; b < data.length; b += 2) {
    const [i, j] = [data[b]!, data[b + 1]!];
    if (!own.has(i) || !own.has(j)) continue;
    for (const atom of [i, j]) joined.add(atom);
    lines.push([atomPlace(molecule, i), atomPlace(molecule, j)]);
  }
  for (const atom of atoms) if (!joined.has(atom)) lines.push([centre, atomPlace(molecule, atom)]);
  return lines.map(([p, q]) => `M${at(p)}L${at(q)}`).join("");
}

function at(p: Point): string {
  return `${p.x.toFixed(1)} ${p.y.toFixed(1)}`;
}
