// Binds the map to a model: `_view` comes from Python, `selected` goes both ways.
import { h, render as draw } from "preact";
import type { RenderProps } from "../shared/anywidget";
import type { MapView } from "../shared/views";
import { decode } from "../shared/wire";
import { EmbeddingMap } from "./EmbeddingMap";
import "../shared/theme.css";
import "./map.css";

export interface MapTraits {
  _view: DataView | null;
  selected: number | null;
}

function render({ model, el }: RenderProps<MapTraits>): () => void {
  let view: MapView | null = null;
  let fault = "";
  const choose = (point: number | null) => {
    if (model.get("selected") === point) return;
    model.set("selected", point);
    model.save_changes();
  };
  const redraw = () => draw(h(EmbeddingMap, { view, fault, selected: model.get("selected"), choose }), el);
  const read = () => {
    const blob = model.get("_view");
    try {
      view = blob?.byteLength ? decode<MapView>(blob) : null;
      fault = "";
    } catch (error) {
      fault = error instanceof Error ? error.message : String(error);
    }
    redraw();
  };
  model.on("change:_view", read);
  model.on("change:selected", redraw);
  read();
  return () => {
    model.off("change:_view", read);
    model.off("change:selected", redraw);
    draw(null, el);
  };
}

export default { render };
