// An engine that draws nothing and takes notes, and a small molecule, for the unit tests.
import type { Solid } from "../shared/views";
import type { GLModel, GLViewer } from "./3dmol.js";
import type { Paint, Shown } from "./drawing";
import type { Open } from "./screen";
import type { Target } from "./targets";

/** What was called, in order: `["setStyle", ...arguments]`. */
export type Note = [string, ...unknown[]];

export class FakeEngine {
  notes: Note[] = [];
  opened = 0;
  closed = 0;
  /** What the next click falls on. */
  under: Target | null = null;
  lose: () => void = () => {};
  missing = false;
  /** Methods that fail. */
  failing = new Set<string>();

  readonly viewer = new Proxy({} as GLViewer, {
    get: (_, name: string) =>
      name === "nonsense"
        ? undefined
        : (...args: unknown[]) => {
            if (this.failing.has(name)) throw new Error("no such thing");
            this.notes.push([name, ...args]);
            if (name === "addModel" || name === "getModel") return this.model;
            if (name === "getView") return ["sight"];
            return { made: name, args };
          },
  });

  readonly model: GLModel = {
    addAtoms: (atoms) => this.notes.push(["model.addAtoms", atoms]),
    setStyle: (...args) => this.notes.push(["model.setStyle", ...args]),
  };

  open: Open = (_, lost) => {
    if (this.missing) throw new Error("no WebGL");
    this.opened += 1;
    this.lose = lost;
    return {
      viewer: this.viewer,
      isLost: () => false,
      wheel: () => {},
      hit: () => this.under,
      close: () => {
        this.closed += 1;
      },
    };
  };

  /** The notes under a name since they were last taken. */
  take(name?: string): Note[] {
    const found = this.notes.filter(([n]) => !name || n === name);
    this.notes = [];
    return found;
  }
}

/** Methanol: two heavy atoms and their hydrogens. */
export function methanol(more: Partial<Solid> = {}): Solid {
  return {
    name: "methanol",
    elements: ["C", "O", "H", "H", "H", "H"],
    positions: {
      shape: [6, 3],
      data: new Float32Array([0, 0, 0, 1.4, 0, 0, -0.4, 1, 0, -0.4, -0.5, 0.9, -0.4, -0.5, -0.9, 1.7, 0.9, 0]),
    },
    how: "3D, as given",
    reason: "",
    bonds: { shape: [5, 2], data: new Int32Array([0, 1, 0, 2, 0, 3, 0, 4, 1, 5]) },
    orders: { shape: [5], data: new Int32Array([1, 1, 1, 1, 1]) },
    atom_labels: ["C0", "O1"],
    atom_descriptions: ["carbon, 3 hydrogens", "oxygen, 1 hydrogen"],
    bond_descriptions: ["C0-O1, single bond"],
    places: { shape: [6], data: new Int32Array([0, 1, 2, 3, 4, 5]) },
    drawn: true,
    ...more,
  };
}

export const PAINT: Paint = {
  palette: {
    diverging: [
      [0, 0, 255],
      [255, 255, 255],
      [255, 0, 0],
    ],
    sequential: [
      [255, 255, 255],
      [0, 0, 0],
    ],
    key: "",
  },
  background: "#ffffff",
  accent: "#c43b0c",
  ink: "#000000",
  element: (symbol) => (symbol === "H" ? "#cccccc" : "#555555"),
  key: "light",
};

export function shown(more: Partial<Shown> = {}): Shown {
  return {
    solid: null,
    calls: [],
    style: "sticks",
    hydrogens: true,
    colours: null,
    atom: null,
    bond: null,
    paint: PAINT,
    still: false,
    ...more,
  };
}
