// The line below the lab's widgets.
import type { RenderProps } from "../shared/anywidget";
import { pageIsDark, watchTheme } from "../shared/dark";
import "../shared/theme.css";
import "./foot.css";

interface FootTraits {
  parts: string[];
}

function render({ model, el }: RenderProps<FootTraits>): () => void {
  const foot = document.createElement("footer");
  foot.className = "lab-root lab-foot";
  const redraw = () => {
    foot.dataset.theme = pageIsDark() ? "dark" : "light";
    foot.textContent = (model.get("parts") ?? []).join(" · ");
  };
  el.append(foot);
  model.on("change:parts", redraw);
  const unwatch = watchTheme(redraw);
  redraw();
  return () => {
    model.off("change:parts", redraw);
    unwatch();
    foot.remove();
  };
}

export default { render };
