// Which nodes are there after so many poolings, and which of them became which.
import type { PoolView, StageView } from "../shared/views";

export class Crowd {
  /** The poolings in their order: number k leads from the nodes after k poolings to those after k + 1. */
  readonly pools: PoolView[];
  private readonly sets: Set<number>[];
  private readonly hyperedges: Set<number>;
  private readonly atoms = new Map<number, number[]>();

  constructor(private readonly view: StageView) {
    this.pools = view.rounds.flatMap((r) => (r.pool ? [r.pool] : []));
    this.hyperedges = new Set(view.hyperedges.data);
    this.sets = view.node_sets.map((s) => new Set(s.data));
    const { data } = view.members;
    for (let k = 0; k < data.length; k += 2) this.atoms.set(data[k]!, [...(this.atoms.get(data[k]!) ?? []), data[k + 1]!]);
  }

  /** Whether a node is there after `pooled` poolings; all are where nothing is pooled. */
  there(node: number, pooled: number): boolean {
    return this.sets.length < 2 || this.hyperedges.has(node) || (this.sets[pooled]?.has(node) ?? false);
  }

  /** All nodes that are there, sets of atoms aside. */
  everyone(pooled: number): number[] {
    return this.view.node_labels.map((_, n) => n).filter((n) => this.there(n, pooled) && !this.hyperedges.has(n));
  }

  /** The atoms that have merged into a node; itself where it is one. */
  atomsOf(node: number): number[] {
    const atom = this.view.node_atoms.data[node] ?? -1;
    return this.atoms.get(node) ?? (atom >= 0 ? [atom] : []);
  }

  /** The node that an atom is, or is part of, after `pooled` poolings; its own where it has dropped out. */
  nodeAt(atom: number, own: number, pooled: number): number {
    if (own < 0 || this.there(own, pooled)) return own;
    const last = this.everyone(pooled).filter((n) => this.atomsOf(n).includes(atom));
    return last.find((n) => this.root(n, pooled) === own) ?? last[0] ?? own;
  }

  /** The node before the pooling whose row a node after it keeps; -1 where rows are added up. */
  centre(node: number, pooled: number): number {
    const data = this.pools[pooled - 1]?.centres.data ?? new Int32Array();
    for (let k = 0; k < data.length; k += 2) if (data[k] === node) return data[k + 1]!;
    return -1;
  }

  /** The node that a centre goes back to, through all poolings. */
  private root(node: number, pooled: number): number {
    for (let p = pooled; p > 0 && node >= 0; p--) node = this.centre(node, p);
    return node;
  }

  /** The nodes before the pooling that make a node after it. */
  members(node: number, pooled: number): number[] {
    const data = this.pools[pooled - 1]?.members.data ?? new Int32Array();
    const found: number[] = [];
    for (let k = 0; k < data.length; k += 2) if (data[k + 1] === node) found.push(data[k]!);
    return found;
  }

  /** The row that stands for a node among those after `pooled` poolings: its own, or that of its centre. */
  standIn(node: number, pooled: number): number {
    if (this.there(node, pooled)) return node;
    const centre = this.centre(node, pooled + 1);
    return centre >= 0 ? centre : (this.members(node, pooled + 1)[0] ?? -1);
  }
}
