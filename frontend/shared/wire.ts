// Reads what mpnn_lab/views/wire.py packs: a JSON manifest, then aligned typed arrays.
import { WIRE_VERSION, type NumArray, type StageView } from "./views";

const KINDS = { float32: Float32Array, int32: Int32Array, uint8: Uint8Array } as const;
type Kind = keyof typeof KINDS;
type AnyArray = NumArray<Float32Array | Int32Array | Uint8Array>;

interface Entry {
  dtype: Kind;
  shape: number[];
  offset: number;
}

/** A blob as a view (the stage's, where nothing else is said) whose arrays look into its own bytes. */
export function decode<View = StageView>(blob: ArrayBufferView | ArrayBuffer): View {
  const { buffer, start, length } = aligned(blob);
  const head = new DataView(buffer, start, length);
  const magic = length >= 12 ? String.fromCharCode(...new Uint8Array(buffer, start, 4)) : "";
  if (magic !== "MPNN") throw new Error(`not a stage blob: ${length} bytes that start with "${magic}"`);
  const version = head.getUint32(4, true);
  if (version !== WIRE_VERSION) {
    throw new Error(`this front end reads version ${WIRE_VERSION}; the trace is version ${version}`);
  }
  const size = head.getUint32(8, true);
  if (12 + size > length) throw new Error(`the blob is cut short: ${length} bytes`);
  const text = new TextDecoder().decode(new Uint8Array(buffer, start + 12, size));
  const manifest = JSON.parse(text) as { view: unknown; arrays: Entry[] };
  const arrays = manifest.arrays.map((e) => read(buffer, start + 12 + size, start + length, e));
  return restore(manifest.view, arrays) as View;
}

/** Typed arrays need their offset to be a multiple of 4: an unaligned blob is copied once. */
function aligned(blob: ArrayBufferView | ArrayBuffer) {
  const bytes = ArrayBuffer.isView(blob)
    ? new Uint8Array(blob.buffer as ArrayBuffer, blob.byteOffset, blob.byteLength)
    : new Uint8Array(blob);
  const own = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  return { buffer: own.buffer, start: own.byteOffset, length: own.byteLength };
}

function read(buffer: ArrayBuffer, base: number, end: number, entry: Entry): AnyArray {
  const make = KINDS[entry.dtype];
  if (!make) throw new Error(`the blob holds an array of ${entry.dtype}`);
  const count = entry.shape.reduce((a, b) => a * b, 1);
  if (base + entry.offset + count * make.BYTES_PER_ELEMENT > end) {
    throw new Error("the blob is cut short: an array reaches past its end");
  }
  return { shape: entry.shape, data: new make(buffer, base + entry.offset, count) };
}

function restore(value: unknown, arrays: AnyArray[]): unknown {
  if (Array.isArray(value)) return value.map((v) => restore(v, arrays));
  if (value === null || typeof value !== "object") return value;
  const record = value as Record<string, unknown>;
  if (typeof record.$array === "number") return arrays[record.$array];
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, restore(v, arrays)]));
}
