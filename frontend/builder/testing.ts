// A small form, and a state of it, for the unit tests.
import type { BuilderForm, BuilderState, FieldView } from "../shared/views";

export function field(name: string, more: Partial<FieldView> = {}): FieldView {
  return {
    name,
    label: name.replace("_", " "),
    description: `what ${name} is`,
    kind: "whole",
    default: null,
    choices: [],
    least: null,
    most: null,
    below: false,
    optional: false,
    ...more,
  };
}

export const WIDTH = field("width", { least: 1, most: 2048 });
const AGGR = field("aggr", { kind: "text", optional: true });
const UPDATE = field("update", { kind: "choice", default: "none", choices: ["none", "gru"] });
export const HEAD = field("head", { kind: "list", default: [64] });
const HEADS = field("heads", { default: 1, least: 1, most: 8, optional: true });

function layer(name: string, family: string, reason = "") {
  return { name, family, formula: `f(${name})`, reads: name === "GAT" ? "bonds" : "", reason };
}

export const FORM: BuilderForm = {
  presets: [
    { name: "one", label: "One", description: "The first of them.", group: "a" },
    { name: "two", label: "Two", description: "Another.", group: "b" },
  ],
  layers: [layer("GCN", "degrees"), layer("GAT", "attention"), layer("HAN", "Not available", "several types")],
  aggregators: [
    { name: "sum", formula: "Σ x", order: false },
    { name: "lstm", formula: "LSTM(x)", order: true },
  ],
  layer_fields: [WIDTH, AGGR],
  network_fields: [UPDATE, HEAD],
  graph_fields: [field("hydrogens", { kind: "flag", default: false })],
  most_rounds: 3,
};

export function details(name: string) {
  return {
    name,
    formula: `f(${name})`,
    paper: "paper",
    reads: "",
    aggr: name === "own" ? null : "sum",
    aggrs: name === "own" ? [] : ["sum", "lstm"],
    options: name === "GAT" ? [HEADS] : [],
  };
}

const PART = { parameters: 1000, multiply_adds: 2000, messages: 26 };

export function state(more: Partial<BuilderState> = {}): BuilderState {
  return {
    spec: {
      rounds: [
        { name: "GAT", width: 8, aggr: null, options: { heads: 2 } },
        { name: "GCN", width: 8, aggr: "sum", options: {} },
      ],
      update: "none",
      head: [16, 4],
      hydrogens: false,
      readout_options: {},
    },
    readout_options: [],
    details: { GAT: details("GAT"), GCN: details("GCN") },
    faults: [],
    preset: "one",
    words: "Every atom does this.",
    cost: {
      parameters: 12345,
      multiply_adds: 67890,
      complete: true,
      parts: [
        { name: "rounds.0", ...PART },
        { name: "rounds.1", ...PART },
        { name: "head", ...PART, messages: 0 },
      ],
    },
    molecule: "aspirin",
    notes: [],
    ...more,
  };
}
