// Draws what is shown on 3Dmol's viewer, and no more of it than has changed.
import type { Colours, Solid } from "../shared/views";
import type { GLModel, GLViewer } from "./3dmol.js";
import { diverging, hex, sequential, type Palette } from "../shared/colour";
import { continues, isStyle, replay, type Call } from "./replay";
import { circle, ends, place, type Point } from "./targets";

export const STYLES = ["sticks", "balls and sticks", "spheres", "lines"] as const;
export type Style = (typeof STYLES)[number];

/** The page's colours, as 3Dmol takes them. */
export interface Paint {
  palette: Palette;
  background: string;
  accent: string;
  ink: string;
  element: (symbol: string) => string;
  key: string;
}

export interface Shown {
  solid: Solid | null;
  calls: Call[];
  style: Style;
  hydrogens: boolean;
  colours: Colours | null;
  atom: number | null;
  bond: number | null;
  paint: Paint;
  /** Motion is unwanted. */
  still: boolean;
}

/** Radii in Å: of sticks (one for all: where two meet, the wider would be open), of balls that show numbers. */
const STICK = 0.12;
const BALL = { sticks: 0.34, "balls and sticks": 0.44, lines: 0.3 } as const;
const HALO = 0.58;
const RING = 0.025;
/** How much nearer than 3Dmol puts a molecule, which leaves wide margins, where there is room beside it. */
const FILL = 1.25;

export function isHydrogen(solid: Solid, atom: number): boolean {
  return solid.elements[atom] === "H";
}

/** Hydrogens that are bound to something else; those of H₂ are all there is to see. */
export function hidable(solid: Solid): Set<number> {
  const found = new Set<number>();
  for (let b = 0; b < solid.orders.data.length; b++) {
    const pair = ends(solid, b);
    const heavy = pair.some((a) => !isHydrogen(solid, a));
    for (const a of pair) if (heavy && isHydrogen(solid, a)) found.add(a);
  }
  return found;
}

export class Drawing {
  /** What could not be done of the scene's calls. */
  faults: string[] = [];
  private shown: Shown | null = null;
  private model: GLModel | null = null;
  private marks: { shapes: object[]; labels: object[] } = { shapes: [], labels: [] };

  /** `aspect` is the picture's width by its height. */
  constructor(
    private readonly viewer: GLViewer,
    private readonly aspect: () => number = () => 2,
  ) {}

  show(next: Shown): void {
    const was = this.shown;
    if (was === next) return;
    this.shown = next;
    const kept = was !== null && was.solid === next.solid && continues(was.calls, next.calls);
    const restyled = was !== null && (was.style !== next.style || was.hydrogens !== next.hydrogens);
    const numbered = was !== null && was.colours !== next.colours;
    const fewer = restyled || (numbered && !sameAtoms(was.colours, next.colours));
    // Styles that the scene has set lie over ours: they are set again in their order.
    const overlaid = !next.solid?.drawn || next.calls.some(isStyle);
    if (!kept || was.paint.key !== next.paint.key || (fewer && overlaid)) {
      this.rebuild(next, kept);
    } else {
      const more = next.calls.slice(was.calls.length);
      this.faults.push(...replay(this.viewer, more, next.still));
      if (fewer) this.style(next);
      if (fewer || numbered || more.length) this.number(next);
      const marked = was.atom !== next.atom || was.bond !== next.bond;
      if (marked || more.length) this.mark(next);
      if (!fewer && !numbered && !marked && !more.length) return;
    }
    this.viewer.render();
  }

  /** The whole molecule in sight, as at first. */
  whole(): void {
    this.fit();
    this.viewer.render();
  }

  private fit(): void {
    this.viewer.zoomTo();
    if (this.shown?.solid?.drawn) this.viewer.zoom(Math.min(FILL, this.aspect()));
  }

  private rebuild(next: Shown, keepSight: boolean): void {
    const { viewer } = this;
    const sight = keepSight ? viewer.getView() : null;
    this.marks = { shapes: [], labels: [] };
    viewer.clear();
    viewer.setBackgroundColor(next.paint.background, 1);
    const { solid } = next;
    this.model = solid?.drawn ? viewer.addModel() : null;
    if (solid?.drawn) {
      this.model!.addAtoms(atomsOf(solid));
      this.style(next);
    }
    this.fit();
    this.faults = replay(viewer, next.calls, next.still);
    if (solid && !solid.drawn) this.model = viewer.getModel(0);
    this.number(next);
    if (sight) viewer.setView(sight);
    this.mark(next);
  }

  private style(next: Shown): void {
    for (const [atoms, style] of stylesOf(next)) if (atoms.length) this.model?.setStyle({ index: atoms }, style);
  }

  /** A ball for each atom that has a number, over whatever style it has; hydrogens out of sight. */
  private number({ solid, colours, style, hydrogens, paint }: Shown): void {
    if (!solid || !this.model) return;
    const { model } = this;
    colours?.values.forEach((value, atom) => {
      if (value === null) return;
      const scale = colours.signed ? diverging : sequential;
      const color = hex(scale(paint.palette, value, colours.limit));
      const size = style === "spheres" ? { scale: 1 } : { radius: BALL[style] };
      const sphere = { ...size, color, colorscheme: undefined };
      model.setStyle({ index: [solid.places.data[atom]!] }, { sphere }, true);
    });
    const hidden = hydrogens ? [] : [...hidable(solid)].map((a) => solid.places.data[a]!);
    if (hidden.length) model.setStyle({ index: hidden }, {});
  }

  /** What is selected, told by shape and name as well as by colour. */
  private mark({ solid, atom, bond, paint }: Shown): void {
    const { viewer } = this;
    for (const shape of this.marks.shapes) viewer.removeShape(shape);
    for (const label of this.marks.labels) viewer.removeLabel(label);
    this.marks = { shapes: [], labels: [] };
    if (!solid || !this.model) return;
    const name = (text: string, at: Point, up: boolean) =>
      this.marks.labels.push(
        viewer.addLabel(text, {
          position: point(at),
          fontSize: 14,
          fontColor: paint.background,
          backgroundColor: paint.accent,
          backgroundOpacity: 1,
          inFront: true,
          alignment: up ? "bottomLeft" : "topLeft",
          screenOffset: { x: 14, y: up ? 14 : -14 },
        }),
      );
    const ring = (centre: Point, axis: Point, radius: number) => {
      const points = circle(centre, axis, radius).map(point);
      this.marks.shapes.push(viewer.addCurve({ points, radius: RING, smooth: 1, color: paint.accent }));
    };
    if (bond !== null && bond < solid.bond_descriptions.length) {
      const [start, end] = ends(solid, bond).map((a) => place(solid, a)) as [Point, Point];
      const along = end.map((x, k) => x - start[k]!) as Point;
      for (const t of [0.34, 0.5, 0.66]) ring(start.map((x, k) => x + along[k]! * t) as Point, along, 0.32);
      name(bondName(solid, bond), start.map((x, k) => (x + end[k]!) / 2) as Point, false);
    }
    if (atom !== null && atom < solid.atom_labels.length) {
      for (const axis of [[1, 0, 0], [0, 1, 0], [0, 0, 1]] as Point[]) ring(place(solid, atom), axis, HALO);
      name(solid.atom_labels[atom]!, place(solid, atom), true);
    }
  }
}

/** Whether the same atoms have a number. */
function sameAtoms(a: Colours | null, b: Colours | null): boolean {
  if (!a || !b) return a === b;
  return a.values.length === b.values.length && a.values.every((v, k) => (v === null) === (b.values[k] === null));
}

/** Name of a bond by its ends, as the stage writes it: "C1=O2", "C0–C1". */
export function bondName(solid: Solid, bond: number): string {
  return solid.bond_descriptions[bond]!.split(",")[0]!.replace("-", "–");
}

function point([x, y, z]: Point): object {
  return { x, y, z };
}

function atomsOf(solid: Solid): object[] {
  const atoms = solid.elements.map((elem, index) => {
    const [x, y, z] = place(solid, index);
    return { elem, x, y, z, index, serial: index, bonds: [] as number[], bondOrder: [] as number[] };
  });
  solid.orders.data.forEach((order, b) => {
    const [i, j] = ends(solid, b);
    for (const [a, other] of [[i, j], [j, i]] as const) {
      atoms[a]!.bonds.push(other);
      atoms[a]!.bondOrder.push(order);
    }
  });
  return atoms;
}

/** Which atoms are drawn how, by element. */
function stylesOf({ solid, style, paint }: Shown): [number[], object][] {
  const map = Object.fromEntries([...new Set(solid!.elements)].map((e) => [e, paint.element(e)]));
  const colorscheme = { prop: "elem", map };
  const bound = new Set(solid!.bonds.data);
  const of = (test: (atom: number) => boolean) => solid!.elements.map((_, a) => a).filter(test);
  const lone: [number[], object] = [
    of((a) => !bound.has(a)),
    { sphere: { radius: 2 * STICK, colorscheme } },
  ];
  const ball = style === "balls and sticks" ? { sphere: { scale: 0.25, colorscheme } } : {};
  if (style === "spheres") return [[of(() => true), { sphere: { scale: 1, colorscheme } }]];
  if (style === "lines") return [[of(() => true), { line: { colorscheme } }], lone];
  return [[of(() => true), { stick: { radius: STICK, colorscheme }, ...ball }], lone];
}
