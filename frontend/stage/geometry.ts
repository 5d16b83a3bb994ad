// Where things lie on the depiction: arrows beside bonds, loops, the neighbour in a direction.
import type { Depiction, PropagationView } from "../shared/views";
import type { Scene } from "./scene";

export interface Point {
  x: number;
  y: number;
}

/** A message's way: from start to end, bent by way of a control point. */
export interface Way {
  start: Point;
  control: Point;
  end: Point;
}

export type Direction = "left" | "right" | "up" | "down";

/** Places of all nodes: atoms where the depiction has them, merged ones amid theirs, others in a column beside it. */
export function nodePlaces(scene: Scene): Point[] {
  const { molecule, node_atoms } = scene.view;
  const { crowd } = scene;
  const atoms = (node: number) => crowd.atomsOf(node).map((a) => atomPlace(molecule, a));
  const extra = [...node_atoms.data.keys()].filter((n) => !crowd.atomsOf(n).length).length;
  let k = 0;
  const places = Array.from(node_atoms.data, (_, node) => {
    const own = atoms(node);
    if (own.length) return mean(own);
    k += 1;
    return { x: molecule.width + molecule.bond_length, y: (molecule.height * k) / (extra + 1) };
  });
  // A cluster round a centre stands where that does, so that clusters of the same atoms stay apart.
  for (const { centres } of crowd.pools) {
    for (let c = 0; c < centres.data.length; c += 2) places[centres.data[c]!] = places[centres.data[c + 1]!]!;
  }
  return places;
}

export function centre(p: Point) {
  return { cx: p.x, cy: p.y };
}

export function atomPlace(molecule: Depiction, atom: number): Point {
  return { x: molecule.positions.data[atom * 2]!, y: molecule.positions.data[atom * 2 + 1]! };
}

/** The way of an edge: parallel to its bond, on the right of its direction, so both are seen. */
export function ways(propagation: PropagationView, places: Point[], unit: number): (edge: number) => Way {
  const centre = mean(places);
  // Worked out when asked for: of a complete graph's edges, few are drawn.
  return remembered((e) => {
    const [s, t] = [propagation.source.data[e]!, propagation.target.data[e]!];
    if (s === t) return loop(places[s]!, away(s, propagation, places, centre), unit);
    if (propagation.roles[propagation.role.data[e]!] === "hyperedge") return toHub(places[s]!, places[t]!, unit);
    const bonded = propagation.bond.data[e]! >= 0 || propagation.roles[propagation.role.data[e]!] === "merged";
    return beside(places[s]!, places[t]!, unit, bonded ? 0 : 0.35);
  });
}

/** The same function, which works each answer out once. */
export function remembered<T>(work: (key: number) => T): (key: number) => T {
  const known = new Map<number, T>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) known.set(key, (value = work(key)));
    return value;
  };
}

/** A straight way beside a bond, or (with `bend`) an arc for an edge that is no bond. */
export function beside(a: Point, b: Point, unit: number, bend: number): Way {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const [ux, uy] = [dx / length, dy / length];
  const side = { x: -uy, y: ux };
  const shift = 0.13 * unit;
  const gap = Math.min(0.27 * unit, length * 0.3);
  const at = (p: Point, along: number): Point => ({
    x: p.x + ux * along + side.x * shift,
    y: p.y + uy * along + side.y * shift,
  });
  const [start, end] = [at(a, gap), at(b, -gap)];
  const bow = bend * Math.min(length, 3 * unit) * 0.5;
  const control = {
    x: (start.x + end.x) / 2 + side.x * bow,
    y: (start.y + end.y) / 2 + side.y * bow,
  };
  return { start, control, end };
}

/** A straight way between an atom and the hub of a set, which may be as near as half a bond. */
export function toHub(a: Point, b: Point, unit: number): Way {
  const u = heading(a, b);
  const gap = 0.14 * unit;
  const start = { x: a.x + u.x * gap, y: a.y + u.y * gap };
  const end = { x: b.x - u.x * gap, y: b.y - u.y * gap };
  return { start, control: { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 }, end };
}

/** A loop at an atom, leaning in the direction `angle` that leads away from its neighbours. */
export function loop(p: Point, angle: number, unit: number): Way {
  const [near, far] = [0.26 * unit, 0.86 * unit];
  const at = (turn: number, radius: number) => ({
    x: p.x + Math.cos(angle + turn) * radius,
    y: p.y + Math.sin(angle + turn) * radius,
  });
  return { start: at(-0.6, near), control: at(0, far), end: at(0.6, near) };
}

function away(node: number, p: PropagationView, places: Point[], centre: Point): number {
  const own = places[node]!;
  const angles: number[] = [];
  p.source.data.forEach((s, e) => {
    if (s !== node || p.target.data[e] === node || p.bond.data[e]! < 0) return;
    const other = places[p.target.data[e]!]!;
    angles.push(Math.atan2(other.y - own.y, other.x - own.x));
  });
  if (!angles.length) return Math.atan2(own.y - centre.y, own.x - centre.x);
  return widestGap(angles);
}

/** The middle of the widest gap between directions. */
export function widestGap(angles: number[]): number {
  const sorted = angles.toSorted((a, b) => a - b);
  const gap = (k: number) => (k + 1 < sorted.length ? sorted[k + 1]! : sorted[0]! + 2 * Math.PI) - sorted[k]!;
  const best = sorted.map((_, k) => k).reduce((a, b) => (gap(b) > gap(a) + 1e-9 ? b : a));
  return sorted[best]! + gap(best) / 2;
}

function mean(points: Point[]): Point {
  const n = points.length || 1;
  return {
    x: points.reduce((s, p) => s + p.x, 0) / n,
    y: points.reduce((s, p) => s + p.y, 0) / n,
  };
}

/** The point at fraction `t` of a way. */
export function along(way: Way, t: number): Point {
  const u = 1 - t;
  const part = (a: number, b: number, c: number) => u * u * a + 2 * u * t * b + t * t * c;
  return {
    x: part(way.start.x, way.control.x, way.end.x),
    y: part(way.start.y, way.control.y, way.end.y),
  };
}

/** An arrow as SVG path data. */
export interface Outline {
  /** The shaft as an outline to fill, as wide as the arrow is. */
  shaft: string;
  /** The same shaft as a line to stroke with `width`. */
  line: string;
  head: string;
  width: number;
}

/** Draws an arrow along a way; `width` is the shaft's. */
export function arrow(way: Way, width: number, unit: number): Outline {
  const { start, control, end } = way;
  const head = Math.min(0.1 * unit + width * 1.1, 0.7 * Math.hypot(end.x - start.x, end.y - start.y));
  const half = 0.055 * unit + width * 0.62;
  const u = heading(control, end);
  const neck = { x: end.x - u.x * head, y: end.y - u.y * head };
  const last = { x: neck.x + u.x * head * 0.2, y: neck.y + u.y * head * 0.2 };
  const off = (p: Point, d: Point, by: number): Point => ({ x: p.x - d.y * by, y: p.y + d.x * by });
  const [first, middle] = [heading(start, control), heading(start, end)];
  // Shaft and head turn the same way round: where they overlap, nothing is left out.
  const side = (by: number) => [off(start, first, by), off(control, middle, by), off(last, u, by)].map(f);
  const [left, right] = [side(width / 2), side(-width / 2)];
  return {
    shaft: `M${left[0]}Q${left[1]} ${left[2]}L${right[2]}Q${right[1]} ${right[0]}Z`,
    line: `M${f(start)}Q${f(control)} ${f(last)}`,
    head: `M${f(end)}L${f(off(neck, u, -half))}L${f(off(neck, u, half))}Z`,
    width,
  };
}

function heading(a: Point, b: Point): Point {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  return { x: dx / length, y: dy / length };
}

function f(p: Point): string {
  return `${p.x.toFixed(2)} ${p.y.toFixed(2)}`;
}

const TURNS: Record<Direction, number> = { right: 0, down: Math.PI / 2, left: Math.PI, up: -Math.PI / 2 };

/** The atom an arrow key leads to: the bonded one best in line, else the nearest that way. */
export function neighbourInDirection(molecule: Depiction, atom: number, direction: Direction): number | null {
  const own = atomPlace(molecule, atom);
  const bonded: number[] = [];
  for (let b = 0; b < molecule.bond_labels.length; b++) {
    const [i, j] = [molecule.bonds.data[b * 2]!, molecule.bonds.data[b * 2 + 1]!];
    if (i === atom) bonded.push(j);
    if (j === atom) bonded.push(i);
  }
  const look = (other: number) => {
    const p = atomPlace(molecule, other);
    const off = Math.atan2(p.y - own.y, p.x - own.x) - TURNS[direction];
    const turn = Math.abs(Math.atan2(Math.sin(off), Math.cos(off)));
    return { other, turn, distance: Math.hypot(p.x - own.x, p.y - own.y) };
  };
  const near = bonded.map(look).filter((c) => c.turn < 1.31);
  if (near.length) return near.reduce((a, b) => (b.turn < a.turn ? b : a)).other;
  const all = molecule.atom_labels.map((_, a) => a).filter((a) => a !== atom && !bonded.includes(a));
  const seen = all.map(look).filter((c) => c.turn < 0.8);
  if (!seen.length) return null;
  return seen.reduce((a, b) => (b.distance < a.distance ? b : a)).other;
}
