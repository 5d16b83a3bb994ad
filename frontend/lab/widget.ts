// Binds the bar to a model: what is asked for goes out, what Python answers comes back.
import { h, render as draw } from "preact";
import type { Model, RenderProps } from "../shared/anywidget";
import { Bar, type Answer, type Choice, type Example, type Fault, type Tab } from "./Bar";
import "../shared/theme.css";
import "./lab.css";
import "../shared/controls.css";

export interface LabTraits {
  text: string;
  examples: Example[];
  error: Fault | null;
  choices: Choice[];
  choice: string;
  note: string;
  tab: Tab;
  answered: number;
}

const NAMES = ["text", "examples", "error", "choices", "choice", "note", "tab", "answered"] as const;

function render({ model, el }: RenderProps<LabTraits>): () => void {
  const redraw = () => draw(h(Bar, { answer: read(model), ask, choose, show }), el);
  const ask = (text: string) => {
    // Python hears of the same text a second time only when it changes: nothing new, no wait.
    if (text === model.get("text")) return false;
    model.set("text", text);
    model.save_changes();
    return true;
  };
  const choose = (name: string) => {
    if (name === model.get("choice")) return false;
    model.set("choice", name);
    model.save_changes();
    return true;
  };
  const show = (tab: Tab) => {
    if (tab === model.get("tab")) return;
    model.set("tab", tab);
    model.save_changes();
  };
  for (const name of NAMES) model.on(`change:${name}`, redraw);
  redraw();
  return () => {
    for (const name of NAMES) model.off(`change:${name}`, redraw);
    draw(null, el);
  };
}

function read(model: Model<LabTraits>): Answer {
  return {
    text: model.get("text") ?? "",
    examples: model.get("examples") ?? [],
    error: model.get("error") ?? null,
    choices: model.get("choices") ?? [],
    choice: model.get("choice") ?? "",
    note: model.get("note") ?? "",
    tab: model.get("tab") ?? "step",
    answered: model.get("answered") ?? 0,
  };
}

export default { render };
