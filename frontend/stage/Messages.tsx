// The message layer: an arrow for every directed edge, packets on them while messages travel.
import { useMemo } from "preact/hooks";
import type { PropagationView, StepView } from "../shared/views";
import { alwaysDrawn, Crowded, isCrowded } from "./Crowded";
import { arrow, remembered, ways as makeWays, type Outline, type Point, type Way } from "./geometry";
import { usePackets } from "./packets";
import { isPair, throughSets, type Scene } from "./scene";
import { nearestPropagation, type Focus } from "./selection";

/** Widths of dashed shafts differ by at least this part of a bond's length. */
const WIDTH_STEP = 0.02;

/** Steps in which nothing travels, unless they have edges of their own. */
const FADED = new Set(["norm", "update", "pool"]);

interface Props {
  scene: Scene;
  step: StepView;
  focus: Focus;
  places: Point[];
  unit: number;
}

/** The edges at a step, and the way of each; none outside the rounds. */
function useWays(scene: Scene, step: StepView, places: Point[], unit: number) {
  const propagation = step.round >= 0 ? nearestPropagation(scene, step) : null;
  const way = useMemo(() => propagation && makeWays(propagation, places, unit), [propagation, places, unit]);
  return { propagation, way };
}

/** The quantity whose rows' sizes the widths stand for at a step; null while nothing has been sent. */
export function strengthOf(step: StepView, propagation: PropagationView): string | null {
  if (step.name === "gather" || step.name === "edge matrix") return null;
  if (step.name === "attention" && propagation.weights) return propagation.weights;
  return propagation.messages;
}

export function Messages({ scene, step, focus, places, unit }: Props) {
  const { propagation, way } = useWays(scene, step, places, unit);
  const strength = propagation && strengthOf(step, propagation);
  const values = strength ? scene.norms(strength) : null;
  const widest = strength ? scene.widest(strength) : 0;
  const outline = useMemo(() => way && outlines(way, values, widest, unit), [way, values, widest, unit]);
  const always = useMemo(() => (propagation ? alwaysDrawn(propagation) : []), [propagation]);
  // Stepping through a round changes neither outlines nor listener: the arrows are then not touched.
  const arrows = useMemo(
    () => propagation && layers(propagation, outline!, always, focus, unit),
    [propagation, outline, focus.node, focus.edge, unit],
  );
  if (!propagation) return null;
  return (
    <g class={FADED.has(step.name) && step.propagation < 0 ? "lab-messages lab-faded" : "lab-messages"}>
      {values && isCrowded(propagation) && <Crowded {...{ propagation, values, places, unit }} />}
      {arrows}
      {step.name === "message" && <Packets {...{ propagation, always, focus, unit }} way={way!} />}
    </g>
  );
}

function outlines(
  way: (edge: number) => Way,
  values: Float32Array | null,
  widest: number,
  unit: number,
): (edge: number) => Outline {
  const share = (e: number) => (values && widest > 0 ? values[e]! / widest : NaN);
  const width = (e: number) => (Number.isNaN(share(e)) ? 0.03 : 0.025 + 0.1 * share(e));
  return remembered((e) => arrow(way(e), unit * width(e), unit));
}

/** All arrows, those into the atom in the lens last and so on top, the one in the lens above all. */
function layers(
  propagation: PropagationView,
  outline: (edge: number) => Outline,
  always: number[],
  focus: Focus,
  unit: number,
) {
  const loud = new Set(focus.incoming);
  const quiet = always.filter((e) => !loud.has(e));
  const others = focus.incoming.filter((e) => e !== focus.edge);
  const inLens = focus.incoming.filter((e) => e === focus.edge);
  const group = (edges: number[], kind: string) => <Arrows {...{ propagation, outline, edges, unit, kind }} />;
  return (
    <g>
      {group(quiet, "")}
      {group(others, " lab-loud")}
      {group(inLens, " lab-loud lab-in-lens")}
    </g>
  );
}

interface ArrowsProps {
  propagation: PropagationView;
  outline: (edge: number) => Outline;
  edges: number[];
  unit: number;
  kind: string;
}

/** Arrows of one look are one path, for they are never told apart; those along no bond are dashed. */
function Arrows({ propagation, outline, edges, unit, kind }: ArrowsProps) {
  const [dashed, solid] = parted(edges, (e) => isDashed(propagation, e));
  const both = (e: number) => outline(e).shaft + outline(e).head;
  return (
    <g class={`lab-arrows${kind}${edges.some((e) => isMerged(propagation, e)) ? " lab-merged" : ""}`} data-edges={edges.join(" ")}>
      {dashed.length > 0 && <Dashed outline={outline} edges={dashed} unit={unit} />}
      <path d={solid.map(both).join("")} />
    </g>
  );
}

function isMerged(propagation: PropagationView, edge: number): boolean {
  return propagation.roles[propagation.role.data[edge]!] === "merged";
}

function isDashed(propagation: PropagationView, edge: number): boolean {
  return isPair(propagation, edge) || propagation.roles[propagation.role.data[edge]!] === "master";
}

function parted(edges: number[], which: (edge: number) => boolean): [number[], number[]] {
  const [yes, no]: [number[], number[]] = [[], []];
  for (const e of edges) (which(e) ? yes : no).push(e);
  return [yes, no];
}

/** Dashed arrows, fainter than the others: there may be many more. Shafts about as wide are one path. */
function Dashed({ outline, edges, unit }: Pick<ArrowsProps, "outline" | "edges" | "unit">) {
  const step = WIDTH_STEP * unit;
  const byWidth = new Map<number, string[]>();
  for (const e of edges) {
    const width = Math.max(1, Math.round(outline(e).width / step));
    if (!byWidth.has(width)) byWidth.set(width, []);
    byWidth.get(width)!.push(outline(e).line);
  }
  return (
    <g class="lab-pairs" data-pairs={edges.join(" ")}>
      {[...byWidth].map(([width, lines]) => (
        <path
          key={width}
          class="lab-dashed"
          d={lines.join("")}
          stroke-width={(width * step).toFixed(2)}
          stroke-dasharray={`${(unit * 0.12).toFixed(2)} ${(unit * 0.08).toFixed(2)}`}
        />
      ))}
      <path d={edges.map((e) => outline(e).head).join("")} />
    </g>
  );
}

interface PacketsProps {
  propagation: PropagationView;
  way: (edge: number) => Way;
  always: number[];
  focus: Focus;
  unit: number;
}

/** Packets are the dots of a few paths: a frame of the journey writes one attribute for each path. */
function Packets({ propagation, way, always, focus, unit }: PacketsProps) {
  const paths = useMemo(() => {
    const loud = focus.incoming.map(way);
    // Between atoms without a bond travel too many to be told apart: those into the lens are shown.
    // So are those between clusters, and those through sets, of which some are but half a bond long.
    const heard = new Set(focus.incoming);
    const told = (e: number) => !isPair(propagation, e) && !isMerged(propagation, e) && !throughSets(propagation);
    const quiet = always.filter((e) => !heard.has(e) && told(e)).map(way);
    return [quiet, loud, loud];
  }, [propagation, way, focus.incoming]);
  const group = usePackets(paths);
  return (
    <g class="lab-packets" ref={group}>
      <path class="lab-packet" stroke-width={unit * 0.1} />
      <path class="lab-packet lab-rim" stroke-width={unit * 0.17 + 1} />
      <path class="lab-packet lab-loud" stroke-width={unit * 0.17 - 1} />
    </g>
  );
}
