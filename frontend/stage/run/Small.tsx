// A small copy of the depiction with a disc on each atom: its size a share, or its look a colour's number.
import { useMemo } from "preact/hooks";
import { AtomNames } from "../AtomNames";
import { useStage } from "../context";
import { atomPlace, centre, nodePlaces } from "../geometry";
import { Drawing, viewBox } from "../Molecule";
import type { Scene } from "../scene";

export interface Disc {
  /** 0 to 1: the disc's area. */
  share: number;
  /** The number of a colour, written beside it in the atom's name's place. */
  turn?: number;
  said: string;
}

interface SmallProps {
  scene: Scene;
  name: string;
  /** Of every atom. */
  discs: Disc[];
  atom: number;
}

export function Small({ scene, name, discs, atom }: SmallProps) {
  const { store } = useStage();
  const { molecule } = scene.view;
  const unit = molecule.bond_length || 30;
  const places = useMemo(() => nodePlaces(scene), [scene]);
  const box = useMemo(() => viewBox(scene, places, unit), [scene, places, unit]);
  const numbered = discs.some(({ turn }) => turn !== undefined);
  const instead = numbered ? discs.map(({ turn }) => String(turn)) : undefined;
  const drawing = useMemo(() => <Drawing molecule={molecule} />, [molecule]);
  return (
    <svg class="lab-small-molecule" viewBox={box.join(" ")} preserveAspectRatio="xMidYMid meet" role="img" aria-label={name}>
      <g class="lab-shares">
        {discs.map(({ share, turn }, a) =>
          share > 0 ? (
            <circle
              key={a}
              {...centre(atomPlace(molecule, a))}
              r={unit * (turn === undefined ? 0.05 + 0.45 * Math.sqrt(share) : 0.34)}
              class={turn === undefined ? undefined : "lab-swatch"}
              style={turn === undefined ? undefined : ({ "--lab-turn": turn } as Record<string, number>)}
            />
          ) : null,
        )}
      </g>
      {drawing}
      <AtomNames {...{ scene, places, unit, atom }} sight={[box[2], box[3]]} instead={instead} />
      {atom >= 0 && <circle class="lab-ring" {...centre(atomPlace(molecule, atom))} r={unit * 0.4} />}
      <g class="lab-targets">
        {discs.map(({ said }, a) => (
          <circle key={a} {...centre(atomPlace(molecule, a))} r={unit * 0.4} onClick={() => store.select({ atom: a })}>
            <title>{`${molecule.atom_labels[a]}: ${said}`}</title>
          </circle>
        ))}
      </g>
    </svg>
  );
}
