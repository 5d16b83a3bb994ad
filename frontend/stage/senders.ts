// Whom an atom hears from, in words.
import { count, list } from "../shared/format";
import { edgeKind, isPair, throughSets, type Scene } from "./scene";
import type { Focus } from "./selection";

/** A node as sentences have it: "C3", "the master", "the ring C4..C9". */
export function nodeName(scene: Scene, node: number): string {
  const label = scene.view.node_labels[node] ?? "";
  return label === "master" || scene.isSet(node) ? `the ${label}` : label;
}

/** Who an atom hears from, in the order of its edges: neighbours by name, itself last. */
export function sources(scene: Scene, focus: Focus, edges = focus.incoming): { neighbours: string[]; self: boolean } {
  const p = focus.propagation!;
  const others = edges.filter((e) => p.source.data[e] !== focus.node);
  const neighbours = others.map((e) => nodeName(scene, p.source.data[e]!));
  return { neighbours: [...new Set(neighbours)], self: others.length < edges.length };
}

/** Those sources in words: "C0, O2 and itself". */
export function names(scene: Scene, focus: Focus, edges = focus.incoming): string {
  const { neighbours, self } = sources(scene, focus, edges);
  const shown = neighbours.length > 6 ? [...neighbours.slice(0, 5), `${neighbours.length - 5} more`] : neighbours;
  return list(self ? [...shown, "itself"] : shown);
}

/** Whom an edge comes from, and over what: "C1 over a double bond", "itself". */
export function sender(scene: Scene, focus: Focus, edge: number): string {
  const p = focus.propagation!;
  if (p.source.data[edge] === focus.node) return "itself";
  const kind = edgeKind(scene, p, edge);
  const name = names(scene, focus, [edge]);
  if (kind === "master" || throughSets(p)) return name;
  if (isPair(p, edge)) return kind === "pair" ? `${name}, a pair without a bond` : `${name} over a ${kind}`;
  return `${name} ${p.bond.data[edge]! < 0 ? `over a ${kind} edge` : overBond(kind)}`;
}

/** "over a double bond", "over an aromatic bond". */
function overBond(kind: string): string {
  const article = /^[aeiou]/i.test(kind) ? "an" : "a";
  return kind === "bond" ? "over a bond" : `over ${article} ${kind} bond`;
}

/** Who an atom hears from, counted: "3 neighbours", "9 atoms it is not bonded to", "itself". */
export function heardFrom(scene: Scene, focus: Focus): string[] {
  const p = focus.propagation!;
  const [apart, joined] = [true, false].map((pair) => focus.incoming.filter((e) => isPair(p, e) === pair));
  const { neighbours, self } = sources(scene, focus, joined);
  const others = sources(scene, focus, apart).neighbours;
  const toMaster = p.roles[p.role.data[focus.incoming[0]!]!] === "master";
  const noun = throughSets(p) && !scene.isSet(focus.node) ? "set" : toMaster || throughSets(p) ? "atom" : "neighbour";
  const heard = neighbours.length ? [count(neighbours.length, noun)] : [];
  if (others.length) heard.push(`${count(others.length, "atom")} it is not bonded to`);
  return self ? [...heard, "itself"] : heard;
}

/** Whether it is the master alone that is heard. */
export function isMasters(scene: Scene, { propagation: p, incoming }: Focus): boolean {
  const isMaster = (e: number) => p!.roles[p!.role.data[e]!] === "master" && scene.view.node_atoms.data[p!.source.data[e]!]! < 0;
  return incoming.length > 0 && incoming.every(isMaster);
}

/** Said of the first round alone: later ones hear what the master has gathered. */
export function startsAtZero(scene: Scene, { propagation: p, incoming }: Focus): string {
  const silent = scene.norms(p!.messages)[incoming[0]!] === 0;
  return silent && scene.view.rounds[0]?.propagations.includes(p!) ? " The master starts at zero: it knows nothing yet." : "";
}
