// Asks the kernel for what the view does not hold, and takes its answers.
import type { Messenger } from "../shared/anywidget";
import type { Held, Question, Store } from "./store";

/** A kernel that has not answered for so long, in ms, is taken for gone, until it does. */
const PATIENCE = 15_000;
/** What is said where nothing can be sent to it any more. */
export const GONE = "The kernel is gone.";

interface Waiting {
  question: Question<unknown>;
  scene: unknown;
  timer: ReturnType<typeof setTimeout>;
}

/** Lets the store ask; returns the clean-up. `of` says about which run, where there are two. */
export function askThrough<T>(store: Store, model: Messenger<T>, of = ""): () => void {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  const settle = (id: number, held: Held<unknown>) => {
    const found = waiting.get(id);
    // What was asked of a trace that is no longer shown means nothing for this one.
    if (found && found.scene === store.state.scene) store.hold(found.question.key, held);
  };
  const done = (id: number) => {
    clearTimeout(waiting.get(id)?.timer);
    waiting.delete(id);
  };
  store.ask = (question) => {
    const known = store.state.held[question.key];
    if (known && known.state !== "fault") return;
    const id = nextId(++last);
    const late = () => settle(id, { state: "fault", what: "The kernel is busy, or gone." });
    waiting.set(id, { question, scene: store.state.scene, timer: setTimeout(late, PATIENCE) });
    store.hold(question.key, { state: "asked" });
    try {
      model.send({ kind: question.kind + of, id, ...question.fields });
    } catch {
      settle(id, { state: "fault", what: GONE });
      done(id);
    }
  };
  const hear = (content: unknown, buffers: DataView[] = []) => {
    const answer = (content ?? {}) as Record<string, unknown>;
    const id = answer.id as number;
    const found = waiting.get(id);
    if (!found) return;
    settle(id, read(found.question, answer, buffers));
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
export function nextId(count: number): number {
  return Math.floor(Math.random() * 2 ** 32) * 2 ** 16 + (count % 2 ** 16);
}

function read(question: Question<unknown>, answer: Record<string, unknown>, buffers: DataView[]): Held<unknown> {
  if (answer.kind === "error") return { state: "fault", what: String(answer.what) };
  try {
    return { state: "there", value: question.read(answer, buffers) };
  } catch (error) {
    return { state: "fault", what: error instanceof Error ? error.message : String(error) };
  }
}

/** The numbers of a message's buffer: copied, since a view into it need not begin where numbers may. */
export function floats(buffer: DataView | undefined, count: number, otherwise: string): Float32Array {
  if (buffer?.byteLength !== 4 * count) throw new Error(otherwise);
  return new Float32Array(buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.byteLength) as ArrayBuffer);
}
