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
  const values = propagation && strengths(scene, step, propagation);
  const drawn = useMemo(() => outlines(ways, values, unit), [ways, values, unit]);
  // Stepping through a round changes neither outlines nor listener: the arrows are then not touched.
  const arrows = useMemo(
    () => propagation && layers(propagation, drawn, focus, unit),
    [propagation, drawn, focus.node, focus.edge, unit],
  );
  if (!propagation) return null;
  return (
    <g class={step.name === "update" ? "lab-messages lab-faded" : "lab-messages"}>
      {arrows}
      {step.name === "message" && <Packets ways={ways} focus={focus} unit={unit} />}
    </g>
  );
}

interface Outline {
  shaft: string;
  head: string;
  width: number;
}

function outlines(ways: Way[], values: Float32Array | null, unit: number): Outline[] {
  const widest = widestOf(values);
  return ways.map((way, e) => {
    const width = unit * (values && widest > 0 ? 0.025 + (0.1 * values[e]!) / widest : 0.03);
    return { ...arrow(way, width, unit), width };
  });
}

/** All arrows, those into the atom in the lens last and so on top. */
function layers(propagation: PropagationView, drawn: Outline[], focus: Focus, unit: number) {
  const loud = new Set(focus.incoming);
  const one = (e: number) => {
    const role = propagation.roles[propagation.role.data[e]!]!;
    const { shaft, head, width } = drawn[e]!;
    const dashes = role === "virtual" || role === "master" ? `${unit * 0.12} ${unit * 0.08}` : undefined;
    const kind = `lab-arrow${loud.has(e) ? " lab-loud" : ""}${e === focus.edge ? " lab-in-lens" : ""}`;
    return (
      <g key={e} class={kind} data-edge={e} data-role={role}>
        <path class="lab-shaft" d={shaft} stroke-width={width.toFixed(2)} stroke-dasharray={dashes} />
        <path class="lab-head" d={head} />
      </g>
    );
  };
  const quiet = [...drawn.keys()].filter((e) => !loud.has(e));
  return <g>{[...quiet, ...focus.incoming].map(one)}</g>;
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
