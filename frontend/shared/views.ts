// Generated from mpnn_lab/views by `python -m mpnn_lab.views.typescript`; do not edit.

export const WIRE_VERSION = 2;

export interface NumArray<T extends Float32Array | Int32Array | Uint8Array> {
  shape: number[];
  data: T;
}

/** One target's value in the model's own unit ("" while it has none), and the measured one. */
export interface Prediction {
  target: string;
  value: number;
  unit: string;
  measured: number | null;
  measured_note: string;
}

/** Who is on stage: molecule, model, what it was trained on, what it says. */
export interface HeaderView {
  title: string;
  smiles: string;
  model: string;
  training: "trained" | "untrained" | "unknown";
  status: string;
  predictions: Prediction[];
}

/** One stroke or filled glyph of the picture; never markup. */
export interface DepictionPath {
  d: string;
  fill: boolean;
  width: number;
  element: number;
  atom: number;
  bond: number;
}

/** A molecule drawn in a plane, in picture units (y grows downwards). */
export interface Depiction {
  width: number;
  height: number;
  bond_length: number;
  paths: DepictionPath[];
  positions: NumArray<Float32Array>;
  elements: NumArray<Int32Array>;
  atom_labels: string[];
  atom_descriptions: string[];
  bonds: NumArray<Int32Array>;
  bond_labels: string[];
  bond_descriptions: string[];
}

/** A block of the timeline: Input, Round 1 .. T, Jumping knowledge, Readout, Prediction. */
export interface ChapterView {
  title: string;
  kind: "input" | "round" | "jumping" | "readout" | "prediction";
  round: number;
  caption: string;
  ordered: boolean;
}

/** One stop of the timeline: what the lens shows there, in order. */
export interface StepView {
  chapter: number;
  round: number;
  propagation: number;
  name: "features" | "project" | "gather" | "edge matrix" | "attention" | "message" | "aggregate" | "norm" | "update" | "edge update" | "pool" | "jumping knowledge" | "readout" | "predict";
  quantities: string[];
  state: string;
  nodes: number;
}

/** The edge matrices of one propagation, one for each kind of edge. */
export interface MatricesView {
  caption: string;
  table: string;
  labels: string[];
  counts: NumArray<Int32Array>;
  bonds: NumArray<Int32Array>;
  sigma: NumArray<Float32Array>;
  exact: boolean;
}

/** One call of propagate: its own edges, and the names of what was recorded on them. */
export interface PropagationView {
  label: string;
  hop: number;
  source: NumArray<Int32Array>;
  target: NumArray<Int32Array>;
  bond: NumArray<Int32Array>;
  kind: NumArray<Int32Array>;
  role: NumArray<Uint8Array>;
  roles: ("bond" | "self-loop" | "virtual" | "master" | "radius" | "complete" | "merged" | "hyperedge" | "other")[];
  messages: string;
  weights: string | null;
  weights_label: string;
  aggregated: string | null;
  aggr: string;
  ordered: boolean;
  matrices: MatricesView | null;
  relation: boolean;
  reads_sender: boolean;
  scores: boolean;
}

/** How atoms drop out or merge at the end of a round. */
export interface PoolView {
  name: string;
  formula: string;
  merges: boolean;
  scoring: number;
  members: NumArray<Int32Array>;
  centres: NumArray<Int32Array>;
}

/** One layer call, as the user counts rounds (from 1), and the pooling that ends it. */
export interface RoundView {
  number: number;
  layer: string;
  kind: string;
  formula: string;
  state_in: string;
  state_out: string;
  propagations: PropagationView[];
  pool: PoolView | null;
  undrawn: string;
}

/** One named thing in the arithmetic of a run. */
export interface Quantity {
  name: string;
  symbol: string;
  label: string;
  per: "node" | "edge" | "kind" | "graph" | "model" | "hyperedge";
  axes: string[];
  values: NumArray<Float32Array> | null;
  op: "recorded" | "source" | "target" | "of_kind" | "of_graph" | "linear" | "add" | "multiply" | "maximum" | "power" | "clamp" | "relu" | "leaky_relu" | "elu" | "silu" | "gelu" | "sigmoid" | "tanh" | "softplus" | "exp" | "log" | "layer_norm" | "dot" | "point_pair" | "softmax_incoming" | "sum_incoming" | "mean_incoming" | "max_incoming" | "min_incoming" | "mul_incoming" | "var_incoming" | "std_incoming" | "quantile_incoming" | "rows_incoming" | "sorted_incoming" | "weighted_sum_incoming" | "kept" | "sum_members" | "interpolate" | "split_heads" | "flatten" | "mean_heads" | "sum_heads" | "softmax_heads" | "repeat_heads" | "combine" | "concatenate" | "channels" | "softmax_channels" | "softmax_nodes" | "sum_nodes" | "mean_nodes" | "max_nodes" | "min_nodes" | "mul_nodes" | "var_nodes" | "std_nodes" | "quantile_nodes" | "rows_nodes" | "sorted_nodes" | "weighted_sum_nodes" | "opaque";
  args: string[];
  constants: Record<string, number>;
  recorded: boolean;
  error: number | null;
  unit: string;
  nodes: number;
  scaled: Record<string, number>;
}

/** What was recomputed and agreed, and what could not be. */
export interface CheckView {
  passed: number;
  failed: string[];
  unchecked: string[];
  largest_error: number;
}

/** How alike the states are, by round; null where a number does not exist. */
export interface SmoothingView {
  titles: string[];
  energy: number[];
  share: (number | null)[];
  distance: (number | null)[];
  without: number[];
}

/** Names of the quantities that are the readout's shares, one a step; else why there are none. */
export interface AttentionView {
  quantities: string[];
  summed: boolean;
  note: string;
}

/** Weisfeiler-Leman colours, int32 [T + 1, N], and how far states of one colour differ. */
export interface ColoursView {
  colours: NumArray<Int32Array>;
  spread: number[];
  states: number[];
  features: boolean;
  bonds: boolean;
  said: string[];
}

/** The receptive fields of these atoms: `norms` float32 [atoms, T + 1, N], the rest [atoms, N]. */
export interface ReceptiveView {
  atoms: NumArray<Int32Array>;
  norms: NumArray<Float32Array>;
  heard: NumArray<Int32Array>;
  distance: NumArray<Int32Array>;
}

/** The run as a whole; `note` says why a part of it is missing. */
export interface RunView {
  titles: string[];
  smoothing: SmoothingView | null;
  attention: AttentionView;
  colours: ColoursView | null;
  receptive: ReceptiveView | null;
  note: string;
}

/** The matrix from the sender's state to one message, where it was asked for. */
export interface AskedMatrixView {
  round: number;
  propagation: number;
  edge: number;
  values: NumArray<Float32Array>;
  exact: boolean;
  start: "layer" | "step";
}

/** Everything the stage needs, sent once. */
export interface StageView {
  header: HeaderView;
  molecule: Depiction;
  node_atoms: NumArray<Int32Array>;
  node_labels: string[];
  node_sets: NumArray<Int32Array>[];
  members: NumArray<Int32Array>;
  hyperedges: NumArray<Int32Array>;
  feature_names: string[];
  edge_feature_names: string[];
  chapters: ChapterView[];
  steps: StepView[];
  rounds: RoundView[];
  quantities: Quantity[];
  formulas: Record<string, string>;
  check: CheckView;
  run: RunView;
  asked: AskedMatrixView[];
}

/** One change of a what-if: in words, and as it was asked for. */
export interface EditView {
  words: string;
  change: Record<string, unknown>;
}

/** A run to hold the one on stage against. */
export interface AgainstView {
  view: StageView;
  atoms: NumArray<Int32Array>;
  edits: EditView[];
  title: string;
  other_title: string;
}

/** A bond of one molecule: the molecule's row in the data set, the bond's number, and words. */
export interface ExampleView {
  row: number;
  bond: number;
  words: string;
}

/** The distinct matrices of one propagation, and the kinds of bonds that have each. */
export interface KindsView {
  round: number;
  label: string;
  labels: string[];
  molecules: NumArray<Int32Array>;
  bonds: NumArray<Int32Array>;
  examples: ExampleView[];
  table: NumArray<Float32Array>;
  sigma: NumArray<Float32Array>;
  why: string;
}

/** All kinds of bonds in a data set with their edge matrices, and those of another model. */
export interface GalleryView {
  title: string;
  molecules: number;
  bonds: number;
  kinds: number;
  matrices: KindsView[];
  other: KindsView[];
  why: string;
}

/** Points in the plane, what each is, and what colours it. */
export interface MapView {
  title: string;
  level: "graph" | "atom";
  points: NumArray<Float32Array>;
  shares: number[];
  names: string[];
  molecule: NumArray<Int32Array>;
  atoms: string[];
  values: NumArray<Float32Array>;
  value_name: string;
  unit: string;
  groups: NumArray<Int32Array>;
  group_names: string[];
  group_numbers: number[];
}

/** A named specification, with a sentence on what it does, among others of its group. */
export interface PresetView {
  name: string;
  label: string;
  description: string;
  group: string;
}

/** A layer as the list of all of them has it; `reason` where it cannot be chosen. */
export interface LayerChoice {
  name: string;
  family: string;
  formula: string;
  reads: string;
  reason: string;
}

/** An aggregation; `order` where it depends on the order of the atoms. */
export interface AggregatorChoice {
  name: string;
  formula: string;
  order: boolean;
}

/** One field of a form. What may be left out is `optional`, and null where it is. */
export interface FieldView {
  name: string;
  label: string;
  description: string;
  kind: "flag" | "whole" | "number" | "choice" | "text" | "list" | "json";
  default: boolean | number | number | string | number[] | null;
  choices: string[];
  least: number | null;
  most: number | null;
  below: boolean;
  optional: boolean;
}

/** All that can be chosen; it stays as it is. */
export interface BuilderForm {
  presets: PresetView[];
  layers: LayerChoice[];
  aggregators: AggregatorChoice[];
  layer_fields: FieldView[];
  network_fields: FieldView[];
  graph_fields: FieldView[];
  most_rounds: number;
}

/** What a card needs to know of its layer: where it comes from, and what it can be asked for. */
export interface LayerDetails {
  name: string;
  formula: string;
  paper: string;
  reads: string;
  aggr: string | null;
  aggrs: string[];
  options: FieldView[];
}

/** One thing that is wrong, at the path of its field. */
export interface FaultView {
  path: string;
  what: string;
  mend: string;
}

/** What one part of the network costs. */
export interface PartCost {
  name: string;
  parameters: number;
  multiply_adds: number;
  messages: number;
}

/** What the network costs on the molecule at hand. */
export interface CostView {
  parameters: number;
  multiply_adds: number;
  complete: boolean;
  parts: PartCost[];
}

/** The draft as it stands, what is wrong with it, what it does and costs. */
export interface BuilderState {
  spec: Record<string, unknown>;
  details: Record<string, LayerDetails>;
  readout_options: FieldView[];
  faults: FaultView[];
  preset: string;
  words: string;
  cost: CostView | null;
  molecule: string;
  notes: string[];
}

/** A molecule in space: its own atoms and bonds first, then hydrogens it only counts. */
export interface Solid {
  name: string;
  elements: string[];
  positions: NumArray<Float32Array>;
  how: string;
  reason: string;
  bonds: NumArray<Int32Array>;
  orders: NumArray<Int32Array>;
  atom_labels: string[];
  atom_descriptions: string[];
  bond_descriptions: string[];
  places: NumArray<Int32Array>;
  drawn: boolean;
}

/** One number for each atom, shown on the stage's scale of colours. */
export interface Colours {
  values: (number | null)[];
  limit: number;
  signed: boolean;
  words: string;
  channels: string[];
}
