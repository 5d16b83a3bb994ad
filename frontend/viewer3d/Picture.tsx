// The drawing itself: a canvas of 3Dmol's, what is clicked and pressed on it, and what stands in for it.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { isPlain } from "../shared/keys";
import { watchTheme } from "../shared/theme";
import { Drawing, hidable, type Paint, type Shown } from "./drawing";
import { readPaint } from "./paint";
import type { Open, Screen } from "./screen";
import { ends, targetsOf, type Target } from "./targets";
import { chosenWords, pictureWords } from "./words";

export type Unpainted = Omit<Shown, "paint">;
export type Choose = (atom: number | null, bond: number | null) => void;

interface Props {
  shown: Unpainted;
  height: number;
  open: Open;
  choose: Choose;
  /** What lies under the pointer. */
  point: (target: Target | null) => void;
  faults: (faults: string[]) => void;
}

/** A click is a press let go at most so many pixels from where it began. */
const STILL = 4;
const TURN = 15;
const NEARER = 1.25;

type State = "waiting" | "drawn" | "lost" | "none";

export function Picture({ shown, height, open, choose, point, faults }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const held = useRef<{ screen: Screen; drawing: Drawing } | null>(null);
  const [state, setState] = useState<State>("waiting");
  const [tries, setTries] = useState(0);
  const paint = usePaint(root);
  const { solid } = shown;
  const targets = useMemo(() => {
    const hidden = solid && !shown.hydrogens ? hidable(solid) : new Set<number>();
    return solid ? targetsOf(solid, (atom) => !hidden.has(atom)) : [];
  }, [solid, shown.hydrogens]);

  // Opened once the element has a size, closed with the widget; anew where it was taken away.
  useEffect(() => {
    const element = root.current!;
    const close = () => {
      held.current?.screen.close();
      held.current = null;
    };
    const fit = () => {
      if (!element.offsetWidth || !element.offsetHeight) return;
      if (held.current) {
        if (!held.current.screen.isLost()) held.current.screen.viewer.resize();
        return;
      }
      try {
        const screen = open(element, () => setState("lost"));
        held.current = { screen, drawing: new Drawing(screen.viewer, () => element.offsetWidth / element.offsetHeight) };
        setState("drawn");
      } catch {
        watch.disconnect();
        setState("none");
      }
    };
    const watch = new ResizeObserver(fit);
    watch.observe(element);
    fit();
    return () => {
      watch.disconnect();
      close();
    };
  }, [tries]);

  useLayoutEffect(() => {
    if (state !== "drawn" || !paint || !held.current) return;
    const { drawing } = held.current;
    drawing.show({ ...shown, paint });
    faults(drawing.faults);
  }, [state, paint, ...Object.values(shown)]);

  // Passive listeners could not keep the page from scrolling; unfocused, the wheel scrolls the page.
  useEffect(() => {
    const element = root.current!;
    const wheel = (event: WheelEvent) => {
      if (event.ctrlKey || element.contains(document.activeElement)) held.current?.screen.wheel(event);
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, []);

  const pressed = useRef<[number, number] | null>(null);
  const down = (event: PointerEvent) => {
    root.current!.focus({ preventScroll: true });
    pressed.current = event.button === 0 ? [event.clientX, event.clientY] : null;
  };
  const up = (event: PointerEvent) => {
    const from = pressed.current;
    pressed.current = null;
    if (!from || !held.current || Math.hypot(event.clientX - from[0], event.clientY - from[1]) > STILL) return;
    const target = held.current.screen.hit(event, targets);
    if (!target) choose(null, null);
    else if (target.what === "atom") choose(target.number, null);
    else choose(keptAtom(shown, target.number), target.number);
  };
  const move = (event: PointerEvent) => {
    if (event.buttons || !held.current) return;
    const target = held.current.screen.hit(event, targets);
    root.current!.style.cursor = target ? "pointer" : "grab";
    point(target);
  };
  const chosen = solid ? chosenWords(solid, shown.colours, shown.atom, shown.bond) : "";
  return (
    <div
      class="lab-space"
      ref={root}
      style={{ height: `${height}px` }}
      tabIndex={0}
      role="application"
      aria-label={pictureWords(solid, chosen)}
      data-state={state}
      onPointerDown={down}
      onPointerUp={up}
      onPointerMove={move}
      onPointerLeave={() => point(null)}
      onKeyDown={(event) => {
        const at = held.current;
        if (isPlain(event) && at && key(event.key, at.screen, at.drawing, shown, choose)) event.preventDefault();
      }}
    >
      {state === "none" && (
        <p class="lab-instead" role="status">
          This browser draws nothing in space here: WebGL is switched off or missing.
        </p>
      )}
      {state === "lost" && (
        <p class="lab-instead" role="status">
          The browser has taken this drawing away: it keeps only so many.{" "}
          <button type="button" class="lab-button" onClick={() => (setState("waiting"), setTries(tries + 1))}>
            Draw it again
          </button>
        </p>
      )}
    </div>
  );
}

/** The atom that stays selected with a bond: one of its ends. */
function keptAtom({ solid, atom }: Unpainted, bond: number): number | null {
  return atom !== null && ends(solid!, bond).includes(atom) ? atom : null;
}

/** What a key does; false for one that does nothing here. */
function key(name: string, { viewer }: Screen, drawing: Drawing, shown: Unpainted, choose: Choose): boolean {
  const { solid, atom, bond } = shown;
  const count = solid?.atom_labels.length ?? 0;
  if (name === "ArrowLeft") viewer.rotate(-TURN, "vy");
  else if (name === "ArrowRight") viewer.rotate(TURN, "vy");
  else if (name === "ArrowUp") viewer.rotate(-TURN, "vx");
  else if (name === "ArrowDown") viewer.rotate(TURN, "vx");
  else if (name === "+" || name === "=") viewer.zoom(NEARER);
  else if (name === "-") viewer.zoom(1 / NEARER);
  else if (name === "0") drawing.whole();
  else if (name === "Escape") choose(null, null);
  else if (name === "n" && count) choose(atom === null ? 0 : (atom + 1) % count, null);
  else if (name === "p" && count) choose(((atom ?? 0) + count - 1) % count, null);
  else if (name === "b" && solid && atom !== null) {
    const own = solid.bond_descriptions.map((_, k) => k).filter((k) => ends(solid, k).includes(atom));
    if (own.length) choose(atom, own[(own.indexOf(bond ?? -1) + 1) % own.length]!);
  } else return false;
  return true;
}

/** The page's colours, read again when the theme changes. */
function usePaint(root: { current: HTMLElement | null }): Paint | null {
  const [paint, setPaint] = useState<Paint | null>(null);
  useLayoutEffect(() => {
    const read = () => {
      if (!root.current?.isConnected) return;
      const next = readPaint(root.current);
      setPaint((old) => (old?.key === next.key ? old : next));
    };
    read();
    // A widget may be rendered before it is in the page, and the theme's attribute be set a moment later.
    const frame = requestAnimationFrame(read);
    const unwatch = watchTheme(() => requestAnimationFrame(read));
    return () => {
      cancelAnimationFrame(frame);
      unwatch();
    };
  }, []);
  return paint;
}
