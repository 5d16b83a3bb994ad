// The atoms' names beside them: all of them, or where they would be too small those round one atom.
import { useMemo } from "preact/hooks";
import type { Point } from "./geometry";
import { placeNames, sizes, withNeighbours } from "./names";
import type { Scene } from "./scene";

interface Props {
  scene: Scene;
  places: Point[];
  /** Width and height of what is in sight. */
  sight: readonly [number, number];
  unit: number;
  /** The atom in the lens; -1 for none. */
  atom: number;
  /** What is written instead of each name. */
  instead?: string[] | undefined;
}

export function AtomNames({ scene, places, sight: [width, height], unit, atom, instead }: Props) {
  const { molecule } = scene.view;
  const size = useMemo(() => sizes(width, height, unit), [width, height, unit]);
  // All names stay as they are from step to step and from atom to atom.
  const centre = size.all === null ? atom : null;
  return useMemo(() => {
    const all = molecule.atom_labels.map((_, a) => a);
    const atoms = centre === null ? all : centre < 0 ? [] : withNeighbours(molecule, centre);
    const letters = size.all ?? size.few;
    return (
      <g class="lab-atom-names" font-size={letters.toFixed(2)} stroke-width={(letters * 0.22).toFixed(2)}>
        {placeNames(scene, places, atoms, letters).map(({ atom: a, text, x, y }) => (
          <text key={a} data-name-of={a} x={x.toFixed(1)} y={(y + letters * 0.35).toFixed(1)}>
            {instead?.[a] ?? text}
          </text>
        ))}
      </g>
    );
  }, [scene, places, size, centre, instead?.join()]);
}
