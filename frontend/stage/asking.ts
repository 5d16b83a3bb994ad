// Asks the kernel for matrices that the view does not hold, and takes its answers.
import type { Messenger } from "../shared/anywidget";
import { edgeKey, type AskedMatrix, type EdgePlace, type Store } from "./store";

/** A kernel that has not answered for so long, in ms, is taken for gone, until it does. */
const PATIENCE = 15_000;

interface Waiting {
  place: EdgePlace;
  scene: unknown;
  timer: ReturnType<typeof setTimeout>;
}

/** Lets the store ask; returns the clean-up. */
export function askThrough<T>(store: Store, model: Messenger<T>): () => void {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const settle = (id: number, matrix: AskedMatrix) => {
    const found = waiting.get(id);
    // What was asked of a trace that is no longer shown means nothing for this one.
    if (found && found.scene === store.state.scene) store.hold(found.place, matrix);
  };
  const done = (id: number) => {
    clearTimeout(waiting.get(id)?.timer);
    waiting.delete(id);
  };
  store.ask = (place) => {
    const known = store.state.matrices[edgeKey(place)];
    if (known && known.state !== "fault") return;
    const id = nextId(++last);
    const late = () => settle(id, { state: "fault", what: "The kernel is busy, or gone." });
    waiting.set(id, { place, scene: store.state.scene, timer: setTimeout(late, PATIENCE) });
    store.hold(place, { state: "asked" });
    model.send({ kind: "matrix", id, ...place });
  };
  const hear = (content: unknown, buffers: DataView[] = []) => {
    const answer = (content ?? {}) as Record<string, unknown>;
    const id = answer.id as number;
    if (!waiting.has(id)) return;
    settle(id, read(answer, buffers));
    done(id);
  };
  model.on("msg:custom", hear);
  return () => {
    model.off("msg:custom", hear);
    for (const id of [...waiting.keys()]) done(id);
    store.ask = null;
  };
}

/** Two views of one widget hear each other's answers: each draws its numbers at random. */
function nextId(count: number): number {
  return Math.floor(Math.random() * 2 ** 32) * 2 ** 16 + (count % 2 ** 16);
}

function read(answer: Record<string, unknown>, buffers: DataView[]): AskedMatrix {
  if (answer.kind === "error") return { state: "fault", what: String(answer.what) };
  const [rows, columns] = Array.isArray(answer.shape) ? (answer.shape as unknown[]) : [];
  const held = buffers[0];
  const whole = (n: unknown): n is number => Number.isInteger(n) && (n as number) > 0;
  if (!whole(rows) || !whole(columns) || held?.byteLength !== 4 * rows * columns)
    return { state: "fault", what: "The kernel's answer is no matrix." };
  // Copied, since a view into a message need not begin where numbers may.
  const bytes = held.buffer.slice(held.byteOffset, held.byteOffset + held.byteLength) as ArrayBuffer;
  return {
    state: "there",
    values: new Float32Array(bytes),
    rows,
    columns,
    exact: answer.exact === true,
    start: String(answer.start),
  };
}
