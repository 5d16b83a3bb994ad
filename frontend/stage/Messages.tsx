// The message layer: an arrow for every directed edge, packets on them while messages travel.
import { useMemo } from "preact/hooks";
import type { PropagationView, StepView } from "../shared/views";
import { arrow, ways as makeWays, type Point, type Way } from "./geometry";
import { usePackets } from "./packets";
import { type Scene } from "./scene";
import { nearestPropagation, type Focus } from "./selection";

interface Props {
  scene: Scene;
  step: StepView;
  focus: Focus;
  places: Point[];
  unit: number;
}

/** The edges drawn at a step with their ways; none outside the rounds. */
export function useWays(scene: Scene, step: StepView, places: Point[], unit: number) {
  const propagation = step.round >= 0 ? nearestPropagation(scene, step) : null;
  const ways = useMemo(() => (propagation ? makeWays(propagation, places, unit) : []), [propagation, places, unit]);
  return { propagation, ways };
}

/** What the widths stand for at a step, one number an edge; null while nothing has been sent. */
export function strengths(scene: Scene, step: StepView, propagation: PropagationView): Float32Array | null {
  if (step.name === "gather" || step.name === "edge matrix") return null;
  if (step.name === "attention" && propagation.weights) return scene.norms(propagation.weights);
  return scene.norms(propagation.messages);
}

export function widestOf(values: Float32Array | null): number {
  return values?.reduce((a, b) => Math.max(a, b), 0) ?? 0;
}

export function Messages({ scene, step, focus, places, unit }: Props) {
  const { propagation, ways } = useWays(scene, step, places, unit);
  const drawn = useMemo(() => {
    if (!propagation) return null;
    const values = strengths(scene, step, propagation);
    const widest = widestOf(values);
    const outline = (way: Way, e: number) =>
      arrow(way, unit * (widest > 0 ? 0.025 + (0.1 * values![e]!) / widest : 0.03), unit);
    const width = (e: number) => unit * (widest > 0 ? 0.025 + (0.1 * values![e]!) / widest : 0.03);
    return ways.map((way, e) => ({ ...outline(way, e), width: width(e) }));
  }, [scene, propagation, ways, step.name, unit]);
  if (!propagation || !drawn) return null;
  const loud = new Set(focus.incoming);
  const one = (e: number, kind: string) => {
    const role = propagation.roles[propagation.role.data[e]!]!;
    return (
      <g key={e} class={`${kind}${e === focus.edge ? " lab-in-lens" : ""}`} data-edge={e} data-role={role}>
        <path
          class="lab-shaft"
          d={drawn[e]!.shaft}
          stroke-width={drawn[e]!.width.toFixed(2)}
          stroke-dasharray={role === "virtual" || role === "master" ? `${unit * 0.12} ${unit * 0.08}` : undefined}
        />
        <path class="lab-head" d={drawn[e]!.head} />
      </g>
    );
  };
  const faded = step.name === "update" ? " lab-faded" : "";
  return (
    <g class={`lab-messages${faded}`}>
      {ways.map((_, e) => !loud.has(e) && one(e, "lab-arrow"))}
      {focus.incoming.map((e) => one(e, "lab-arrow lab-loud"))}
      {step.name === "message" && <Packets ways={ways} focus={focus} unit={unit} />}
    </g>
  );
}

function Packets({ ways, focus, unit }: { ways: Way[]; focus: Focus; unit: number }) {
  const order = useMemo(() => {
    const loud = new Set(focus.incoming);
    const quiet = ways.map((_, e) => e).filter((e) => !loud.has(e));
    return [...quiet, ...focus.incoming];
  }, [ways, focus.incoming]);
  const ordered = useMemo(() => order.map((e) => ways[e]!), [order, ways]);
  const group = usePackets(ordered, true);
  const first = order.length - focus.incoming.length;
  return (
    <g class="lab-packets" ref={group}>
      {order.map((e, k) => (
        <circle
          key={e}
          class={k < first ? "lab-packet" : "lab-packet lab-loud"}
          r={unit * (k < first ? 0.05 : 0.085)}
        />
      ))}
    </g>
  );
}
