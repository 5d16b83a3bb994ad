// Puts another run beside the one on stage: its store, that of the difference, and their links.
import type { AgainstView } from "../../shared/views";
import { Scene } from "../scene";
import { isSame, Store, type Side } from "../store";
import { differenceOf } from "./difference";
import { link, ways } from "./link";

/** Shows another run beside the store's own; null for none. Returns what undoes it. */
export function showAgainst(store: Store, view: AgainstView | null): () => void {
  const scene = store.state.scene;
  if (!view || !scene) {
    store.set({ against: null, side: "this" });
    return () => undefined;
  }
  const other = new Store();
  other.show(view.view);
  const theirs = other.state.scene!;
  const difference = differenceOf(scene.view, view.view, view.atoms.data);
  const between = difference && new Store();
  between?.show(difference!.view);
  // One scale for all that is compared.
  scene.peers = [theirs];
  theirs.peers = [scene];
  const draw = (own: boolean) => {
    const less = new Scene(difference!.view);
    less.pair = difference!.pair;
    less.peers = own ? [] : [scene, theirs];
    between!.set({ scene: less });
  };
  if (between) draw(store.state.ownScale);
  let own = store.state.ownScale;
  const rescaled = store.subscribe(() => {
    if (own === store.state.ownScale) return;
    own = store.state.ownScale;
    if (between) draw(own);
  });
  const [there, back] = ways(scene.view, view.view, view.atoms.data);
  const ends = [rescaled, link(store, other, there, back, isSame({ view }))];
  if (between) {
    const step = (s: number) => s;
    const atom = (a: number) => a;
    ends.push(link(store, between, { step, atom }, { step, atom }, true));
  }
  store.set({ against: { view, other, difference: between }, side: sideFor(store, view, between !== null) });
  return () => {
    ends.forEach((end) => end());
    scene.peers = [];
  };
}

/** What is shown first: of a change just made, what has become of it. */
function sideFor(store: Store, view: AgainstView, subtracts: boolean): Side {
  const { side } = store.state;
  if (side === "this" && view.edits.length > 0) return "other";
  return side === "difference" && !subtracts ? "this" : side;
}
