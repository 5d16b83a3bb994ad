// What the page wishes: one is at work at a time, and the edits that came meanwhile go out together
// when Python has answered it, so that a network is built once for all of them.

/** A wish as `mpnn_lab/widgets/edits.py` reads it, without its number. */
export type Wish =
  | { kind: "set"; path: string; value: unknown }
  | { kind: "preset"; name: string }
  | { kind: "copy" | "remove"; round: number }
  | { kind: "spread"; round: number; field: string }
  | { kind: "move"; round: number; to: number }
  | { kind: "revert" };

export interface Reply {
  kind: "done" | "error";
  id: number | null;
  what?: string;
  mend?: string;
}

/** A kernel that has not answered for this long, in ms, is asked the next thing all the same. */
const PATIENCE = 15_000;

/** Edits that go out together, as `mpnn_lab/widgets/edits.py` takes them. */
const MOST = 1_000;

export class Outbox {
  /** What was refused, in words; empty where nothing was. */
  refusal = "";
  private readonly queue: Wish[] = [];
  private waiting: number | null = null;
  private since = 0;
  // Two pages show one widget: each knows its own answers by their numbers.
  private next = Math.floor(Math.random() * 2 ** 40);

  constructor(
    private readonly send: (message: object) => void,
    private readonly changed: () => void,
  ) {}

  get busy(): boolean {
    return this.waiting !== null;
  }

  /** Sends the wish, or keeps it; a field set anew before it was sent is sent once. */
  ask(wish: Wish): void {
    const last = this.queue.at(-1);
    if (wish.kind === "set" && last?.kind === "set" && last.path === wish.path) this.queue.pop();
    this.queue.push(wish);
    if (this.waiting !== null && Date.now() - this.since > PATIENCE) this.waiting = null;
    this.pump();
    this.changed();
  }

  hear(message: unknown): void {
    const reply = message as Reply;
    if (this.waiting === null || reply.id !== this.waiting) return;
    this.waiting = null;
    this.refusal = reply.kind === "error" ? [reply.what, reply.mend].filter(Boolean).join(". ") : "";
    this.pump();
    this.changed();
  }

  private pump(): void {
    const wish = this.waiting === null ? this.queue.shift() : undefined;
    if (!wish) return;
    const wishes = [wish];
    while (wishes.length < MOST && isEdit(wish) && this.queue[0] && isEdit(this.queue[0])) wishes.push(this.queue.shift()!);
    const id = this.next++;
    this.waiting = id;
    this.since = Date.now();
    if (wishes.length === 1) this.send({ ...wish, id });
    else this.send({ kind: "several", id, wishes: wishes.map((one) => ({ ...one, id })) });
  }
}

/** Whether a wish is for a change of the draft alone, which needs no network of its own. */
function isEdit(wish: Wish): boolean {
  return wish.kind !== "preset" && wish.kind !== "revert";
}
