// What the unit tests share: a page, a model that behaves like anywidget's, and small traces.
import { Window } from "happy-dom";
import acetic from "../fixtures/acetic.bin";
import type { Heard, Messenger } from "./anywidget";
import { WIRE_VERSION, type AgainstView, type NumArray, type PropagationView, type Quantity, type StageView } from "./views";
import { decode } from "./wire";

const GLOBALS = [
  "document",
  "HTMLElement",
  "SVGElement",
  "Element",
  "Node",
  "MutationObserver",
  "getComputedStyle",
  "matchMedia",
  "requestAnimationFrame",
  "cancelAnimationFrame",
  "KeyboardEvent",
  "MouseEvent",
  "Event",
  "PointerEvent",
  "FocusEvent",
] as const;

/** A fresh page in place of the browser's globals. */
export function page(): Window {
  const window = new Window();
  const target = globalThis as unknown as Record<string, unknown>;
  target.window = window;
  for (const name of GLOBALS) {
    const value = (window as unknown as Record<string, unknown>)[name];
    target[name] = typeof value === "function" && /^[a-z]/.test(name) ? value.bind(window) : value;
  }
  return window;
}

/** A model with traits that fires change events as they are set, and counts its saves. */
export class FakeModel<T extends object> implements Messenger<T> {
  saves = 0;
  /** What was sent, in order, and the buffers with it. */
  readonly sent: unknown[] = [];
  readonly buffers: unknown[][] = [];
  private readonly callbacks = new Map<string, Set<Heard>>();

  constructor(readonly traits: T) {}

  get<K extends keyof T & string>(name: K): T[K] {
    return this.traits[name];
  }

  set<K extends keyof T & string>(name: K, value: T[K]): void {
    if (this.traits[name] === value) return;
    this.traits[name] = value;
    this.fire(name);
  }

  /** Says that a trait has changed. */
  fire(name: keyof T & string): void {
    for (const callback of [...(this.callbacks.get(`change:${name}`) ?? [])]) callback();
  }

  save_changes(): void {
    this.saves += 1;
  }

  send(content: unknown, _callbacks?: undefined, buffers: unknown[] = []): void {
    this.sent.push(content);
    this.buffers.push(buffers);
  }

  /** Hands over a message of Python's, with its buffers. */
  answer(message: unknown, buffers: DataView[] = []): void {
    for (const callback of [...(this.callbacks.get("msg:custom") ?? [])]) callback(message, buffers);
  }

  on(event: string, callback: Heard): void {
    if (!this.callbacks.has(event)) this.callbacks.set(event, new Set());
    this.callbacks.get(event)!.add(callback);
  }

  off(event: string, callback: Heard): void {
    this.callbacks.get(event)?.delete(callback);
  }

  get listeners(): number {
    return [...this.callbacks.values()].reduce((n, set) => n + set.size, 0);
  }
}

/** Acetic acid under a small edge network, as Python packed it. */
export function aceticBlob(): DataView {
  return new DataView(acetic.slice().buffer);
}

/** The same blob with its view changed, arrays aside. */
export function repacked(change: (view: StageView, manifest: Manifest) => void): DataView {
  const blob = aceticBlob();
  const length = blob.getUint32(8, true);
  const bytes = new Uint8Array(blob.buffer);
  const manifest = JSON.parse(new TextDecoder().decode(bytes.subarray(12, 12 + length)));
  change(manifest.view, manifest);
  let packed = JSON.stringify(manifest);
  while ((12 + new TextEncoder().encode(packed).length) % 8) packed += " ";
  const head = new TextEncoder().encode(packed);
  const out = new Uint8Array(12 + head.length + bytes.length - 12 - length);
  out.set(bytes.subarray(0, 12));
  out.set(head, 12);
  out.set(bytes.subarray(12 + length), 12 + head.length);
  new DataView(out.buffer).setUint32(8, head.length, true);
  return new DataView(out.buffer);
}

interface Manifest {
  view: unknown;
  arrays: { offset: number }[];
}

/** Acetic acid's run beside itself, as the wire brings it; of the other, numbers may be others.
 *
 * `atoms` names an array of the blob's that says which atom is which: all the same where it is left out.
 */
export function besideItself(
  alter: Record<string, (values: Float32Array) => void> = {},
  more: Partial<AgainstView> = {},
): DataView {
  const places: [number, (values: Float32Array) => void, number][] = [];
  const blob = repacked((view, manifest) => {
    for (const q of view.quantities) {
      const change = alter[q.name];
      const held = q.values as unknown as { $array: number } | null;
      if (!change || !held) continue;
      const entry = manifest.arrays[held.$array]! as { offset: number; shape: number[] };
      places.push([entry.offset, change, entry.shape.reduce((a, b) => a * b, 1)]);
    }
    manifest.view = { view, atoms: view.node_atoms, edits: [], title: "one", other_title: "two", ...more };
  });
  const start = 12 + blob.getUint32(8, true);
  for (const [offset, change, count] of places) change(new Float32Array(blob.buffer, start + offset, count));
  return blob;
}

export function aceticView(): StageView {
  return decode(aceticBlob());
}

/** A blob packed by hand, after the layout that mpnn_lab/views/wire.py documents. */
export function pack(manifest: object, arrays: ArrayBufferView[], version = WIRE_VERSION): Uint8Array {
  let text = JSON.stringify(manifest);
  while ((12 + new TextEncoder().encode(text).length) % 8) text += " ";
  const head = new TextEncoder().encode(text);
  const parts = arrays.map((a) => {
    const bytes = new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
    const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
    padded.set(bytes);
    return padded;
  });
  const out = new Uint8Array(12 + head.length + parts.reduce((n, p) => n + p.length, 0));
  out.set(new TextEncoder().encode("MPNN"));
  new DataView(out.buffer).setUint32(4, version, true);
  new DataView(out.buffer).setUint32(8, head.length, true);
  out.set(head, 12);
  let at = 12 + head.length;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** A view as the wire brings it. */
export function packed(view: unknown): DataView {
  const arrays: ArrayBufferView[] = [];
  const entries: object[] = [];
  let offset = 0;
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (value === null || typeof value !== "object") return value;
    const { shape, data } = value as Partial<NumArray<Float32Array | Int32Array>>;
    if (!shape || !data) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
    entries.push({ dtype: data instanceof Float32Array ? "float32" : "int32", shape, offset });
    offset += Math.ceil(data.byteLength / 8) * 8;
    return { $array: arrays.push(data) - 1 };
  };
  const body = { view: plain(view), arrays: entries };
  return new DataView(pack(body, arrays).buffer);
}

export function floats(shape: number[], data: number[]): NumArray<Float32Array> {
  return { shape, data: new Float32Array(data) };
}

export function ints(data: number[]): NumArray<Int32Array> {
  return { shape: [data.length], data: new Int32Array(data) };
}

export function quantity(name: string, more: Partial<Quantity>): Quantity {
  return {
    name,
    symbol: name,
    label: name,
    per: "node",
    axes: ["channel"],
    values: null,
    op: "recorded",
    args: [],
    constants: {},
    recorded: true,
    error: null,
    unit: "",
    nodes: 0,
    scaled: {},
    ...more,
  };
}

/** Three atoms in a row (edges 0→1, 2→1, 1→0, 1→2, kinds a, b, a, b) with these quantities. */
export function chain(quantities: Quantity[]): StageView {
  const view = aceticView();
  const message = quantity("m", { per: "edge", values: floats([4, 1], [1, 5, 2, 3]) });
  const sum = quantity("sum", { values: floats([3, 1], [2, 6, 3]), op: "sum_incoming", args: ["m"] });
  const propagation: PropagationView = {
    label: "",
    hop: 0,
    source: ints([0, 2, 1, 1]),
    target: ints([1, 1, 0, 2]),
    bond: ints([0, 1, 0, 1]),
    kind: ints([0, 1, 0, 1]),
    role: { shape: [4], data: new Uint8Array(4) },
    roles: ["bond"],
    messages: "m",
    weights: null,
    weights_label: "",
    aggregated: "sum",
    aggr: "sum",
    ordered: false,
    matrices: null,
    relation: false,
    reads_sender: true,
    scores: false,
  };
  const round = {
    number: 1,
    layer: "conv",
    kind: "Conv",
    formula: "",
    state_in: "m",
    state_out: "sum",
    propagations: [propagation],
    pool: null, undrawn: "",
  };
  const names = quantities.map((q) => q.name);
  const step = {
    chapter: 1,
    round: 0,
    propagation: 0,
    name: "message" as const,
    quantities: names,
    state: "sum",
    nodes: 0,
  };
  const molecule = {
    ...view.molecule,
    atom_labels: ["C0", "C1", "C2"],
    bonds: { shape: [2, 2], data: new Int32Array([0, 1, 1, 2]) },
    bond_labels: ["a", "b"],
    positions: floats([3, 2], [0, 0, 10, 0, 20, 0]),
  };
  return {
    ...view,
    molecule,
    node_atoms: ints([0, 1, 2]),
    node_labels: ["C0", "C1", "C2"],
    node_sets: [ints([0, 1, 2])],
    members: { shape: [0, 2], data: new Int32Array() },
    hyperedges: ints([]),
    rounds: [round],
    steps: [step],
    quantities: [message, sum, ...quantities],
    feature_names: ["is C", "charge"],
  };
}
