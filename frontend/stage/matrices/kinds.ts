// The edge matrices of one propagation, one for each kind of bond, of a molecule or a data set.
import { count } from "../../shared/format";
import type { ExampleView, KindsView, NumArray, PropagationView } from "../../shared/views";
import type { Scene } from "../scene";

export interface Kind {
  label: string;
  values: Float32Array;
  /** All singular values, the largest first; none where they are not known. */
  sigma: Float32Array;
  /** Its Frobenius norm. */
  size: number;
  /** How many bonds and messages have it, and that in words. */
  bonds: number;
  edges: number;
  counted: string;
  /** An edge that has it in the molecule, or a bond of the data set. */
  edge: number;
  example: ExampleView | null;
}

export interface Kinds {
  rows: number;
  columns: number;
  items: Kind[];
}

/** Null where the propagation has no exact matrices. */
export function ofMolecule(scene: Scene, propagation: PropagationView | undefined): Kinds | null {
  const matrices = propagation?.matrices;
  if (!propagation || !matrices) return null;
  return made(matrices.labels, scene.base(scene.quantity(matrices.table)).values!, matrices.sigma, (k) => {
    const [bonds, edges] = [matrices.bonds.data[k]!, matrices.counts.data[k]!];
    return {
      bonds,
      edges,
      counted: (bonds ? `${count(bonds, "bond")}, ` : "") + count(edges, "message"),
      edge: propagation.kind.data.indexOf(k),
      example: null,
    };
  });
}

export function ofDataset(view: KindsView | undefined): Kinds | null {
  if (!view || view.why) return null;
  return made(view.labels, view.table, view.sigma, (k) => {
    const bonds = view.bonds.data[k]!;
    const counted = `${count(bonds, "bond")} in ${count(view.molecules.data[k]!, "molecule")}`;
    return { bonds, edges: 0, counted, edge: -1, example: view.examples[k]! };
  });
}

type Numbers = NumArray<Float32Array>;
type Told = Omit<Kind, "label" | "values" | "sigma" | "size">;

function made(labels: string[], table: Numbers, sigma: Numbers, more: (k: number) => Told): Kinds {
  const [rows, columns] = table.shape.slice(1) as [number, number];
  const row = ({ data, shape }: Numbers, k: number) => data.subarray((k * data.length) / shape[0]!, ((k + 1) * data.length) / shape[0]!);
  const items = labels.map((label, k) => {
    const values = row(table, k);
    return { label, values, sigma: row(sigma, k), size: length(values), ...more(k) };
  });
  return { rows, columns, items };
}

function length(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
}

export function less(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((v, i) => v - b[i]!);
}

/** |W_a − W_b| / √(|W_a| |W_b|): 0 for equal matrices, √2 for two of one size with nothing in common. */
export function distance(a: Kind, b: Kind): number {
  const apart = length(less(a.values, b.values));
  return apart && apart / Math.sqrt(a.size * b.size);
}

/** The distances of all from all, and of each the place of the nearest other; −1 where it is alone. */
export function distances(items: Kind[]): { table: number[][]; nearest: number[] } {
  const table = items.map(() => items.map(() => 0));
  items.forEach((a, i) => {
    for (let j = 0; j < i; j++) table[i]![j] = table[j]![i] = distance(a, items[j]!);
  });
  const nearest = table.map((row, i) => row.reduce((best, d, j) => (j !== i && (best < 0 || d < row[best]!) ? j : best), -1));
  return { table, nearest };
}

/** What of another run's is each kind, by its name; of several of one name, in their order. */
export function counterparts(mine: Kinds, other: Kinds): Map<Kind, Kind> {
  const found = new Map<Kind, Kind>();
  if (mine.rows !== other.rows || mine.columns !== other.columns) return found;
  const left = [...other.items];
  for (const kind of mine.items) {
    const at = left.findIndex((k) => k.label === kind.label);
    if (at >= 0) found.set(kind, left.splice(at, 1)[0]!);
  }
  return found;
}

export type Sort = "name" | "count" | "sigma" | "moved";

export function sorted(items: Kind[], by: Sort, moved: Map<Kind, number>): Kind[] {
  const value = (k: Kind) => (by === "count" ? k.bonds || k.edges : by === "sigma" ? k.sigma[0]! : (moved.get(k) ?? -1));
  return items.toSorted((a, b) => (by === "name" ? (a.label < b.label ? -1 : 1) : value(b) - value(a)));
}
