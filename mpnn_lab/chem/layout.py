"""Where atoms lie in the plane, before anything is drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdDepictor

# RDKit's layout takes seconds for a molecule of this many atoms and its hydrogens; beyond it
# hydrogens are placed round a layout of the other atoms.
TOGETHER = 200


def lay_out(mol: Chem.Mol) -> None:
    """Give `mol` usable 2D coordinates, in place; a finite 2D conformer it has is kept."""
    if has_picture(mol):
        return
    if mol.GetNumAtoms() <= TOGETHER or not _lay_out_apart(mol):
        rdDepictor.Compute2DCoords(mol, canonOrient=True)
    rdDepictor.StraightenDepiction(mol)


def has_picture(mol: Chem.Mol) -> bool:
    """Tell whether a Mol's first conformer is a finite 2D picture of some extent."""
    if mol.GetNumConformers() == 0 or mol.GetConformer().Is3D():
        return False
    places = mol.GetConformer().GetPositions()[:, :2]
    return bool(
        np.isfinite(places).all() and (len(places) == 1 or np.ptp(places, axis=0).max() > 0)
    )


def median_bond(mol: Chem.Mol) -> float:
    """Give the median length of the bonds in the plane (1.5, RDKit's own, where there are none)."""
    places = mol.GetConformer().GetPositions()[:, :2]
    ends = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in mol.GetBonds()]
    if not ends:
        return 1.5
    begin, end = np.array(ends).T
    median = float(np.median(np.linalg.norm(places[begin] - places[end], axis=1)))
    return median if median > 0 else 1.5


def _lay_out_apart(mol: Chem.Mol) -> bool:
    """Lay out the atoms beside plain hydrogens, then those round them; False where it can't."""
    marked = Chem.Mol(mol)
    for atom in marked.GetAtoms():
        atom.SetIntProp("_place", atom.GetIdx())
    options: Any = Chem.RemoveHsParameters()
    options.showWarnings = False
    skeleton = Chem.RemoveHs(marked, options, sanitize=False)
    if skeleton.GetNumAtoms() == mol.GetNumAtoms():
        return False
    skeleton.UpdatePropertyCache(strict=False)  # counts the hydrogens that are to come back
    rdDepictor.Compute2DCoords(skeleton, canonOrient=True)
    whole = Chem.AddHs(skeleton, addCoords=True)
    if whole.GetNumAtoms() != mol.GetNumAtoms():
        return False
    found = whole.GetConformer().GetPositions()
    places = np.full((mol.GetNumAtoms(), 3), np.nan)
    for atom in skeleton.GetAtoms():
        here = atom.GetIntProp("_place")
        places[here] = found[atom.GetIdx()]
        new = [n.GetIdx() for n in whole.GetAtomWithIdx(atom.GetIdx()).GetNeighbors()]
        new = [i for i in new if i >= skeleton.GetNumAtoms()]
        kept = {n.GetIntProp("_place") for n in atom.GetNeighbors()}
        old = [n.GetIdx() for n in mol.GetAtomWithIdx(here).GetNeighbors()]
        old = [i for i in old if i not in kept]
        if len(new) != len(old):
            return False
        places[old] = found[new]
    if not np.isfinite(places).all():
        return False
    places[:, 2] = 0
    conformer = Chem.Conformer(mol.GetNumAtoms())
    conformer.Set3D(False)
    conformer.SetPositions(places)
    mol.RemoveAllConformers()
    mol.AddConformer(conformer, assignId=True)
    return True
