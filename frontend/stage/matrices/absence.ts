// Why there is no matrix to show.
import type { PropagationView, RoundView } from "../../shared/views";
import { fromSets, type Scene } from "../scene";

export const NOT_LINEAR = "This layer's message is not one matrix times the neighbour's state";

/** Why no message has a matrix, not even one of its own; nothing where some have. */
export function absence(scene: Scene, round: RoundView | undefined, propagation: PropagationView | null): string | null {
  if (propagation?.source.data.length === 0) return "No bond, no message: there is no matrix to show.";
  if (round?.undrawn) return `The messages of ${round.kind} ${round.undrawn}.`;
  if (propagation && propagation === round?.propagations[round.pool?.scoring ?? -1])
    return propagation.scores
      ? "What goes along the edges here are a pooling's scores: no matrix makes them."
      : "What goes along the edges here are the states that a pooling scores by: no matrix changes them.";
  if (propagation?.reads_sender === false)
    return "This layer's message is the edge's own state: it does not read the neighbour's, and no matrix makes it of that.";
  if (!propagation?.matrices && fromSets(scene, propagation)) return "What a set sends is what it has heard, scaled: no matrix changes it.";
  return null;
}
