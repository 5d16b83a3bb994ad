// Which atom, edge and kind the lens looks at, from the step and what is selected.
import type { PropagationView, RoundView, StepView } from "../shared/views";
import { throughSets, type Scene } from "./scene";

/** What the user (or Python) chose. `pin` is an edge that belongs to no bond, by its ends. */
export interface Selection {
  atom: number | null;
  bond: number | null;
  pin: { source: number; target: number } | null;
}

export interface Focus {
  /** The step's propagation, or the nearest one's where the step has none. */
  propagation: PropagationView | null;
  /** The receiving node; -1 for a molecule of no atoms. */
  node: number;
  /** The edge in the lens; -1 where nothing reaches the node. */
  edge: number;
  kind: number;
  /** The edges into the node. */
  incoming: number[];
  /** Whether the user chose it, or the loudest message stands in. */
  chosen: "bond" | "edge" | "atom" | "none";
}

export function incomingEdges(propagation: PropagationView, node: number): number[] {
  const edges: number[] = [];
  propagation.target.data.forEach((t, e) => {
    if (t === node) edges.push(e);
  });
  return edges;
}

/** The step's own propagation; else its round's last; else that of the nearest round. */
export function nearestPropagation(scene: Scene, step: StepView): PropagationView | null {
  const own = scene.propagationOf(step);
  if (own) return own;
  const { rounds, chapters } = scene.view;
  if (step.round >= 0) return lastBetweenAtoms(rounds[step.round]);
  const first = chapters[step.chapter]?.kind === "input";
  return first ? (rounds[0]?.propagations[0] ?? null) : lastBetweenAtoms(rounds.at(-1));
}

/** A round's last propagation; those to and from a master, and a pooling's scores, aside. */
function lastBetweenAtoms(round: RoundView | undefined): PropagationView | null {
  const all = round?.propagations.filter((_, p) => p !== round.pool?.scoring) ?? [];
  return all.findLast((p) => p.roles[p.role.data[0] ?? -1] !== "master") ?? all.at(-1) ?? null;
}

/** Less than this part of the largest lies between equals: rounding, as a rule. */
const EQUAL = 1e-6;

/** The edges with the largest value: several where they are equally large. */
export function largestOf(edges: Iterable<number>, value: (edge: number) => number): number[] {
  const all = [...edges];
  const most = all.reduce((sofar, e) => Math.max(sofar, value(e)), -Infinity);
  return all.filter((e) => value(e) >= most - EQUAL * Math.abs(most));
}

/** The edges whose messages are the loudest: several where they are equally loud. */
export function loudestOf(scene: Scene, propagation: PropagationView, edges: Iterable<number>): number[] {
  const norms = scene.norms(propagation.messages);
  return largestOf(edges, (e) => norms[e]!);
}

function loudest(scene: Scene, propagation: PropagationView, edges: Iterable<number>): number {
  return loudestOf(scene, propagation, edges)[0] ?? -1;
}

/** Where the lens looks when nothing is chosen: at the loudest message of the first round. */
function restingNode(scene: Scene): number {
  const first = scene.view.rounds[0]?.propagations.find((p) => !scene.isSet(p.target.data[0] ?? -1));
  if (!first || !first.target.data.length) return scene.view.node_labels.length ? 0 : -1;
  const all = [...first.target.data.keys()];
  const between = all.filter((e) => first.source.data[e] !== first.target.data[e]);
  return first.target.data[loudest(scene, first, between.length ? between : all)]!;
}

/** The node at a step that an atom's own node has become. */
function atHome(scene: Scene, node: number, step: StepView): number {
  const atom = scene.view.node_atoms.data[node] ?? -1;
  return atom >= 0 ? scene.nodeAt(atom, step) : node;
}

/** While a pooling scores, its edges lead to the nodes before it: the centre of a cluster, else all its members. */
function heardBefore({ crowd }: Scene, node: number, step: StepView): number[] {
  if (crowd.there(node, step.nodes - 1)) return [node];
  const centre = crowd.centre(node, step.nodes);
  return centre >= 0 ? [centre] : crowd.members(node, step.nodes);
}

export function focusOn(scene: Scene, step: StepView, selection: Selection): Focus {
  const propagation = nearestPropagation(scene, step);
  const atomNode = selection.atom === null ? -1 : scene.nodeAt(selection.atom, step);
  let node = atomNode;
  let edge = -1;
  let chosen: Focus["chosen"] = atomNode >= 0 ? "atom" : "none";
  if (propagation && selection.bond !== null) {
    const of = [...propagation.bond.data.keys()].filter((e) => propagation.bond.data[e] === selection.bond);
    const ends = [propagation.target, propagation.source].map((x) => of.find((e) => x.data[e] === atomNode));
    edge = ends[0] ?? ends[1] ?? of[0] ?? -1;
    if (edge >= 0) {
      node = propagation.target.data[edge]!;
      chosen = "bond";
    } else if (node < 0) node = scene.nodeAt(scene.view.molecule.bonds.data[selection.bond * 2 + 1]!, step);
  } else if (propagation && selection.pin) {
    const { source, target } = selection.pin;
    edge = edgeBetween(propagation, source, target);
    // There and back in turn: what an atom sends to a set, and what it hears from it.
    if (edge < 0 && throughSets(propagation)) edge = edgeBetween(propagation, target, source);
    if (edge >= 0) {
      node = propagation.target.data[edge]!;
      chosen = "edge";
    }
  }
  const own = scene.propagationOf(step);
  const master = own ? onlyListener(scene, own) : -1;
  if (master >= 0) node = master;
  if (node < 0) node = atHome(scene, restingNode(scene), step);
  if (propagation && edge < 0 && scene.isSet(propagation.target.data[0] ?? -1)) {
    edge = edgeBetween(propagation, node, loudestSet(scene, step, node));
    if (edge >= 0) node = propagation.target.data[edge]!;
  }
  const ears = step.name === "pool" ? heardBefore(scene, node, step) : [node];
  const incoming = propagation && node >= 0 ? ears.flatMap((n) => incomingEdges(propagation, n)) : [];
  if (edge < 0 && propagation) edge = loudest(scene, propagation, incoming);
  const kind = edge >= 0 ? propagation!.kind.data[edge]! : -1;
  return { propagation, node, edge, kind, incoming, chosen };
}

/** The node that alone hears anything, where that is no atom: a master. */
function onlyListener(scene: Scene, { target, role, roles }: PropagationView): number {
  const node = target.data[0]!;
  return roles[role.data[0]!] === "master" && scene.view.node_atoms.data[node]! < 0 ? node : -1;
}

function edgeBetween({ source, target }: PropagationView, from: number, to: number): number {
  return source.data.findIndex((s, e) => s === from && target.data[e] === to);
}

/** The set that a node will hear the most from, once the sets have heard; -1 where it is in none. */
function loudestSet(scene: Scene, step: StepView, node: number): number {
  const own = scene.view.rounds[step.round]?.propagations ?? [];
  const back = own.slice(step.propagation + 1).find((p) => scene.isSet(p.source.data[0] ?? -1));
  const edge = back ? loudest(scene, back, incomingEdges(back, node)) : -1;
  return edge < 0 ? -1 : back!.source.data[edge]!;
}

/** What choosing a set selects: what it and one of its atoms have to do with each other. */
export function selectSet({ crowd, nodeOfAtom }: Scene, set: number, { atom, pin }: Selection): Selection {
  const own = crowd.atomsOf(set);
  const first = own.find((a) => a === atom) ?? own[0]!;
  const again = pin !== null && pin.source === set;
  return again ? { atom, bond: null, pin: null } : { atom: first, bond: null, pin: { source: set, target: nodeOfAtom[first]! } };
}

/** What choosing an edge selects: its bond and receiving atom, or the edge itself. */
export function selectEdge(scene: Scene, propagation: PropagationView, edge: number): Selection {
  const [source, target] = [propagation.source.data[edge]!, propagation.target.data[edge]!];
  // A set may be a bond, but of its two atoms' messages one is meant.
  const bond = throughSets(propagation) ? -1 : propagation.bond.data[edge]!;
  const atom = scene.view.node_atoms.data[scene.isSet(target) ? source : target]!;
  const known = atom >= 0 ? atom : null;
  return bond >= 0 ? { atom: known, bond, pin: null } : { atom: known, bond: null, pin: { source, target } };
}
