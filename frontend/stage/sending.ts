// What goes between page and kernel in whole files: the stage as HTML comes, pictures go.
import type { Messenger } from "../shared/anywidget";
import { GONE, nextId } from "./asking";
import { asPng } from "./picture";
import { pictureOfStage } from "./Save";
import type { Store } from "./store";

/** A kernel that has not sent a file for so long, in ms, is taken for gone. */
const PATIENCE = 60_000;

interface Wish {
  kind: "picture";
  id: number;
  format: "svg" | "png";
  width: number;
}

/** Lets the store ask for a file, and Python for pictures of what `el` shows; returns the clean-up. */
export function sendThrough<T>(store: Store, model: Messenger<T>, el: HTMLElement): () => void {
  const waiting = new Map<number, (content: Record<string, unknown>, buffers: DataView[]) => void>();
  store.askFile = () =>
    new Promise((done, failed) => {
      const id = nextId(waiting.size);
      const { step, selection } = store.state;
      const late = setTimeout(() => settle(() => failed(new Error("The kernel is busy, or gone."))), PATIENCE);
      const settle = (act: () => void) => {
        clearTimeout(late);
        waiting.delete(id);
        act();
      };
      waiting.set(id, (answer, [file]) =>
        settle(() =>
          answer.kind === "html" && file
            ? done(new Blob([file as DataView<ArrayBuffer>], { type: "text/html" }))
            : failed(new Error(String(answer.what ?? "The kernel's answer is no file."))),
        ),
      );
      try {
        model.send({ kind: "html", id, step, atom: selection.atom, bond: selection.bond });
      } catch {
        settle(() => failed(new Error(GONE)));
      }
    });
  const hear = (content: unknown, buffers: DataView[] = []) => {
    const message = (content ?? {}) as Record<string, unknown>;
    if (message.kind === "picture") void give(store, model, el, message as unknown as Wish);
    else waiting.get(message.id as number)?.(message, buffers);
  };
  model.on("msg:custom", hear);
  return () => {
    model.off("msg:custom", hear);
    store.askFile = null;
  };
}

async function give<T>(store: Store, model: Messenger<T>, el: HTMLElement, wish: Wish): Promise<void> {
  const { id, format, width } = wish;
  try {
    const picture = pictureOfStage(store, el, width);
    const bytes = format === "png" ? await (await asPng(picture)).arrayBuffer() : new TextEncoder().encode(picture.text);
    model.send({ kind: "picture", id, format }, undefined, [bytes]);
  } catch (error) {
    model.send({ kind: "picture", id, format, what: String((error as Error).message) });
  }
}
