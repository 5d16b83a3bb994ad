// What the viewer says: of a molecule, of what is selected, of what it could not do.
import { num } from "../shared/format";
import type { Colours, Solid } from "../shared/views";
import { bondName } from "./drawing";

/** "C1: carbon, charge +1; size of the state 0.431". */
export function atomWords(solid: Solid, colours: Colours | null, atom: number): string {
  const value = colours?.values[atom];
  const number = value === null || value === undefined ? "" : `; ${colours!.words} ${num(value)}`;
  return `${solid.atom_labels[atom]}: ${solid.atom_descriptions[atom]}${number}`;
}

export function bondWords(solid: Solid, bond: number): string {
  const [, ...rest] = solid.bond_descriptions[bond]!.split(",");
  return `${bondName(solid, bond)}:${rest.join(",")}`;
}

/** What is selected, in words; "" for nothing. */
export function chosenWords(solid: Solid, colours: Colours | null, atom: number | null, bond: number | null): string {
  const words = [];
  if (atom !== null && atom < solid.atom_labels.length) words.push(`atom ${atomWords(solid, colours, atom)}`);
  if (bond !== null && bond < solid.bond_descriptions.length) words.push(`bond ${bondWords(solid, bond)}`);
  return words.join(" · ");
}

/** What stands for the picture where it is not seen. */
export function pictureWords(solid: Solid | null, chosen: string): string {
  const what = solid
    ? `${solid.name || "Molecule"} in space, ${solid.atom_labels.length} atoms, ${solid.how}.`
    : "A scene in space.";
  const keys = solid ? " n and p choose an atom, b one of its bonds, Escape none." : "";
  return `${what} ${chosen ? `Selected: ${chosen}.` : "Nothing is selected."} Arrow keys turn it, plus and minus bring it nearer and farther, 0 shows the whole.${keys}`;
}
