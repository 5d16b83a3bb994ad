// The stage over everything else, in larger letters: for a projector.
import type { RefObject } from "preact";
import { useLayoutEffect, useReducer } from "preact/hooks";
import type { Store } from "./store";

/** Whether the stage is presented; while it is, it lies above the page, wherever it stands in it. */
export function usePresenting(root: RefObject<HTMLElement | null>, store: Store): boolean {
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const { presenting } = store.state;
  useLayoutEffect(
    () =>
      store.subscribe(() => {
        if (store.state.presenting !== presenting) redraw(undefined as never);
      }),
    [store, presenting],
  );
  useLayoutEffect(() => {
    const element = root.current;
    if (!presenting || !element) return undefined;
    // Only the top layer is free of what the page does to the cells of a notebook.
    element.setAttribute("popover", "manual");
    element.showPopover?.();
    element.focus({ preventScroll: true });
    return () => {
      if (element.isConnected) element.hidePopover?.();
      element.removeAttribute("popover");
    };
  }, [presenting]);
  return presenting;
}
