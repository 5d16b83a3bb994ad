// Two stores in lockstep: what is chosen in one is chosen in the other, as far as it is there.
import type { StageView } from "../../shared/views";
import { likeStep, type Cell, type Store } from "../store";
import type { Selection } from "../selection";

/** What of one run is what of the other. */
export interface Way {
  step: (step: number) => number;
  atom: (atom: number) => number | null;
}

/** Keeps `other` like `store`, and `store` like what is chosen in `other`; returns the clean-up. */
export function link(store: Store, other: Store, there: Way, back: Way, alike: boolean): () => void {
  let busy = false;
  const once = (act: () => void) => () => {
    if (busy) return;
    busy = true;
    act();
    busy = false;
  };
  const push = once(() => {
    const { step, selection, channel, playing, speed, head, cell, hover, asked, revealed } = store.state;
    other.set({ step: there.step(step), channel, playing, speed, head, asked, revealed });
    other.select(moved(selection, there.atom, store, other, alike));
    if (alike) other.set({ cell: held(cell, other), hover: held(hover, other) });
  });
  const pull = once(() => {
    const { step, selection, channel, head, cell, hover } = other.state;
    if (there.step(store.state.step) !== step) store.goTo(back.step(step));
    const now = moved(store.state.selection, there.atom, store, other, alike);
    if (now.atom !== selection.atom || now.bond !== selection.bond)
      store.select(moved(selection, back.atom, other, store, alike));
    store.set({ channel, head });
    if (alike) store.set({ cell: held(cell, store), hover: held(hover, store) });
  });
  push();
  const ends = [store.subscribe(push), other.subscribe(pull)];
  return () => ends.forEach((end) => end());
}

function held(cell: Cell | null, store: Store): Cell | null {
  return cell && store.state.scene?.has(cell.quantity) ? cell : null;
}

function moved(
  { atom, bond, pin }: Selection,
  way: Way["atom"],
  from: Store,
  to: Store,
  alike: boolean,
): Selection {
  const at = atom === null ? null : way(atom);
  const [a, b] = [from, to].map((s) => s.state.scene!.view.molecule) as [StageView["molecule"], StageView["molecule"]];
  let over: number | null = null;
  if (bond !== null) {
    const ends = [0, 1].map((k) => way(a.bonds.data[bond * 2 + k]!));
    const found = b.bond_labels.findIndex((_, n) => ends.includes(b.bonds.data[n * 2]!) && ends.includes(b.bonds.data[n * 2 + 1]!));
    over = ends[0] !== null && ends[1] !== null && found >= 0 ? found : null;
  }
  return { atom: at, bond: over, pin: alike ? pin : null };
}

/** How steps and atoms of one view are found in another; `atoms` gives the own atom of each of its. */
export function ways(mine: StageView, other: StageView, atoms: ArrayLike<number>): [there: Way, back: Way] {
  const [there, back] = [lockstep(mine, other), lockstep(other, mine)];
  const own = Array.from(atoms);
  const found = (k: number) => (k >= 0 ? k : null);
  return [
    { step: (s) => there[s] ?? 0, atom: (a) => found(own.indexOf(a)) },
    { step: (s) => back[s] ?? 0, atom: (a) => found(own[a] ?? -1) },
  ];
}

function lockstep(from: StageView, to: StageView): number[] {
  return from.steps.map((_, s) => likeStep(from, s, to));
}
