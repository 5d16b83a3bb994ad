// Binds the stage to a model: step, what is selected and the channel that colours atoms go both ways.
import { h, render as draw } from "preact";
import { throttle, type Messenger, type Model, type RenderProps } from "../shared/anywidget";
import { decode } from "../shared/wire";
import type { AgainstView, GalleryView } from "../shared/views";
import { askThrough } from "./asking";
import { showAgainst } from "./compare/beside";
import { Stage } from "./Stage";
import type { Selection } from "./selection";
import type { Asked } from "./Ask";
import { sendThrough } from "./sending";
import { Store, type StageState } from "./store";
import "./styles";

export interface StageTraits {
  _view: DataView | null;
  _against: DataView | null;
  _gallery: DataView | null;
  step: number;
  selected_atom: number | null;
  selected_bond: number | null;
  channel: number | null;
  /** A number that is asked for; of no field where none is. */
  _ask: Asked | Record<string, never>;
  revealed: boolean;
  guess: string;
  presenting: boolean;
}

/** Traits of a stage on which nothing is asked, presented or chosen to be coloured. */
export const UNASKED = { _ask: {}, revealed: false, guess: "", presenting: false, channel: null };
const PLAIN = ["revealed", "guess", "presenting"] as const;

/** The kernel hears of changes at most this often, in ms, however fast one scrubs. Longer, and it
 * would still be told of a step that Python has meanwhile left behind. */
const WRITE_EVERY = 30;

function render({ model, el }: RenderProps<StageTraits, Messenger<StageTraits>>): () => void {
  const store = new Store();
  const unbind = bind(store, model);
  const stopAsking = askThrough(store, model);
  const stopSending = sendThrough(store, model, el);
  draw(h(Stage, { store }), el);
  return () => {
    stopAsking();
    stopSending();
    unbind();
    draw(null, el);
  };
}

/** Keeps store and model in step; returns the clean-up. */
export function bind(store: Store, model: Messenger<StageTraits>): () => void {
  // While traits are written one by one, their own events must not read half a selection back.
  let busy = false;
  let shown: DataView | null = null;
  let sent = shownBy(store);
  let beside: DataView | null = null;
  let leave = () => undefined as void;
  const save = throttle(() => {
    sent = shownBy(store);
    model.save_changes();
  }, WRITE_EVERY);
  const quietly = (read: () => void) => {
    busy = true;
    try {
      read();
    } catch (error) {
      store.fail(error instanceof Error ? error.message : String(error));
    }
    busy = false;
  };
  const readView = () => {
    const blob = model.get("_view");
    if (!blob || blob.byteLength === 0) return;
    const { step, selection, channel } = store.state;
    shown = blob;
    quietly(() => {
      store.show(decode(blob));
      // What Python set together with the trace is meant for the new one.
      if (model.get("step") !== step) readStep();
      if (!agrees(model, selection)) readSelection();
      if (model.get("channel") !== channel) readChannel();
    });
    readAgainst();
    readGallery();
    write();
  };
  const told = <T>(key: "_against" | "_gallery") => {
    const blob = model.get(key);
    return blob && blob.byteLength > 0 ? decode<T>(blob) : null;
  };
  const readGallery = () => quietly(() => store.set({ gallery: told<GalleryView>("_gallery") }));
  const readAgainst = () => {
    leave();
    beside = model.get("_against") ?? null;
    quietly(() => (leave = besideIt(store, model, told<AgainstView>("_against"))));
  };
  const readStep = () => store.goTo(model.get("step"));
  const readSelection = () => {
    if (agrees(model, store.state.selection)) return;
    store.select({ atom: model.get("selected_atom"), bond: model.get("selected_bond") });
  };
  const readChannel = () => store.set({ channel: model.get("channel") });
  const write = () => {
    if (busy || !store.state.scene) return;
    busy = true;
    const wanted = shownBy(store);
    let changed = false;
    for (const key of Object.keys(wanted) as (keyof typeof wanted)[]) {
      if (model.get(key) === wanted[key]) continue;
      model.set(key, wanted[key] as never);
      changed = true;
    }
    busy = false;
    if (changed) save();
  };
  store.set({
    step: model.get("step"),
    selection: { atom: model.get("selected_atom"), bond: model.get("selected_bond"), pin: null },
    channel: model.get("channel") ?? null,
    ...plain(model),
  });
  readView();
  const hear = (key: keyof StageTraits, read: () => void) => {
    const callback = () => {
      if (busy) return;
      if (key === "_against" || key === "_gallery") return read();
      // Step and selection that come together with a trace are meant for it, so it is read first.
      if (model.get("_view") !== shown) readView();
      // The kernel repeats what it was sent: that must not undo what still waits to be sent.
      else if (key !== "_view" && save.pending() && model.get(key) === sent[key as keyof typeof sent]) write();
      else {
        read();
        // What cannot be shown as it was asked for is put right, even where nothing moves.
        write();
      }
    };
    return [`change:${key}`, callback] as const;
  };
  const heard = [
    hear("_view", readView),
    hear("_against", () => {
      if (model.get("_against") !== beside && model.get("_view") === shown) readAgainst();
    }),
    hear("_gallery", readGallery),
    hear("step", readStep),
    hear("_ask", () => store.set(plain(model))),
    ...PLAIN.map((name) => hear(name, () => store.set(plain(model)))),
    hear("selected_atom", readSelection),
    hear("selected_bond", readSelection),
    hear("channel", readChannel),
  ];
  for (const [event, callback] of heard) model.on(event, callback);
  const unsubscribe = store.subscribe(write);
  return () => {
    for (const [event, callback] of heard) model.off(event, callback);
    unsubscribe();
    leave();
    save.flush();
  };
}

/** Shows another run beside the store's, of which the kernel can be asked, too. */
function besideIt(store: Store, model: Messenger<StageTraits>, view: AgainstView | null): () => void {
  const leave = showAgainst(store, view);
  const other = store.state.against?.other;
  const stop = other && askThrough(other, model, " of the other");
  return () => {
    stop?.();
    leave();
  };
}

/** The part of the state that is a trait as it stands. */
function plain(model: Model<StageTraits>): Partial<StageState> {
  const ask = model.get("_ask");
  const asked = ask && "quantity" in ask ? (ask as Asked) : null;
  const [revealed, guess, presenting] = PLAIN.map((name) => model.get(name)) as [boolean, string, boolean];
  return { asked, revealed: revealed ?? false, guess: guess ?? "", presenting: presenting ?? false };
}

/** What the stage shows, as traits. */
function shownBy({ state }: Store): Omit<StageTraits, "_view" | "_against" | "_gallery" | "_ask"> {
  const { step, selection, channel, revealed, guess, presenting } = state;
  return { step, selected_atom: selection.atom, selected_bond: selection.bond, channel, revealed, guess, presenting };
}

function agrees(model: Model<StageTraits>, selection: Selection): boolean {
  return model.get("selected_atom") === selection.atom && model.get("selected_bond") === selection.bond;
}

export default { render };
