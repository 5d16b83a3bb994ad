// The propagations whose matrices one can look at: those of several rounds that share them are one.
import { list } from "../../shared/format";
import type { PropagationView } from "../../shared/views";
import type { Scene } from "../scene";

export interface Choice {
  /** Rounds that share the matrices. */
  rounds: number[];
  /** Number in the round; −1 for a round without any that is drawn. */
  propagation: number;
  view: PropagationView | undefined;
}

export function choicesOf(scene: Scene): Choice[] {
  const found = new Map<unknown, Choice>();
  scene.view.rounds.forEach(({ propagations, pool }, round) => {
    const own = propagations.filter((_, p) => p !== pool?.scoring);
    for (const view of own.length ? own : [undefined]) {
      // Equal arrays are sent once: rounds that share their weights hold the very same table.
      const table = view?.matrices ? scene.quantity(view.matrices.table).values : {};
      const known = found.get(table);
      if (known?.view!.label === view?.label && known) known.rounds.push(round);
      else found.set(known ? {} : table, { rounds: [round], propagation: view ? propagations.indexOf(view) : -1, view });
    }
  });
  return [...found.values()];
}

export function titleOf(scene: Scene, { rounds, view }: Choice): string {
  const many = rounds.length > 1;
  const numbers = list(rounds.map((r) => String(scene.view.rounds[r]!.number)));
  return `round${many ? "s" : ""} ${numbers}${view?.label ? `, ${view.label}` : ""}${many ? " (shared)" : ""}`;
}

/** The step at which a choice's messages are sent, else the last of its round. */
export function stepOf(scene: Scene, { rounds, propagation }: Choice): number {
  const { steps } = scene.view;
  const here = steps.findLastIndex((s) => s.round === rounds[0] && s.propagation === propagation && s.name === "message");
  return here >= 0 ? here : steps.findLastIndex((s) => s.round === rounds[0]);
}
