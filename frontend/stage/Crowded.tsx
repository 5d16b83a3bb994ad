// What is drawn of more messages than can be told apart: bonds' as arrows, and a ring for all the others.
import { useMemo } from "preact/hooks";
import type { PropagationView } from "../shared/views";
import type { Point } from "./geometry";

/** Of more messages than this, those of bonds and those into the atom in the lens are drawn. */
const MOST = 2000;
/** The rings have at most so many widths: those about as wide are one path. */
const WIDTHS = 6;

export function isCrowded({ source }: PropagationView): boolean {
  return source.data.length > MOST;
}

/** The edges that have an arrow whatever is in the lens. */
export function alwaysDrawn(propagation: PropagationView): number[] {
  const all = [...propagation.source.data.keys()];
  return isCrowded(propagation) ? all.filter((e) => !isOneOfMany(propagation, e)) : all;
}

function isOneOfMany({ source, target, bond }: PropagationView, edge: number): boolean {
  return bond.data[edge]! < 0 && source.data[edge] !== target.data[edge];
}

/** How much reaches each node along edges that have no arrow of their own. */
export function heardInAll(propagation: PropagationView, values: Float32Array, nodes: number): Float32Array {
  const sums = new Float32Array(nodes);
  propagation.target.data.forEach((t, e) => {
    if (isOneOfMany(propagation, e)) sums[t]! += values[e]!;
  });
  return sums;
}

interface Props {
  propagation: PropagationView;
  values: Float32Array;
  places: Point[];
  unit: number;
}

/** A ring round every atom, as wide as all that it hears from atoms that it is not bonded to. */
export function Crowded({ propagation, values, places, unit }: Props) {
  return useMemo(() => {
    const sums = heardInAll(propagation, values, places.length);
    const most = sums.reduce((a, b) => Math.max(a, b), 0) || 1;
    const rings = new Map<number, string[]>();
    sums.forEach((sum, node) => {
      const width = Math.ceil((WIDTHS * sum) / most);
      if (width > 0) rings.set(width, [...(rings.get(width) ?? []), ring(places[node]!, unit * 0.33)]);
    });
    return (
      <g class="lab-crowded" data-sums={[...sums].join(" ")}>
        {[...rings].map(([width, all]) => (
          <path key={width} d={all.join("")} stroke-width={((0.12 * unit * width) / WIDTHS).toFixed(2)} />
        ))}
      </g>
    );
  }, [propagation, values, places, unit]);
}

function ring({ x, y }: Point, r: number): string {
  const half = (by: number) => `a${r.toFixed(2)} ${r.toFixed(2)} 0 1 0 ${by.toFixed(2)} 0`;
  return `M${(x - r).toFixed(2)} ${y.toFixed(2)}${half(2 * r)}${half(-2 * r)}`;
}
