// The run from left to right: chapters, the open one's sub-steps, the transport, the scrubber.
import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { ChapterView, RoundView, StageView, StepView } from "../shared/views";
import { useSelect, useStage } from "./context";
import { place } from "./narration";
import type { Scene } from "./scene";
import { SPEEDS, type Store } from "./store";

/** How long a step stays while playing, in ms at speed 1: messages need time to travel. */
const DWELL = { message: 3000, other: 1600 };

/** How far the chapters fade at an end beyond which there are more, in px. */
const FADE = 28;

export function Timeline({ scene }: { scene: Scene }) {
  const { store } = useStage();
  const step = useSelect((s) => s.step);
  const playing = useSelect((s) => s.playing);
  const speed = useSelect((s) => s.speed);
  usePlay(store, scene.view, step, playing, speed);
  const last = scene.view.steps.length - 1;
  const now = scene.view.steps[step]!;
  const keys = (event: KeyboardEvent) => {
    const to = { ArrowLeft: step - 1, ArrowRight: step + 1, Home: 0, End: last }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    store.move(to - step);
  };
  const counter = place(scene, now);
  return (
    <div class="lab-timeline" role="group" aria-label="Timeline" onKeyDown={keys}>
      <div class="lab-transport">
        <button
          type="button"
          class="lab-button"
          aria-label="Step back"
          title="Step back (comma)"
          aria-disabled={step === 0}
          onClick={() => store.move(-1)}
        >
          ◀
        </button>
        <button
          type="button"
          class="lab-button lab-play"
          aria-pressed={playing}
          title="Play or pause (space)"
          onClick={() => store.togglePlay()}
        >
          {playing ? "❚❚ Pause" : "▶ Play"}
        </button>
        <button
          type="button"
          class="lab-button"
          aria-label="Step forward"
          title="Step forward (full stop)"
          aria-disabled={step === last}
          onClick={() => store.move(1)}
        >
          ▶▏
        </button>
        <button
          type="button"
          class="lab-button lab-speed"
          aria-label={`Speed ${speed} times`}
          title="Speed"
          onClick={() => store.set({ speed: SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length]! })}
        >
          {speed === 0.5 ? "½" : speed}×
        </button>
      </div>
      <Chapters view={scene.view} step={step} />
      <div class="lab-scrub">
        <input
          type="range"
          min={0}
          max={last}
          step={1}
          value={step}
          aria-label="Step of the run"
          aria-valuetext={counter}
          style={`--lab-done:${last ? (100 * step) / last : 0}%`}
          onInput={(e) => store.move(Number(e.currentTarget.value) - step)}
        />
        <span class="lab-counter">{counter}</span>
      </div>
    </div>
  );
}

function usePlay(store: Store, view: StageView, step: number, playing: boolean, speed: number): void {
  useEffect(() => {
    if (!playing) return undefined;
    const dwell = view.steps[step]!.name === "message" ? DWELL.message : DWELL.other;
    const timer = setTimeout(() => {
      if (step >= view.steps.length - 1) store.set({ playing: false });
      else store.goTo(step + 1);
    }, dwell / speed);
    return () => clearTimeout(timer);
  }, [view, step, playing, speed]);
}

function Chapters({ view, step }: { view: StageView; step: number }) {
  const active = view.steps[step]!.chapter;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const open = box.current?.querySelector<HTMLElement>(".lab-open");
    if (!box.current || !open || typeof IntersectionObserver === "undefined") return undefined;
    // The open chapter stays in sight without moving the page, as scrollIntoView would. The observer
    // speaks once the page is laid out anyway; to ask for places here would lay it out twice.
    const observer = new IntersectionObserver(
      ([entry]) => {
        observer.disconnect();
        if (entry!.intersectionRatio < 0.99) centreIn(box.current!, open);
      },
      { root: box.current, rootMargin: `0px -${FADE}px` },
    );
    observer.observe(open);
    return () => observer.disconnect();
  }, [active, view]);
  useEnds(box, view, active);
  return (
    <div class="lab-chapters" ref={box}>
      {view.chapters.map((chapter, c) => {
        const steps = view.steps.map((s, i) => [s, i] as const).filter(([s]) => s.chapter === c);
        if (c === active) return <Open key={c} view={view} chapter={c} steps={steps} step={step} />;
        return <Closed key={c} chapter={chapter} first={steps[0]?.[1]} done={c < active} />;
      })}
    </div>
  );
}

/** Marks the box where chapters go on beyond its edges, so that they fade there. */
function useEnds(box: RefObject<HTMLElement | null>, view: StageView, active: number): void {
  useEffect(() => {
    const ends = [box.current?.firstElementChild, box.current?.lastElementChild];
    if (!ends[0] || !ends[1] || typeof IntersectionObserver === "undefined") return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        for (const { target, intersectionRatio } of entries) {
          const side = target === target.parentElement?.firstElementChild ? "before" : "after";
          box.current?.classList.toggle(`lab-more-${side}`, intersectionRatio < 0.9);
        }
      },
      { root: box.current, threshold: [0, 0.9, 1] },
    );
    for (const end of ends) observer.observe(end!);
    return () => observer.disconnect();
  }, [view, active]);
}

function centreIn(box: HTMLElement, open: HTMLElement): void {
  const left = open.getBoundingClientRect().left - box.getBoundingClientRect().left;
  box.scrollLeft += left - Math.max(0, (box.clientWidth - open.offsetWidth) / 2);
}

interface OpenProps {
  view: StageView;
  chapter: number;
  steps: (readonly [StepView, number])[];
  step: number;
}

function Open({ view, chapter, steps, step }: OpenProps) {
  const { store } = useStage();
  const { title, kind, round } = view.chapters[chapter]!;
  const whole = kind === "round" ? `${title} of ${view.rounds.length}` : title;
  const now = view.rounds[view.steps[step]!.round];
  // A pooling's scores are no propagation of the layer's.
  const several = now !== undefined && round >= 0 && now.propagations.length - Number(scores(now)) > 1;
  const groups = several ? grouped(view, steps) : [{ name: "", steps }];
  return (
    <div class="lab-chapter lab-open">
      <strong>{whole}</strong>
      <span class="lab-steps">
        {groups.map((group) => {
          const first = group.steps[0]![1];
          const open = !group.name || group.steps.some(([, i]) => i === step);
          const chips = open ? group.steps.map(([s, i]) => [s.name as string, i] as const) : [[group.name, first] as const];
          return [
            open && group.name && (
              <span key={group.name} class="lab-step-group">
                {group.name}:
              </span>
            ),
            ...chips.map(([name, i]) => (
              <button
                type="button"
                key={i}
                class="lab-step"
                data-step={i}
                data-done={i < step || undefined}
                aria-current={i === step ? "step" : undefined}
                aria-expanded={open ? undefined : false}
                onClick={() => store.move(i - step)}
              >
                {name}
              </button>
            )),
          ];
        })}
      </span>
    </div>
  );
}

function scores({ pool }: RoundView): boolean {
  return pool !== null && pool.scoring >= 0;
}

interface Group {
  name: string;
  steps: OpenProps["steps"];
}

/** Steps of one propagation (or tower) after the other; those of the whole round have no name. */
export function grouped(view: StageView, steps: OpenProps["steps"]): Group[] {
  const groups: Group[] = [];
  for (const step of steps) {
    const [{ round, propagation }] = step;
    const own = propagation >= 0 && propagation !== view.rounds[round]!.pool?.scoring;
    const label = own ? view.rounds[round]!.propagations[propagation]!.label || "bonds" : "";
    const name = label.replace(/\bthe master/, "master");
    if (groups.at(-1)?.name === name) groups.at(-1)!.steps = [...groups.at(-1)!.steps, step];
    else groups.push({ name, steps: [step] });
  }
  return groups;
}

interface ClosedProps {
  chapter: ChapterView;
  first: number | undefined;
  done: boolean;
}

function Closed({ chapter, first, done }: ClosedProps) {
  const { store } = useStage();
  const { title, kind, caption } = chapter;
  const under = kind === "round" ? (done ? "done" : "…") : caption;
  return (
    <button
      type="button"
      class="lab-chapter"
      title={caption}
      data-done={done || undefined}
      disabled={first === undefined}
      onClick={() => store.move(first! - store.state.step)}
    >
      <span class="lab-chapter-title">{title}</span>
      <span class="lab-caption">{under}</span>
    </button>
  );
}
