// A disc for every node, coloured by its state; none where it has no state any more.
import { useMemo } from "preact/hooks";
import { diverging, hex, sequential } from "../shared/colour";
import type { StepView } from "../shared/views";
import { useSelect, useStage } from "./context";
import { centre, type Point } from "./geometry";
import type { Scene } from "./scene";

interface DiscsProps {
  scene: Scene;
  step: StepView;
  places: Point[];
  unit: number;
}

export function Discs({ scene, step, places, unit }: DiscsProps) {
  const { palette } = useStage();
  const channel = useSelect((s) => s.channel);
  const held = scene.has(step.state) ? scene.quantity(step.state) : null;
  return useMemo(() => {
    if (!held) return null;
    const norms = scene.norms(step.state);
    const width = scene.width(held);
    const one = channel !== null && channel < width ? channel : width === 1 && !scene.oneSided(held) ? 0 : null;
    const limit = one === null ? scene.widest(step.state) : scene.limit(held);
    const { data } = scene.base(held).values!;
    const values = places.map((_, node) => {
      if (!scene.crowd.there(node, held.nodes)) return NaN; // no state: blank, which is not 0
      return (one === null ? norms[node] : data[node * width + one]) ?? NaN; // a master is in few states
    });
    return (
      <g class="lab-discs" data-values={values.map((v) => (Number.isNaN(v) ? "-" : v)).join(" ")}>
        {places.map((p, node) => {
          const value = values[node]!;
          const master = scene.view.node_atoms.data[node]! < 0 && !scene.crowd.atomsOf(node).length;
          if (Number.isNaN(value) && !master) return null;
          const paint = one === null ? sequential : diverging;
          const fill = Number.isNaN(value) ? "none" : hex(paint(palette, value, limit));
          return master ? (
            <g key={node}>
              <rect
                x={p.x - unit * 0.3}
                y={p.y - unit * 0.3}
                width={unit * 0.6}
                height={unit * 0.6}
                rx={unit * 0.08}
                fill={fill}
                stroke="currentColor"
                stroke-width={unit * 0.03}
              />
              <text class="lab-master" x={p.x} y={p.y + unit * 0.55} font-size={unit * 0.24}>
                {scene.view.node_labels[node]}
              </text>
            </g>
          ) : (
            <circle
              key={node}
              {...centre(p)}
              r={unit * 0.3}
              fill={fill}
            />
          );
        })}
      </g>
    );
  }, [scene, step.state, channel, palette, places, unit]);
}
