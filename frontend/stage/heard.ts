// Of whom an atom has heard by the end of a round: found by going back along the messages.
import type { Depiction, PropagationView, RoundView } from "../shared/views";
import type { Scene } from "./scene";

/** "It has now heard of ...": said of a node after a round (counted from 0); "" where messages are not drawn. */
export function reachOf(scene: Scene, node: number, round: number): string {
  const { molecule, node_atoms, node_labels } = scene.view;
  const rounds = scene.view.rounds.slice(0, round + 1);
  if (rounds.some((r) => r.undrawn)) return "";
  // The pooling that ends the round has not happened yet.
  const told = ({ propagations, pool }: RoundView) => propagations.filter((_, p) => p !== pool?.scoring);
  // There and back through sets is one step from atom to atom.
  const steps = rounds.flatMap((r) => hops(told(r))).filter(([p]) => !scene.isSet(p!.target.data[0] ?? -1)).length;
  const nodes = new Set([node]);
  for (const r of rounds.toReversed()) {
    // A merged node has heard what its members had.
    const pairs = r === rounds.at(-1) ? [] : (r.pool?.members.data ?? []);
    for (let k = 0; k < pairs.length; k += 2) if (nodes.has(pairs[k + 1]!)) nodes.add(pairs[k]!);
    for (const sideBySide of hops(told(r)).toReversed()) {
      const listening = new Set(nodes);
      for (const { source, target } of sideBySide) {
        target.data.forEach((t, e) => {
          if (listening.has(t)) nodes.add(source.data[e]!);
        });
      }
    }
  }
  const atoms = new Set([...nodes].map((n) => node_atoms.data[n]!).filter((a) => a >= 0));
  const all = molecule.atom_labels.length;
  if (nodes.size === 1) {
    return all === 1 ? "There is no other atom to hear of." : `It has no neighbours: it knows only itself.`;
  }
  if (atoms.size === all) return "It has now heard of the whole molecule.";
  const own = node_atoms.data[node]!;
  if (own >= 0 && same(atoms, within(molecule, own, all))) {
    return `It has now heard of every atom that ${node_labels[node]} is joined to.`;
  }
  if (own >= 0 && same(atoms, within(molecule, own, steps))) {
    const far = steps === 1 ? "its direct neighbours" : `atoms up to ${steps} bonds away`;
    return `It has now heard of ${far}.`;
  }
  return `It has now heard of ${atoms.size} of the ${all} atoms.`;
}

/** A round's propagations, those together that run side by side. */
function hops(propagations: PropagationView[]): PropagationView[][] {
  const found: PropagationView[][] = [];
  for (const p of propagations) (found[p.hop] ??= []).push(p);
  return found.filter(Boolean);
}

/** The atoms at most so many bonds away. */
function within({ bonds, bond_labels }: Depiction, atom: number, distance: number): Set<number> {
  const found = new Set([atom]);
  for (let step = 0; step < distance; step++) {
    const before = [...found];
    for (let b = 0; b < bond_labels.length; b++) {
      const [i, j] = [bonds.data[b * 2]!, bonds.data[b * 2 + 1]!];
      if (before.includes(i)) found.add(j);
      if (before.includes(j)) found.add(i);
    }
    if (found.size === before.length) break;
  }
  return found;
}

function same(a: Set<number>, b: Set<number>): boolean {
  return a.size === b.size && [...a].every((x) => b.has(x));
}
