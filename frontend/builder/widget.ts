// Binds the builder to a model: wishes go out as messages, form and state come back as traits.
import { h, render as draw } from "preact";
import type { Messenger, RenderProps } from "../shared/anywidget";
import type { BuilderForm, BuilderState } from "../shared/views";
import { Builder } from "./Builder";
import { Outbox } from "./outbox";
import "../shared/theme.css";
import "./cards.css";
import "./builder.css";
import "../shared/controls.css";

export interface BuilderTraits {
  _form: BuilderForm;
  _state: BuilderState;
}

function render({ model, el }: RenderProps<BuilderTraits, Messenger<BuilderTraits>>): () => void {
  const outbox = new Outbox(
    (message) => model.send(message),
    () => redraw(),
  );
  const redraw = () => {
    const [form, state] = [model.get("_form"), model.get("_state")];
    if (!form?.layers || !state?.spec) return;
    const { busy, refusal } = outbox;
    draw(h(Builder, { form, state, busy, refusal, ask: (wish) => outbox.ask(wish) }), el);
  };
  const hear = (message?: unknown) => outbox.hear(message);
  model.on("change:_form", redraw);
  model.on("change:_state", redraw);
  model.on("msg:custom", hear);
  redraw();
  return () => {
    model.off("change:_form", redraw);
    model.off("change:_state", redraw);
    model.off("msg:custom", hear);
    draw(null, el);
  };
}

export default { render };
