// Binds the viewer to a model; which engine draws is given, so that it can be another in a test.
import { h, render as draw } from "preact";
import type { RenderProps } from "../shared/anywidget";
import type { Colours, Solid } from "../shared/views";
import { decode } from "../shared/wire";
import type { Style } from "./drawing";
import type { Call } from "./replay";
import type { Open } from "./screen";
import { Viewer } from "./Viewer";

export interface ViewerTraits {
  _solid: DataView | null;
  _calls: Call[];
  _style: Style;
  hydrogens: boolean;
  height: number;
  selected_atom: number | null;
  selected_bond: number | null;
  colours: Colours | null;
  channel: number | null;
}

const NAMES = [
  "_solid",
  "_calls",
  "_style",
  "hydrogens",
  "height",
  "selected_atom",
  "selected_bond",
  "colours",
  "channel",
] as const;

/** Draws the widget with an engine; returns what takes it away again. */
export function mount({ model, el }: RenderProps<ViewerTraits>, open: Open): () => void {
  const read = reader();
  const write = (change: Partial<ViewerTraits>) => {
    for (const [name, value] of Object.entries(change) as [keyof ViewerTraits, never][]) model.set(name, value);
    model.save_changes();
  };
  const choose = (atom: number | null, bond: number | null) => {
    if (model.get("selected_atom") === atom && model.get("selected_bond") === bond) return;
    write({ selected_atom: atom, selected_bond: bond });
  };
  let asked = false;
  const redraw = () => {
    asked = false;
    const { solid, fault } = read(model.get("_solid"));
    const shown = {
      solid,
      calls: model.get("_calls") ?? [],
      style: model.get("_style") ?? "sticks",
      hydrogens: model.get("hydrogens") ?? true,
      colours: model.get("colours") ?? null,
      atom: model.get("selected_atom") ?? null,
      bond: model.get("selected_bond") ?? null,
      still: matchMedia("(prefers-reduced-motion: reduce)").matches,
    };
    const [height, channel] = [model.get("height") ?? 400, model.get("channel") ?? null];
    draw(h(Viewer, { shown, height, channel, fault, open, choose, set: write }), el);
  };
  // Several traits may change together: they are drawn together, once all have said so.
  const later = () => {
    if (asked) return;
    asked = true;
    queueMicrotask(() => asked && redraw());
  };
  for (const name of NAMES) model.on(`change:${name}`, later);
  redraw();
  return () => {
    asked = false;
    for (const name of NAMES) model.off(`change:${name}`, later);
    draw(null, el);
  };
}

/** Reads the molecule once for each blob, so that it stays the same object while it is the same. */
function reader(): (blob: DataView | null) => { solid: Solid | null; fault: string | null } {
  let last: DataView | null = null;
  let found: { solid: Solid | null; fault: string | null } = { solid: null, fault: null };
  return (blob) => {
    if (blob !== last) {
      last = blob;
      try {
        found = { solid: blob?.byteLength ? decode<Solid>(blob) : null, fault: null };
      } catch (error) {
        found = { solid: null, fault: error instanceof Error ? error.message : String(error) };
      }
    }
    return found;
  };
}
