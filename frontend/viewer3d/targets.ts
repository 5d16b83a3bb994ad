// What can be clicked: a ball round each atom, and a thin cylinder along each bond, neither drawn.
import type * as engine from "./3dmol.js";
import type { Solid } from "../shared/views";

export interface Target {
  what: "atom" | "bond";
  /** As the stage counts. */
  number: number;
  from: Point;
  /** A bond's other end; an atom's own place. */
  to: Point;
  radius: number;
}

export type Point = [x: number, y: number, z: number];

const ATOM = 0.42;
const BOND = 0.26;
/** How much of a bond, at either end, belongs to its atoms. */
const END = 0.22;

export function place(solid: Solid, atom: number): Point {
  const { data } = solid.positions;
  return [data[atom * 3]!, data[atom * 3 + 1]!, data[atom * 3 + 2]!];
}

export function ends(solid: Solid, bond: number): [number, number] {
  return [solid.bonds.data[bond * 2]!, solid.bonds.data[bond * 2 + 1]!];
}

/** Points of a closed circle round an axis, for a ring that leaves what is inside in sight. */
export function circle(centre: Point, axis: Point, radius: number, count = 24): Point[] {
  const length = Math.hypot(...axis) || 1;
  const n = axis.map((x) => x / length) as Point;
  // Across the axis: along the direction that it has least of.
  const least = n.map(Math.abs).indexOf(Math.min(...n.map(Math.abs)));
  const other = [0, 1, 2].map((k) => (k === least ? 1 : 0)) as Point;
  const u = unit(cross(n, other));
  const v = cross(n, u);
  return Array.from({ length: count + 1 }, (_, k) => {
    const [c, s] = [Math.cos((2 * Math.PI * k) / count), Math.sin((2 * Math.PI * k) / count)];
    return centre.map((x, i) => x + radius * (c * u[i]! + s * v[i]!)) as Point;
  });
}

function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function unit(a: Point): Point {
  const length = Math.hypot(...a);
  return a.map((x) => x / length) as Point;
}

/** The molecule's own atoms and bonds; of hydrogens that are not shown, none. */
export function targetsOf(solid: Solid, shown: (atom: number) => boolean): Target[] {
  const atoms = solid.atom_labels.map((_, number): Target => {
    const at = place(solid, number);
    return { what: "atom", number, from: at, to: at, radius: ATOM };
  });
  const bonds = solid.bond_descriptions.map((_, number): Target => {
    const [a, b] = ends(solid, number).map((atom) => place(solid, atom)) as [Point, Point];
    const along = (t: number) => a.map((x, k) => x + (b[k]! - x) * t) as Point;
    return { what: "bond", number, from: along(END), to: along(1 - END), radius: BOND };
  });
  return [
    ...atoms.filter((t) => shown(t.number)),
    ...bonds.filter((t) => ends(solid, t.number).every(shown)),
  ];
}

const made = new WeakMap<Target[], object[]>();

/** The same as 3Dmol's ray looks for them. */
export function shapesOf({ Vector3, Sphere, Cylinder }: typeof engine, targets: Target[]): object[] {
  let shapes = made.get(targets);
  if (!shapes) {
    shapes = targets.map((target) => {
      const [from, to] = [target.from, target.to].map((p) => new Vector3(...p)) as [never, never];
      const atom = target.what === "atom";
      return {
        target,
        intersectionShape: {
          sphere: atom ? [new Sphere(from, target.radius)] : [],
          cylinder: atom ? [] : [new Cylinder(from, to, target.radius)],
          line: [],
          triangle: [],
        },
      };
    });
    made.set(targets, shapes);
  }
  return shapes;
}
