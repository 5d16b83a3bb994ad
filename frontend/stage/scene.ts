// A view with its look-ups made once: quantities by name, rows through views, norms, limits.
import { largest } from "../shared/colour";
import type { PropagationView, Quantity, StageView, StepView } from "../shared/views";
import type { Difference } from "./compare/difference";
import { Crowd } from "./crowd";

/** The numbers of one row: of which quantity, which row of it, and the values themselves. */
export interface Row {
  quantity: Quantity;
  row: number;
  values: Float32Array;
}

const VIEWS = new Set(["source", "target", "of_kind", "of_graph"]);

/** Whether a quantity only points at another one's rows. */
export function isView(quantity: Quantity): boolean {
  return VIEWS.has(quantity.op);
}

export class Scene {
  /** Scenes that this one is held against: all of them are drawn on one scale. */
  peers: Scene[] = [];
  /** The two numbers behind each, where the scene's numbers are differences. */
  pair: Difference["pair"] | null = null;
  readonly nodeOfAtom: Int32Array;
  readonly crowd: Crowd;
  /** The nodes that are sets of atoms. */
  readonly sets: number[];
  private readonly byName: Map<string, Quantity>;
  private readonly homes = new Map<string, PropagationView>();
  private readonly normCache = new Map<string, Float32Array>();
  private readonly rowCache = new Map<Quantity, Row[]>();
  private readonly limitCache = new Map<string, number>();
  private readonly states: Set<string>;
  private readonly reachCache = new Map<string, Set<string>>();

  constructor(readonly view: StageView) {
    this.byName = new Map(view.quantities.map((q) => [q.name, q]));
    this.nodeOfAtom = new Int32Array(view.molecule.atom_labels.length).fill(-1);
    view.node_atoms.data.forEach((atom, node) => {
      if (atom >= 0) this.nodeOfAtom[atom] = node;
    });
    this.crowd = new Crowd(view);
    this.sets = [...view.hyperedges.data];
    this.states = new Set(view.rounds.flatMap((r) => [r.state_in, r.state_out]));
    for (const step of view.steps) this.settle(step);
  }

  /** Remembers for each quantity of a step the edges that its rows (or its sum) run over. */
  private settle(step: StepView): void {
    const propagation = this.propagationOf(step);
    if (!propagation) return;
    // What a quantity is made of runs over the same edges, unless an earlier step has claimed it.
    for (const named of [...step.quantities, propagation.messages, propagation.aggregated ?? propagation.messages]) {
      for (const name of this.reach(named)) if (!this.homes.has(name)) this.homes.set(name, propagation);
    }
  }

  /** Whether a node is a set of atoms. */
  isSet(node: number): boolean {
    return this.sets.length > 0 && node >= this.sets[0]!;
  }

  /** Whether a node has a row in a quantity of nodes, or of sets. */
  private holds(quantity: Quantity, node: number): boolean {
    if (quantity.per === "hyperedge") return this.isSet(node);
    return quantity.per !== "node" || this.crowd.there(node, quantity.nodes);
  }

  /** Whether any round has edge matrices to show. */
  get hasMatrices(): boolean {
    return this.view.rounds.some((r) => r.propagations.some((p) => p.matrices !== null));
  }

  /** The node that an atom is part of at a step; -1 for one that the graph does not know. */
  nodeAt(atom: number, step: StepView): number {
    return this.crowd.nodeAt(atom, this.nodeOfAtom[atom] ?? -1, step.nodes);
  }

  quantity(name: string): Quantity {
    const found = this.byName.get(name);
    if (!found) throw new Error(`the trace names a quantity "${name}" that it does not hold`);
    return found;
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  propagationOf(step: StepView): PropagationView | null {
    const round = this.view.rounds[step.round];
    return round?.propagations[step.propagation] ?? null;
  }

  /** The edges a quantity's rows run over; `fallback` for one that no step shows. */
  home(quantity: Quantity, fallback: PropagationView | null): PropagationView | null {
    return this.homes.get(quantity.name) ?? fallback;
  }

  /** The quantity that holds a view's values. */
  base(quantity: Quantity): Quantity {
    let q = quantity;
    for (let depth = 0; isView(q) && depth < 8; depth++) q = this.quantity(q.args[0]!);
    return q;
  }

  /** Lengths of the axes after the rows. */
  shape(quantity: Quantity): number[] {
    const base = this.base(quantity);
    const shape = base.values?.shape ?? [];
    return base.per === "model" ? shape : shape.slice(1);
  }

  width(quantity: Quantity): number {
    return this.shape(quantity).reduce((a, b) => a * b, 1);
  }

  rows(quantity: Quantity): number {
    const base = this.base(quantity);
    return base.per === "model" ? 1 : (base.values?.shape[0] ?? 0);
  }

  /** One row, followed through views; null where there is none (an edge without a kind, a dropped atom). */
  row(quantity: Quantity, row: number, propagation: PropagationView | null): Row | null {
    let [q, r] = [quantity, row];
    for (let depth = 0; isView(q) && depth < 8; depth++) {
      r = through(q, r, this.home(q, propagation));
      q = this.quantity(q.args[0]!);
    }
    if (!q.values || r < 0 || r >= this.rows(q)) return null;
    if (!this.holds(q, r)) return null;
    // The same object for the same row, so that what is drawn of it need not be drawn again.
    let rows = this.rowCache.get(q);
    if (!rows) this.rowCache.set(q, (rows = []));
    const width = this.width(q);
    return (rows[r] ??= { quantity: q, row: r, values: q.values.data.subarray(r * width, (r + 1) * width) });
  }

  /** Euclidean length of every row; NaN for nodes that are not there. */
  norms(name: string): Float32Array {
    let norms = this.normCache.get(name);
    if (!norms) {
      const q = this.base(this.quantity(name));
      const width = this.width(q);
      norms = new Float32Array(this.rows(q));
      for (let r = 0; r < norms.length; r++) {
        let sum = 0;
        for (let c = 0; c < width; c++) sum += q.values!.data[r * width + c]! ** 2;
        norms[r] = this.holds(q, r) ? Math.sqrt(sum) : NaN;
      }
      this.normCache.set(name, norms);
    }
    return norms;
  }

  /** Whether no value is negative, so that a one-sided scale fits. */
  oneSided(quantity: Quantity): boolean {
    return this.base(quantity).values?.data.every((v) => v >= 0) ?? true;
  }

  /** What a quantity is made of within its round: back to the state that the round began with. */
  reach(name: string): Set<string> {
    let found = this.reachCache.get(name);
    if (!found) {
      found = new Set([name]);
      for (const n of found) {
        if (n !== name && this.states.has(n)) continue;
        for (const arg of this.quantity(n).args) found.add(arg);
      }
      this.reachCache.set(name, found);
    }
    return found;
  }

  /** Largest absolute value over all rows: the limit of the quantity's colour scale. */
  limit(quantity: Quantity): number {
    return Math.max(this.ownLimit(quantity), ...this.twins(quantity.name).map(([s, q]) => s.ownLimit(q)));
  }

  /** The largest length of a row: what sizes are drawn against. */
  widest(name: string): number {
    return Math.max(this.ownWidest(name), ...this.twins(name).map(([s]) => s.ownWidest(name)));
  }

  /** The same quantity in the scenes that this one is held against. */
  private twins(name: string): [Scene, Quantity][] {
    return this.peers.filter((s) => s.has(name)).map((s) => [s, s.quantity(name)]);
  }

  private ownWidest(name: string): number {
    // NaN, of what is not there, is passed over.
    return this.norms(name).reduce((a, b) => (b > a ? b : a), 0);
  }

  private ownLimit(quantity: Quantity): number {
    const base = this.base(quantity);
    let limit = this.limitCache.get(base.name);
    if (limit === undefined) {
      limit = base.values ? largest(base.values.data) : 0;
      this.limitCache.set(base.name, limit);
    }
    return limit;
  }
}

function through(view: Quantity, row: number, propagation: PropagationView | null): number {
  if (view.op === "of_graph") return 0;
  const field = { source: "source", target: "target", of_kind: "kind" }[view.op as "source"];
  return propagation?.[field as "source"].data[row] ?? -1;
}

/** Whether a quantity is drawn as a matrix (rows in, columns out). */
export function isMatrix(scene: Scene, quantity: Quantity): boolean {
  return scene.shape(quantity).length === 2 && !headed(quantity);
}

/** Whether a quantity has one row of channels for each head. */
export function headed(quantity: Quantity): boolean {
  return quantity.axes.length > 0 && PARTS.test(quantity.axes[0]!);
}

const PARTS = /^(head|stack|tower|kernel|base)$/;

/** What the parts of a row are: heads, or what its layer has instead of them. */
export function partName({ axes }: Quantity): string {
  return PARTS.test(axes[0] ?? "") ? axes[0]! : "head";
}

/** Name of a bond by its ends: "C10=O11". */
export function bondName(scene: Scene, bond: number): string {
  const { molecule } = scene.view;
  const [a, b] = [0, 1].map((k) => molecule.atom_labels[molecule.bonds.data[bond * 2 + k]!]!) as [string, string];
  const said = molecule.bond_descriptions[bond]?.split(",")[0] ?? "";
  return said.startsWith(a) && said.endsWith(b) ? said.replace("-", "–") : `${a}–${b}`;
}

/** Name of an edge: "O11→C10". */
export function edgeLabel(scene: Scene, propagation: PropagationView, edge: number): string {
  const labels = scene.view.node_labels;
  return `${labels[propagation.source.data[edge]!]}→${labels[propagation.target.data[edge]!]}`;
}

/** What edges between atoms without a bond are called, by their role. */
const PAIRS: Partial<Record<PropagationView["roles"][number], string>> = {
  virtual: "virtual edge",
  radius: "pair",
  complete: "pair",
};

/** Whether an edge joins two atoms that no bond joins. */
export function isPair(propagation: PropagationView, edge: number): boolean {
  return propagation.roles[propagation.role.data[edge]!]! in PAIRS;
}

/** Whether a propagation goes to sets of atoms, or comes from them. */
export function throughSets(propagation: PropagationView | null): boolean {
  return propagation !== null && propagation.roles[propagation.role.data[0] ?? -1] === "hyperedge";
}

/** Whether sets are what sends. */
export function fromSets(scene: Scene, propagation: PropagationView | null): boolean {
  return propagation !== null && scene.isSet(propagation.source.data[0] ?? -1);
}

/** What an edge is, in a word or two: its bond's label, or what it is instead. */
export function edgeKind(scene: Scene, propagation: PropagationView, edge: number): string {
  const bond = propagation.bond.data[edge]!;
  if (bond >= 0) return scene.view.molecule.bond_labels[bond] ?? "bond";
  const role = propagation.roles[propagation.role.data[edge]!]!;
  if (role !== "hyperedge") return PAIRS[role] ?? role;
  const set = [propagation.source, propagation.target].map((x) => x.data[edge]!).find((n) => scene.isSet(n))!;
  return `${scene.crowd.atomsOf(set).length} atoms`;
}

/** Name of a row: an atom, an edge, a kind of bond, the molecule. */
export function rowLabel(scene: Scene, quantity: Quantity, row: number, propagation: PropagationView | null): string {
  if (quantity.per === "node" || quantity.per === "hyperedge") return scene.view.node_labels[row] ?? "";
  const home = scene.home(quantity, propagation);
  if (quantity.per === "edge") return home ? edgeLabel(scene, home, row) : "";
  if (quantity.per === "kind") return home?.matrices?.labels[row] ?? `kind ${row}`;
  return quantity.per === "graph" ? "molecule" : "";
}
