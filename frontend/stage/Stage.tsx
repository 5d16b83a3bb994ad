// The stage: one trace on a timeline, a molecule, a lens, a gallery, and a sentence for each step.
import type { ComponentChildren, RefObject } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { isPlain } from "../shared/keys";
import { useDark, usePalette } from "../shared/theme";
import { AskLine } from "./Ask";
import { Changed } from "./compare/Changed";
import { narrateDifference } from "./compare/narration";
import { Sides } from "./compare/Sides";
import { WhatIf } from "./compare/WhatIf";
import { GREY, StageContext, useFocus, useSelect, useStage } from "./context";
import { Gallery } from "./Gallery";
import { EdgeMatrices } from "./matrices/EdgeMatrices";
import { Header } from "./Header";
import { Help } from "./Help";
import { Lens } from "./Lens";
import { Molecule } from "./Molecule";
import { narrate } from "./narration";
import { Save } from "./Save";
import type { Scene } from "./scene";
import { nearestPropagation } from "./selection";
import { isSame, type Store, type Tab } from "./store";
import { usePresenting } from "./presenting";
import { Tabs } from "./Tabs";
import { Timeline } from "./Timeline";
import { WholeRun } from "./run/WholeRun";

/** The whole stage over a store; who fills the store (a widget, a file) is not its business. */
export function Stage({ store }: { store: Store }) {
  const root = useRef<HTMLDivElement>(null);
  const dark = useDark();
  const palette = usePalette(root, dark) ?? GREY;
  const surroundings = useMemo(() => ({ store, palette }), [store, palette]);
  useEffect(() => () => store.set({ playing: false }), [store]);
  const presenting = usePresenting(root, store);
  return (
    <StageContext.Provider value={surroundings}>
      <div
        class={presenting ? "lab-root lab-stage lab-presenting" : "lab-root lab-stage"}
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
  const { store } = useStage();
  const scene = useSelect((s) => s.scene);
  const fault = useSelect((s) => s.fault);
  const against = useSelect((s) => s.against);
  const side = useSelect((s) => s.side);
  const tab = useSelect((s) => s.tab);
  const wondering = useSelect((s) => s.wondering);
  const header = useMemo(() => scene && <Header header={scene.view.header} answer={answerOf(scene)} />, [scene]);
  if (fault !== null)
    return (
      <p class="lab-fault" role="alert">
        The trace could not be shown: {fault}
      </p>
    );
  if (!scene) return <p class="lab-empty">No trace yet.</p>;
  const shown = (side === "other" ? against?.other : side === "difference" ? against?.difference : null) ?? store;
  const apart = against !== null && !isSame(against) ? against.other : null;
  return (
    <>
      {header}
      <Tabs check={scene.view.check} />
      <AskLine />
      {wondering && <WhatIf scene={scene} />}
      {against && <Sides scene={scene} against={against} />}
      <Timeline scene={scene} />
      <On store={shown}>
        <Page root={root} tab={tab} pair={apart ? [store, apart] : null}>
          {tab === "step" && against && (
            <On store={store}>
              <Changed scene={scene} against={against} />
            </On>
          )}
          {tab === "matrices" && <On store={store} children={<EdgeMatrices scene={scene} />} />}
        </Page>
      </On>
    </>
  );
}

/** The quantity that is the model's answer: the last step's last. */
function answerOf(scene: Scene): string {
  return scene.view.steps.at(-1)?.quantities.at(-1) ?? "";
}

/** Parts that show another store's run. */
function On({ store, children }: { store: Store; children: ComponentChildren }) {
  const { palette } = useStage();
  const surroundings = useMemo(() => ({ store, palette }), [store, palette]);
  return <StageContext.Provider value={surroundings}>{children}</StageContext.Provider>;
}

interface PageProps {
  root: RefObject<HTMLElement | null>;
  tab: Tab;
  /** Two runs on different molecules, both of which are drawn. */
  pair: [Store, Store] | null;
  children: ComponentChildren;
}

/** One page of a run; what is handed over stands above its matrices. */
function Page({ root, tab, pair, children }: PageProps) {
  const { scene, now, focus } = useFocus();
  // The gallery changes with the round and the kind in the lens, not with every step.
  const propagation = scene && now ? nearestPropagation(scene, now) : null;
  const gallery = useMemo(
    () => scene && now && focus && tab === "step" && <Gallery scene={scene} step={now} focus={focus} />,
    [scene, propagation, focus?.kind, focus?.chosen, tab],
  );
  if (!scene || !now || !focus) return null;
  return (
    <>
      {tab === "run" && <WholeRun scene={scene} focus={focus} />}
      {tab === "step" && (
        <div class={pair ? "lab-body lab-two" : "lab-body"} role="tabpanel" aria-label="Step by step">
          {pair ? pair.map((store, k) => <On key={k} store={store} children={<OwnMolecule />} />) : <OwnMolecule />}
          <Lens scene={scene} step={now} focus={focus} />
        </div>
      )}
      <Narration text={scene.pair ? narrateDifference(scene, now, focus) : narrate(scene, now, focus)} root={root} />
      {children}
      {gallery}
    </>
  );
}

function OwnMolecule() {
  const { scene, now, focus } = useFocus();
  return scene && now && focus && <Molecule scene={scene} step={now} focus={focus} />;
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
  else if (event.key === "Escape" && store.state.presenting) store.set({ presenting: false });
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
