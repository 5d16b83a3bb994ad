// Which field a fault belongs to: the one at its path, else the nearest around it that is shown.
import type { BuilderForm, BuilderState, FaultView } from "../shared/views";

/** Faults by the path of the field where they are shown; "" is the whole network. */
export type Faults = Map<string, FaultView[]>;

export function placed(form: BuilderForm, state: BuilderState): Faults {
  const known = paths(form, state);
  const faults: Faults = new Map();
  for (const fault of state.faults) {
    let path = fault.path;
    while (path && !known.has(path)) path = path.includes(".") ? path.slice(0, path.lastIndexOf(".")) : "";
    faults.set(path, [...(faults.get(path) ?? []), fault]);
  }
  return faults;
}

/** Whether something at or under this path is wrong. */
export function isFaulty(faults: Faults, path: string): boolean {
  return [...faults.keys()].some((p) => p === path || p.startsWith(`${path}.`));
}

function paths(form: BuilderForm, state: BuilderState): Set<string> {
  const known = new Set([...form.network_fields, ...form.graph_fields].map((f) => f.name));
  for (const option of state.readout_options) known.add(`readout_options.${option.name}`);
  roundsOf(state).forEach((layer, r) => {
    known.add(`rounds.${r}`);
    known.add(`rounds.${r}.name`);
    for (const field of form.layer_fields) known.add(`rounds.${r}.${field.name}`);
    for (const option of state.details[layer.name]?.options ?? []) {
      known.add(`rounds.${r}.options.${option.name}`);
    }
  });
  return known;
}

/** One round of a draft, as JSON has it. */
export interface LayerDraft {
  name: string;
  options: Record<string, unknown>;
  [field: string]: unknown;
}

export function roundsOf(state: BuilderState): LayerDraft[] {
  return state.spec.rounds as LayerDraft[];
}

/** Whether two values of a draft are the same, as JSON. */
export function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
