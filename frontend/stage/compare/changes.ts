// Changes asked of the kernel: all of them, each time, so that it need not remember any.
import type { EditView } from "../../shared/views";
import type { Held, Store } from "../store";

export type Change = EditView["change"];

const KEY = "what if";

/** What was changed in the run beside the one on stage, in order. */
export function changesOf(store: Store): Change[] {
  return store.state.against?.view.edits.map((edit) => edit.change) ?? [];
}

export function addChange(store: Store, change: Change): void {
  askFor(store, [...changesOf(store), change]);
}

export function dropChange(store: Store, k: number): void {
  askFor(store, changesOf(store).filter((_, n) => n !== k));
}

export function dropAll(store: Store): void {
  askFor(store, []);
}

function askFor(store: Store, changes: Change[]): void {
  // Each wish is a question of its own, and takes the place of the one before.
  const { [KEY]: _, ...held } = store.state.held;
  store.set({ held });
  store.ask?.({ kind: "what_if", key: KEY, fields: { changes }, read: ({ words }) => words });
}

export function asked(held: Record<string, Held<unknown>>): Held<unknown> | undefined {
  return held[KEY];
}
