// The stage's state, free of any widget: what is shown, chosen, spelled out and played.
import type { AgainstView, GalleryView, StageView } from "../shared/views";
import type { Asked } from "./Ask";
import type { Sort } from "./matrices/kinds";
import type { Order } from "./matrices/order";
import { Scene } from "./scene";
import type { Selection } from "./selection";

/** One number: of which quantity, row and channel. */
export interface Cell {
  quantity: string;
  row: number;
  channel: number;
}

export interface StageState {
  scene: Scene | null;
  step: number;
  selection: Selection;
  /** The number spelled out because it was clicked; a hovered one takes its place meanwhile. */
  cell: Cell | null;
  hover: Cell | null;
  head: number;
  /** Atoms are coloured by the size of their state, or by one channel of it. */
  channel: number | null;
  playing: boolean;
  speed: number;
  /** The two kinds whose matrices are subtracted. */
  compared: [number, number];
  help: boolean;
  /** What went wrong when the trace was read. */
  fault: string | null;
  /** Which of the stage's pages is in sight. */
  tab: Tab;
  /** Another run beside this one. */
  against: Against | null;
  /** Which of the two, or their difference, the lens shows. */
  side: Side;
  /** Whether a difference is drawn on a scale of its own, not on that of what is compared. */
  ownScale: boolean;
  /** Whether changes of a what-if can be made. */
  wondering: boolean;
  /** A number that is hidden until it is revealed, and what was guessed meanwhile. */
  asked: Asked | null;
  revealed: boolean;
  guess: string;
  /** Whether the stage fills the screen, in larger letters. */
  presenting: boolean;
  /** Every kind of bond in a data set, where one was given. */
  gallery: GalleryView | null;
  shelf: Shelf;
  /** What was asked of the kernel about this trace, by the asker's own key. */
  held: Record<string, Held<unknown>>;
}

export type Side = "this" | "other" | "difference";

/** Another run: its own store and, where the two can be subtracted, one of their difference. */
export interface Against {
  view: AgainstView;
  other: Store;
  difference: Store | null;
}

/** Whether two runs are of one molecule, atom by atom. */
export function isSame({ view }: Pick<Against, "view">): boolean {
  return view.atoms.data.every((atom, k) => atom === k) && view.view.node_labels.length > 0;
}

export type Tab = "step" | "run" | "matrices";

/** How the page of edge matrices shows them: of what, by what they are sorted, and their channels. */
export interface Shelf {
  over: "molecule" | "dataset";
  sort: Sort;
  order: Order;
}

/** What only the kernel can compute: still asked for, there, or why it is not. */
export type Held<T> = { state: "asked" } | { state: "there"; value: T } | { state: "fault"; what: string };

/** A question to the kernel, of the kinds that it knows; what it answers is read by `read`. */
export interface Question<T> {
  kind: string;
  /** Under which the answer is held; one that is there, or awaited, is not asked for again. */
  key: string;
  fields: object;
  /** Throws where the answer makes no sense. */
  read: (content: Record<string, unknown>, buffers: DataView[]) => T;
}

export const SPEEDS = [0.5, 1, 2, 4];
const NOTHING: Selection = { atom: null, bond: null, pin: null };

type Listener = () => void;

export class Store {
  state: StageState = {
    scene: null,
    step: 0,
    selection: NOTHING,
    cell: null,
    hover: null,
    head: 0,
    channel: null,
    playing: false,
    speed: 1,
    compared: [0, 1],
    help: false,
    fault: null,
    tab: "step",
    against: null,
    side: "this",
    ownScale: false,
    wondering: false,
    asked: null,
    revealed: false,
    guess: "",
    presenting: false,
    gallery: null,
    shelf: { over: "molecule", sort: "count", order: "index" },
    held: {},
  };
  /** Asks the kernel; null where no kernel stands behind the page. */
  ask: (<T>(question: Question<T>) => void) | null = null;
  /** Asks the kernel for the stage as a file; null likewise. */
  askFile: (() => Promise<Blob>) | null = null;
  private readonly listeners = new Set<Listener>();

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  set(change: Partial<StageState>): void {
    const keys = Object.keys(change) as (keyof StageState)[];
    if (keys.every((k) => Object.is(this.state[k], change[k]))) return;
    this.state = { ...this.state, ...change };
    for (const listener of [...this.listeners]) listener();
  }

  /** A new trace: the step and the selection stay where they still mean the same. */
  show(view: StageView): void {
    const before = this.state;
    const scene = new Scene(view);
    const same = before.scene !== null && sameMolecule(before.scene.view, view);
    const shape = before.scene !== null && sameSteps(before.scene.view, view);
    this.set({
      scene,
      fault: null,
      step: before.scene && !shape ? likeStep(before.scene.view, before.step, view) : clamp(before.step, view),
      selection: {
        ...agreeing(this.valid(before.selection, view), NOTHING, view),
        pin: same ? before.selection.pin : null,
      },
      cell: shape ? before.cell : null,
      hover: null,
      channel: shape || before.scene === null ? before.channel : null,
      compared: shape && same ? before.compared : [0, 1],
      playing: before.playing && shape,
      held: {},
      against: null,
    });
  }

  /** What is known of what was asked. */
  hold(key: string, held: Held<unknown>): void {
    this.set({ held: { ...this.state.held, [key]: held } });
  }

  fail(message: string): void {
    this.set({ fault: message, playing: false });
  }

  goTo(step: number): void {
    const { scene } = this.state;
    if (scene) this.set({ step: clamp(step, scene.view), hover: null });
  }

  /** One step on or back; by hand, so that playing stops. */
  move(by: number): void {
    this.set({ playing: false });
    this.goTo(this.state.step + by);
  }

  togglePlay(): void {
    const { scene, step, playing } = this.state;
    if (!scene) return;
    const end = scene.view.steps.length - 1;
    if (!playing && step >= end) this.goTo(0);
    this.set({ playing: !playing });
  }

  select(selection: Partial<Selection>): void {
    const { scene } = this.state;
    const wanted = { ...NOTHING, ...selection };
    const now = this.state.selection;
    const valid = scene ? agreeing(this.valid(wanted, scene.view), now, scene.view) : wanted;
    if (now.atom === valid.atom && now.bond === valid.bond && samePin(now.pin, valid.pin)) return;
    this.set({ selection: valid, hover: null });
  }

  /** Numbers from outside may point past the molecule: then nothing is selected. */
  private valid(selection: Selection, view: StageView): Selection {
    const { atom_labels, bond_labels } = view.molecule;
    const within = (i: number | null, n: number) => (i !== null && i >= 0 && i < n ? i : null);
    return {
      atom: within(selection.atom, atom_labels.length),
      bond: within(selection.bond, bond_labels.length),
      pin: selection.pin,
    };
  }
}

/** An atom that is no end of the bond cannot hear over it: the one chosen last is kept, else the bond. */
function agreeing(selection: Selection, before: Selection, { molecule }: StageView): Selection {
  const { atom, bond } = selection;
  if (atom === null || bond === null) return selection;
  if ([0, 1].some((k) => molecule.bonds.data[bond * 2 + k] === atom)) return selection;
  return bond === before.bond ? { ...selection, bond: null } : { ...selection, atom: null };
}

function samePin(a: Selection["pin"], b: Selection["pin"]): boolean {
  return a === b || (a !== null && b !== null && a.source === b.source && a.target === b.target);
}

function clamp(step: number, view: StageView): number {
  return Math.max(0, Math.min(view.steps.length - 1, Math.trunc(step) || 0));
}

function sameMolecule(a: StageView, b: StageView): boolean {
  const labels = (v: StageView) => [...v.molecule.atom_labels, "|", ...v.molecule.bond_labels].join(" ");
  return labels(a) === labels(b);
}

function sameSteps(a: StageView, b: StageView): boolean {
  const names = (v: StageView) => v.steps.map((s) => `${s.round}:${s.propagation}:${s.name}`).join(" ");
  return names(a) === names(b);
}

/** The step of the new trace that is most like the old one: same round and name, else the same name. */
export function likeStep(old: StageView, step: number, view: StageView): number {
  const was = old.steps[step];
  if (!was) return 0;
  const exact = view.steps.findIndex((s) => s.name === was.name && s.round === was.round);
  const named = view.steps.findIndex((s) => s.name === was.name);
  const chapter = view.steps.findIndex((s) => s.round === was.round);
  return [exact, named, chapter, 0].find((i) => i >= 0)!;
}
