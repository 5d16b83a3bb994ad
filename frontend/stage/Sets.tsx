// Sets of atoms that messages go through: a hub amid the atoms of each, and outlines round those in the lens.
import { useMemo } from "preact/hooks";
import type { StepView } from "../shared/views";
import type { Point } from "./geometry";
import { hull } from "./hulls";
import { throughSets, type Scene } from "./scene";
import { nearestPropagation, type Focus } from "./selection";

interface Props {
  scene: Scene;
  step: StepView;
  focus: Focus;
  places: Point[];
  unit: number;
}

/** Whether the messages of a step go through sets. */
export function showsSets(scene: Scene, step: StepView): boolean {
  return step.round >= 0 && throughSets(nearestPropagation(scene, step));
}

/** The sets that the lens is about: the one that hears, or those that the atom hears from. */
function concerned(scene: Scene, { propagation, node, incoming }: Focus): number[] {
  if (scene.isSet(node)) return [node];
  return [...new Set(incoming.map((e) => propagation!.source.data[e]!))].filter((n) => scene.isSet(n));
}

/** Outlines: faint ones round every set that is more than a bond, plain ones round those in the lens. */
export function Outlines({ scene, step, focus, places, unit }: Props) {
  const shown = showsSets(scene, step);
  const near = shown ? concerned(scene, focus) : [];
  const faint = useMemo(() => (shown ? scene.sets.filter((n) => scene.crowd.atomsOf(n).length > 2) : []), [scene, shown]);
  return useMemo(() => {
    const drawn = (node: number) => (
      <path
        key={node}
        data-set={node}
        data-atoms={scene.crowd.atomsOf(node).join(" ")}
        d={hull(scene.view.molecule, scene.crowd.atomsOf(node), places[node]!)}
        stroke-width={unit * (scene.crowd.atomsOf(node).length > 2 ? 0.95 : 0.8)}
      />
    );
    return (
      shown && (
        <g class="lab-sets">
          <g>{faint.filter((n) => !near.includes(n)).map(drawn)}</g>
          <g class="lab-near">{near.map(drawn)}</g>
        </g>
      )
    );
  }, [scene, shown, near.join(), places, unit]);
}

/** The hubs: those that the lens is about stand out. */
export function Hubs({ scene, step, focus, places, unit }: Props) {
  const shown = showsSets(scene, step);
  const near = shown ? concerned(scene, focus) : [];
  return useMemo(() => {
    if (!shown) return null;
    const r = unit * 0.085;
    const hub = (n: number) => {
      const { x, y } = places[n]!;
      return `M${x - r} ${y}L${x} ${y - r}L${x + r} ${y}L${x} ${y + r}Z`;
    };
    return (
      <g class="lab-hubs" data-near={near.join(" ")}>
        <path d={scene.sets.filter((n) => !near.includes(n)).map(hub).join("")} />
        <path class="lab-near" d={near.map(hub).join("")} />
      </g>
    );
  }, [scene, shown, near.join(), places, unit]);
}
