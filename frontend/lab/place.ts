// Where the bar stands: the lab round it shows the parts of the bar's tab, and says how wide it is.
import type { Tab } from "./answer";

/** From this width on, in pixels, there is room for 3D beside the stage; lab.css has it, too. */
export const ROOM = 1500;
/** The stage is painted first; in ms. */
const PATIENCE = 300;

/** Keeps the lab round `el` at its tab; `roomy` is called once there is room beside the stage. */
export function followed(el: HTMLElement, tab: () => Tab, roomy: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const update = () => {
    const lab = el.closest<HTMLElement>(".lab-whole");
    if (!lab) return; // the bar is drawn before it has its place
    lab.dataset.tab = tab();
    if (timer !== undefined || tab() !== "step" || lab.clientWidth < ROOM) return;
    timer = setTimeout(() => {
      timer = undefined;
      if (tab() === "step" && lab.clientWidth >= ROOM) roomy();
    }, PATIENCE);
  };
  const watch = typeof ResizeObserver === "undefined" ? null : new ResizeObserver(update);
  watch?.observe(el);
  return {
    update,
    end: () => {
      watch?.disconnect();
      clearTimeout(timer);
    },
  };
}
