// What every part of the stage reads: the store, and the palette of the moment.
import { createContext } from "preact";
import { useContext, useLayoutEffect, useMemo, useReducer, useRef } from "preact/hooks";
import type { Palette } from "../shared/colour";
import { focusOn } from "./selection";
import { Store, type StageState } from "./store";

export interface Surroundings {
  store: Store;
  palette: Palette;
}

export const GREY: Palette = {
  diverging: [
    [128, 128, 128],
    [128, 128, 128],
  ],
  sequential: [
    [128, 128, 128],
    [128, 128, 128],
  ],
  key: "",
};

export const StageContext = createContext<Surroundings>({ store: new Store(), palette: GREY });

/** A part of the state; the component is drawn again only when that part changes. */
export function useSelect<T>(select: (state: StageState) => T): T {
  const { store } = useContext(StageContext);
  const [, redraw] = useReducer((n: number) => n + 1, 0);
  const value = select(store.state);
  const last = useRef({ value, select });
  last.current = { value, select };
  useLayoutEffect(() => {
    const look = () => {
      if (!Object.is(last.current.select(store.state), last.current.value)) redraw(undefined as never);
    };
    look();
    return store.subscribe(look);
  }, [store]);
  return value;
}

export function useStage(): Surroundings {
  return useContext(StageContext);
}

/** The run, its step, and where its lens stands. */
export function useFocus() {
  const scene = useSelect((s) => s.scene);
  const step = useSelect((s) => s.step);
  const selection = useSelect((s) => s.selection);
  const now = scene?.view.steps[step];
  const focus = useMemo(() => (scene && now ? focusOn(scene, now, selection) : null), [scene, now, selection]);
  return { scene, now, focus };
}
