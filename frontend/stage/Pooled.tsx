// What poolings have done to the molecule: atoms that dropped out fade, those that merged share a halo.
import { atomPlace, type Point } from "./geometry";
import { hull } from "./hulls";
import type { Scene } from "./scene";

interface Props {
  scene: Scene;
  /** After how many poolings. */
  pooled: number;
  places: Point[];
  unit: number;
}

/** One outline round the atoms of every merged node. */
export function Halos({ scene, pooled, places, unit }: Props) {
  const merged = scene.crowd.everyone(pooled).filter((n) => scene.crowd.atomsOf(n).length > 1);
  if (!pooled || !merged.length) return null;
  const { molecule } = scene.view;
  return (
    <g class="lab-halos">
      {merged.map((node) => {
        const atoms = scene.crowd.atomsOf(node);
        return (
          <g key={node} class="lab-halo" data-halo={node} data-atoms={atoms.join(" ")}>
            <path d={hull(molecule, atoms, places[node]!)} stroke-width={unit * 0.95} />
            <title>{scene.view.node_labels[node]}</title>
          </g>
        );
      })}
    </g>
  );
}

/** A veil over atoms that are no part of any node any more. */
export function Dropped({ scene, pooled, unit }: Omit<Props, "places">) {
  if (!pooled) return null;
  const { molecule } = scene.view;
  const present = new Set(scene.crowd.everyone(pooled).flatMap((n) => scene.crowd.atomsOf(n)));
  const gone = molecule.atom_labels.map((_, a) => a).filter((a) => !present.has(a));
  return (
    <g class="lab-dropped" data-atoms={gone.join(" ")}>
      {gone.map((atom) => {
        const p = atomPlace(molecule, atom);
        return <circle key={atom} cx={p.x} cy={p.y} r={unit * 0.5} />;
      })}
    </g>
  );
}
