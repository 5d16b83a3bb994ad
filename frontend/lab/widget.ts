// Binds the bar to a model: what is asked for goes out, what Python answers comes back.
import { h, render as draw } from "preact";
import type { Model, RenderProps } from "../shared/anywidget";
import type { Answer, Tab } from "./answer";
import { Bar } from "./Bar";
import { followed } from "./place";
import "../shared/theme.css";
import "./lab.css";
import "../shared/controls.css";

export interface LabTraits extends Answer {
  /** Whether a page has been wide enough for 3D beside the stage. */
  room: boolean;
}

const NOTHING: Answer = {
  text: "",
  examples: [],
  error: null,
  choices: [],
  choice: "",
  note: "",
  title: "",
  run: "",
  tab: "step",
  answered: 0,
};
const NAMES = Object.keys(NOTHING) as (keyof Answer)[];

function render({ model, el }: RenderProps<LabTraits>): () => void {
  /** False where that is what Python has: it would not hear of it, and not answer. */
  const tell = <K extends "text" | "choice" | "tab" | "room">(name: K, value: LabTraits[K]) => {
    if (value === model.get(name)) return false;
    model.set(name, value);
    model.save_changes();
    return true;
  };
  const ask = (text: string) => tell("text", text);
  const choose = (name: string) => tell("choice", name);
  const show = (tab: Tab) => void tell("tab", tab);
  const place = followed(el, () => model.get("tab"), () => tell("room", true));
  const redraw = () => {
    draw(h(Bar, { answer: read(model), ask, choose, show }), el);
    place.update();
  };
  for (const name of NAMES) model.on(`change:${name}`, redraw);
  redraw();
  return () => {
    for (const name of NAMES) model.off(`change:${name}`, redraw);
    place.end();
    draw(null, el);
  };
}

function read(model: Model<LabTraits>): Answer {
  const said = NAMES.map((name) => [name, model.get(name) ?? NOTHING[name]]);
  return Object.fromEntries(said) as Answer;
}

export default { render };
