// One plain sentence on how far two runs lie apart at a step.
import { capital, list, num } from "../../shared/format";
import type { StepView } from "../../shared/views";
import { place } from "../narration";
import { edgeLabel, type Scene } from "../scene";
import { largestOf, type Focus } from "../selection";

/** Less than this part of what is compared is rounding. */
const NOTHING = 1e-6;

export function narrateDifference(scene: Scene, step: StepView, focus: Focus): string {
  return `${capital(place(scene, step))}, the other run less this one: ${sentence(scene, step, focus)}`;
}

function sentence(scene: Scene, step: StepView, focus: Focus): string {
  const { node_labels, quantities } = scene.view;
  if (step.name === "readout" || step.name === "predict") {
    const last = quantities.find((q) => q.name === step.quantities.at(-1));
    const moved = last ? scene.norms(last.name)[0]! : 0;
    return moved > 0 ? `what is read from the molecule has moved by ${num(moved)}.` : "what is read from the molecule is the same.";
  }
  const propagation = scene.propagationOf(step);
  if (propagation && (step.name === "message" || step.name === "gather")) {
    const most = loudest(scene, propagation.messages);
    if (!most) return "all messages are the same.";
    const [edges, size] = most;
    return `the message that has changed most is ${list(edges.slice(0, 3).map((e) => edgeLabel(scene, propagation, e)))}, by ${num(size)}.`;
  }
  const most = loudest(scene, step.state);
  if (!most) return "all atoms have the same states.";
  const [nodes, size] = most;
  const own = scene.norms(step.state)[focus.node] ?? 0;
  const chosen = node_labels[focus.node] ?? "";
  const mine = nodes.includes(focus.node) ? "" : ` ${chosen} has moved by ${num(own)}.`;
  return `the state that has moved most is that of ${list(nodes.slice(0, 3).map((n) => node_labels[n]!))}, by ${num(size)}.${mine}`;
}

/** The rows that differ most, and by how much; null where none does. */
function loudest(scene: Scene, name: string): [rows: number[], size: number] | null {
  const norms = scene.norms(name);
  const there = [...norms.keys()].filter((r) => norms[r]! > NOTHING * scene.widest(name));
  if (!there.length) return null;
  const rows = largestOf(there, (r) => norms[r]!);
  return [rows, norms[rows[0]!]!];
}
