// The stage: one trace on a timeline, a molecule, a lens, a gallery, and a sentence for each step.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isPlain } from "../shared/keys";
import { useDark, usePalette } from "../shared/theme";
import { GREY, StageContext, useSelect, useStage } from "./context";
import { Gallery } from "./Gallery";
import { Header } from "./Header";
import { Help } from "./Help";
import { Lens } from "./Lens";
import { Molecule } from "./Molecule";
import { narrate } from "./narration";
import { Save } from "./Save";
import { focusOn, nearestPropagation } from "./selection";
import type { Store } from "./store";
import { Timeline } from "./Timeline";

/** The whole stage over a store; who fills the store (a widget, a file) is not its business. */
export function Stage({ store }: { store: Store }) {
  const root = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const palette = usePalette(root, dark) ?? GREY;
  const surroundings = useMemo(() => ({ store, palette }), [store, palette]);
  useEffect(() => () => store.set({ playing: false }), [store]);
  return (
    <StageContext.Provider value={surroundings}>
      <div
        class="lab-root lab-stage"
        ref={root}
        tabIndex={-1}
        data-theme={dark ? "dark" : "light"}
        data-lm-suppress-shortcuts="true"
        onKeyDown={(e) => keyDown(e, store)}
        onKeyUp={keyUp}
        onClick={() => keepFocus(root.current)}
      >
        <Content root={root} />
      </div>
    </StageContext.Provider>
  );
}

function Content({ root }: { root: RefObject<HTMLElement | null> }) {
  const scene = useSelect((s) => s.scene);
  const step = useSelect((s) => s.step);
  const selection = useSelect((s) => s.selection);
  const fault = useSelect((s) => s.fault);
  const now = scene?.view.steps[step];
  const focus = useMemo(() => scene && now && focusOn(scene, now, selection), [scene, now, selection]);
  const header = useMemo(() => scene && <Header header={scene.view.header} check={scene.view.check} />, [scene]);
  // The gallery changes with the round and the kind in the lens, not with every step.
  const propagation = scene && now ? nearestPropagation(scene, now) : null;
  const gallery = useMemo(
    () => scene && now && focus && <Gallery scene={scene} step={now} focus={focus} />,
    [scene, propagation, focus?.kind, focus?.chosen],
  );
  if (fault !== null)
    return (
      <p class="lab-fault" role="alert">
        The trace could not be shown: {fault}
      </p>
    );
  if (!scene || !now || !focus) return <p class="lab-empty">No trace yet.</p>;
  return (
    <>
      {header}
      <Timeline scene={scene} />
      <div class="lab-body">
        <Molecule scene={scene} step={now} focus={focus} />
        <Lens scene={scene} step={now} focus={focus} />
      </div>
      <Narration text={narrate(scene, now, focus)} root={root} />
      {gallery}
    </>
  );
}

function Narration({ text, root }: { text: string; root: RefObject<HTMLElement | null> }) {
  const { store } = useStage();
  const help = useSelect((s) => s.help);
  return (
    <div class="lab-narration">
      <p aria-live="polite">{text}</p>
      <span class="lab-narration-links">
        <Save root={root} />
        <button type="button" class="lab-link" aria-expanded={help} onClick={() => store.set({ help: !help })}>
          <span class="lab-hint">space plays · , . step · </span>? keys
        </button>
      </span>
      {help && <Help close={() => store.set({ help: false })} />}
    </div>
  );
}

/** Keys that work everywhere on the stage. */
function keyDown(event: KeyboardEvent, store: Store): void {
  if (!isPlain(event)) return;
  // The page's shortcuts match the focused element itself before they look for the attribute that
  // would suppress them further up: a plain key has to end here, used or not.
  event.stopPropagation();
  const target = event.target as HTMLElement;
  if (event.defaultPrevented || target.matches("select, textarea, input:not([type=range])")) return;
  const { help } = store.state;
  if (event.key === " ") store.togglePlay();
  else if (event.key === ",") store.move(-1);
  else if (event.key === ".") store.move(1);
  else if (event.key === "?") store.set({ help: !help });
  else if (event.key === "Escape" && help) store.set({ help: false });
  else if (event.key === "Escape") store.select({});
  else return;
  event.preventDefault();
}

/** What was clicked may be gone a moment later: the keys must go on reaching the stage. */
function keepFocus(root: HTMLElement | null): void {
  setTimeout(() => {
    if (document.activeElement === document.body) root?.focus({ preventScroll: true });
  });
}

/** A button would be pressed by the space bar when it is let go: here space only plays. */
function keyUp(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key === " " && target.matches("button")) event.preventDefault();
}
