// Where the atoms' names stand on the picture: beside their atoms, clear of bonds, arrows and letters.
import type { Depiction } from "../shared/views";
import { along, atomPlace, ways, widestGap, type Point } from "./geometry";
import { isPair, type Scene } from "./scene";

/** What a name should not lie on: a dot of the drawing, with the room that it takes. */
interface Dot extends Point {
  radius: number;
}

export interface AtomName extends Point {
  atom: number;
  text: string;
}

/** How many directions round an atom are tried. */
const DIRECTIONS = 24;
/** Width and height of a character, by the size of the letters. */
const CHARACTER = [0.56, 0.74] as const;
const DISC = 0.3;
/** The ring round the atom in the lens, which no name touches. */
const RING = 0.38;

/** The sizes of the letters, in picture units: for all names at once, and for a few of them. */
export interface Sizes {
  /** Null where all names together would be too small to be read. */
  all: number | null;
  few: number;
}

/** A picture's usual size on the page, in px: the names must not wait for the page to be laid out. */
const USUAL = [430, 390] as const;
const LARGEST_PX = 12;
const SMALLEST_PX = 8;

export function sizes(width: number, height: number, unit: number): Sizes {
  const scale = Math.min(USUAL[0] / width, USUAL[1] / height);
  const fitting = Math.min(0.24 * unit, LARGEST_PX / scale);
  const few = Math.max(fitting, (SMALLEST_PX + 1) / scale);
  return { all: fitting * scale >= SMALLEST_PX ? fitting : null, few };
}

/** The atom and those bonded to it. */
export function withNeighbours({ bonds, bond_labels }: Depiction, atom: number): number[] {
  const found = new Set([atom]);
  for (let b = 0; b < bond_labels.length; b++) {
    const [i, j] = [bonds.data[b * 2]!, bonds.data[b * 2 + 1]!];
    if (i === atom) found.add(j);
    if (j === atom) found.add(i);
  }
  return [...found];
}

/** Places the names of these atoms, each where it lies on as little as can be. */
export function placeNames(scene: Scene, places: Point[], atoms: number[], size: number): AtomName[] {
  const { molecule } = scene.view;
  const unit = molecule.bond_length || 30;
  const dots = [...drawn(scene, places, unit)];
  return atoms.map((atom) => {
    const text = molecule.atom_labels[atom]!;
    const own = atomPlace(molecule, atom);
    const half = { x: (text.length * CHARACTER[0] * size) / 2, y: (CHARACTER[1] * size) / 2 };
    const near = dots.filter((d) => Math.hypot(d.x - own.x, d.y - own.y) < 1.2 * unit + 2 * half.x);
    const outwards = direction(molecule, atom);
    const tried = Array.from({ length: DIRECTIONS }, (_, k) => {
      const turn = (2 * Math.PI * k) / DIRECTIONS;
      const at = beyond(own, outwards + turn, half, RING * unit);
      // Of places equally free, the one that leads away from the neighbours.
      return { at, cost: covered(at, half, near, 0.07 * unit) + 1e-4 * (1 - Math.cos(turn)) };
    });
    const { at } = tried.reduce((a, b) => (b.cost < a.cost ? b : a));
    for (const shift of [-0.7, 0, 0.7]) dots.push({ x: at.x + shift * half.x, y: at.y, radius: half.y });
    return { ...at, atom, text };
  });
}

/** Away from an atom's bonds, or to the upper right of one that has none. */
function direction(molecule: Depiction, atom: number): number {
  const own = atomPlace(molecule, atom);
  const angles = withNeighbours(molecule, atom)
    .filter((other) => other !== atom)
    .map((other) => atomPlace(molecule, other))
    .map((p) => Math.atan2(p.y - own.y, p.x - own.x));
  return angles.length ? widestGap(angles) : -Math.PI / 4;
}

/** The middle of a box that just touches a disc of this radius, in a direction from its centre. */
function beyond(centre: Point, angle: number, half: Point, radius: number): Point {
  const [ux, uy] = [Math.cos(angle), Math.sin(angle)];
  // The box may reach in beside the disc as far as its nearest corner or edge stays outside.
  let distance = radius;
  const gap = (d: number) =>
    Math.hypot(Math.max(Math.abs(ux) * d - half.x, 0), Math.max(Math.abs(uy) * d - half.y, 0));
  while (gap(distance) < radius) distance += radius / 16;
  return { x: centre.x + ux * distance, y: centre.y + uy * distance };
}

/** How much of a box, and of a margin round it, lies on the dots; 0 where it is free. */
function covered(at: Point, half: Point, dots: Dot[], margin: number): number {
  let sum = 0;
  for (const d of dots) {
    const off = Math.hypot(Math.max(Math.abs(d.x - at.x) - half.x, 0), Math.max(Math.abs(d.y - at.y) - half.y, 0));
    const inside = 1 - off / (d.radius + margin);
    if (inside > 0) sum += inside * inside;
  }
  return sum;
}

/** All that is drawn, for as long as nothing moves. */
const known = new WeakMap<Point[], Dot[]>();

function drawn(scene: Scene, places: Point[], unit: number): Dot[] {
  let dots = known.get(places);
  if (!dots) known.set(places, (dots = allDots(scene, places, unit)));
  return dots;
}

/** All that is drawn, as dots: bonds, arrows of the first round, letters, discs. */
function allDots(scene: Scene, places: Point[], unit: number): Dot[] {
  const { molecule, rounds } = scene.view;
  const dots: Dot[] = places.map((p) => ({ ...p, radius: DISC * unit }));
  const propagation = rounds[0]?.propagations[0];
  const way = propagation && ways(propagation, places, unit);
  // The faint arrows between atoms without a bond cross everything: a name may lie on them.
  const edges = propagation ? [...propagation.bond.data.keys()].filter((e) => !isPair(propagation, e)) : [];
  for (const arrow of edges.map((e) => way!(e))) {
    for (const t of [0, 0.15, 0.3, 0.5, 0.7, 0.85, 1]) dots.push({ ...along(arrow, t), radius: 0.05 * unit });
  }
  for (let b = 0; b < molecule.bond_labels.length; b++) {
    const [p, q] = [0, 1].map((k) => atomPlace(molecule, molecule.bonds.data[b * 2 + k]!)) as [Point, Point];
    for (const t of [0.3, 0.5, 0.7])
      dots.push({ x: p.x + t * (q.x - p.x), y: p.y + t * (q.y - p.y), radius: 0.09 * unit });
  }
  for (const path of molecule.paths) {
    if (!path.fill) continue;
    const numbers = path.d.match(/-?[\d.]+/g)!.map(Number);
    for (let k = 0; k + 1 < numbers.length; k += 2) dots.push({ x: numbers[k]!, y: numbers[k + 1]!, radius: 0.03 * unit });
  }
  return dots;
}
