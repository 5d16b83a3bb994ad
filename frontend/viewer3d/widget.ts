// The viewer with 3Dmol as its engine; or, for py3Dmol's own views, that engine alone.
import type { Model, RenderProps } from "../shared/anywidget";
import { offerToPy3Dmol, open } from "./engine";
import { mount, type ViewerTraits } from "./mount";
import "../shared/theme.css";
import "./viewer3d.css";

interface Traits extends ViewerTraits {
  engine_alone?: boolean;
}

offerToPy3Dmol();

function render({ model, el }: RenderProps<Traits>): () => void {
  if (!model.get("engine_alone")) return mount({ model: model as Model<ViewerTraits>, el }, open);
  el.textContent = "py3Dmol's views on this page draw without the network.";
  return () => el.replaceChildren();
}

export default { render };
