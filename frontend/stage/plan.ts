// What the lens draws at a step: the step's quantities in order, each as one block.
import type { PropagationView, Quantity, StepView } from "../shared/views";
import { headed, isMatrix, isView, rowLabel, type Scene } from "./scene";
import type { Focus } from "./selection";
import type { Cell } from "./store";
import { endOf, subscripted } from "./symbols";

/** Where the lens stands: the rows it reads. */
export interface Place {
  propagation: PropagationView | null;
  node: number;
  edge: number;
  kind: number;
  incoming: number[];
}

export type BlockKind = "linear" | "rows" | "strips" | "plain" | "matrix";

export interface Block {
  kind: BlockKind;
  quantity: Quantity;
  row: number;
}

const OVER_ROWS = /_incoming$|_nodes$|_members$/;

export function placeOf(scene: Scene, step: StepView, focus: Focus): Place {
  const { node, edge, kind, incoming } = focus;
  return { propagation: scene.propagationOf(step) ?? focus.propagation, node, edge, kind, incoming };
}

/** The row of a quantity that the lens looks at; -1 where there is none. */
export function rowAt(scene: Scene, quantity: Quantity, place: Place): number {
  const { edge, kind, propagation } = place;
  const set = scene.isSet(place.node);
  // Where a set hears, the atom looked at is the one that sends.
  const node = set ? (propagation?.source.data[edge] ?? -1) : place.node;
  return { edge, node, kind, graph: 0, model: 0, hyperedge: set ? place.node : -1 }[quantity.per];
}

export function plan(scene: Scene, step: StepView, place: Place): Block[] {
  const quantities = step.quantities.map((name) => scene.quantity(name));
  const used = new Set(quantities.flatMap((q) => q.args));
  const blocks: Block[] = [];
  for (const quantity of quantities) {
    const bare = quantity.op === "recorded" || quantity.op === "opaque" || isView(quantity);
    // What another block of this step starts from is drawn there, but for what is checked as a whole.
    if (bare && used.has(quantity.name) && !isWhole(quantity)) continue;
    const at = rowAt(scene, quantity, place);
    const row = quantity.per === "node" ? scene.crowd.standIn(at, scene.base(quantity).nodes) : at;
    if (row < 0) continue;
    blocks.push({ kind: blockKind(scene, quantity, bare), quantity, row });
  }
  return blocks;
}

function blockKind(scene: Scene, quantity: Quantity, bare: boolean): BlockKind {
  if (quantity.op === "linear") return "linear";
  if (OVER_ROWS.test(quantity.op) || gathersUnseen(scene, quantity)) return "rows";
  if (isMatrix(scene, quantity)) return "matrix";
  return bare ? "plain" : "strips";
}

/** Whether a quantity is recomputed as a whole: checked, but not spelled out. */
function isWhole({ op, error }: Quantity): boolean {
  return op === "opaque" && error !== null;
}

/** Whether many rows are put together in such a way. */
function gathersUnseen(scene: Scene, quantity: Quantity): boolean {
  const { per, args } = quantity;
  if (!isWhole(quantity) || !args.length) return false;
  const rows = scene.quantity(args.at(-1)!).per;
  return (rows === "edge" && per === "node") || (rows === "node" && per === "graph");
}

/** The number spelled out: the hovered, else the clicked where it still applies, else the largest. */
export function activeCell(
  scene: Scene,
  blocks: Block[],
  place: Place,
  hover: Cell | null,
  chosen: Cell | null,
  head: number,
): Cell | null {
  if (hover && scene.has(hover.quantity)) return hover;
  const listed = place.propagation?.messages;
  if (chosen && (chosen.quantity === listed || blocks.some((b) => scene.reach(b.quantity.name).has(chosen.quantity)))) {
    const row = keptRow(scene, scene.quantity(chosen.quantity), chosen.row, place);
    if (row >= 0) return { ...chosen, row };
  }
  const block = blocks.findLast((b) => b.kind !== "plain") ?? blocks.at(-1);
  if (!block) return null;
  const held = scene.row(block.quantity, block.row, place.propagation);
  if (!held) return null;
  const size = held.values.length;
  // Of a row with heads, the one that the lens shows; each may have one number only.
  const [heads, inner = 1] = scene.shape(held.quantity);
  const [first, width] = headed(held.quantity) ? [Math.min(head, heads! - 1) * inner, inner] : [0, size];
  let channel = chosen && chosen.channel >= first && chosen.channel < first + width ? chosen.channel : -1;
  if (channel < 0) {
    channel = first;
    for (let c = first; c < first + width; c++) {
      if (Math.abs(held.values[c]!) > Math.abs(held.values[channel]!)) channel = c;
    }
  }
  return { quantity: held.quantity.name, row: held.row, channel };
}

/** A clicked cell keeps its channel when another atom or edge comes into the lens. */
function keptRow(scene: Scene, quantity: Quantity, row: number, place: Place): number {
  if (quantity.per === "model" || quantity.per === "graph") return row;
  if (quantity.per === "node" || quantity.per === "hyperedge") {
    return nearby(place, row) ? row : rowAt(scene, quantity, place);
  }
  if (quantity.per === "kind") return place.kind;
  return place.incoming.includes(row) && scene.rows(quantity) > row ? row : place.edge;
}

function nearby(place: Place, node: number): boolean {
  const { propagation: p } = place;
  return node === place.node || (p !== null && place.incoming.some((e) => p.source.data[e] === node));
}

/** The symbol of a quantity with the atoms, edge or kind of the row in its subscript's place. */
export function named(scene: Scene, quantity: Quantity, row: number, propagation: PropagationView | null): string {
  const home = scene.home(quantity, propagation);
  let subject: string | undefined;
  if (quantity.op === "source" && home) subject = scene.view.node_labels[home.source.data[row]!];
  else if (quantity.op === "target" && home) subject = scene.view.node_labels[home.target.data[row]!];
  else if (quantity.per === "edge" && home && endOf(quantity.symbol)) {
    // One end's own number, kept per edge: z_j belongs to the neighbour, z_i to the listener.
    const end = endOf(quantity.symbol) === "j" ? home.source : home.target;
    subject = scene.view.node_labels[end.data[row]!];
  } else if (quantity.op === "of_kind" && home) subject = home.matrices?.labels[home.kind.data[row]!];
  else if (quantity.per !== "model" && quantity.per !== "graph") {
    subject = rowLabel(scene, quantity, row, propagation);
  }
  return subject ? subscripted(quantity.symbol, subject) : quantity.symbol;
}
