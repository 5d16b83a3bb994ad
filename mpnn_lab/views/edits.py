"""What a what-if has told otherwise, said of the atoms and bonds in the picture."""

from __future__ import annotations

from dataclasses import replace

from mpnn_lab.chem import Depiction
from mpnn_lab.tracing import FeatureEdit, Trace

CHANGED = " (changed)"


def with_edits(molecule: Depiction, trace: Trace) -> Depiction:
    """The picture of the molecule as it is, with what the model was told instead beside it."""
    atoms, bonds = list(molecule.atom_descriptions), list(molecule.bond_descriptions)
    labels = list(molecule.bond_labels)
    for edit in trace.edits:
        if not isinstance(edit, FeatureEdit):
            continue
        if edit.of == "atom":
            atoms[edit.number] += f"; told: {edit.words}"
        else:
            bonds[edit.number] += f"; told: {edit.words}"
            labels[edit.number] = f"{labels[edit.number].removesuffix(CHANGED)}{CHANGED}"
    return replace(
        molecule,
        atom_descriptions=tuple(atoms),
        bond_descriptions=tuple(bonds),
        bond_labels=tuple(labels),
    )
