"""Which atoms of two molecules correspond."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem import rdFMCS

SECONDS = 2
"""How long the largest common part is looked for; the largest found until then is taken."""
MOST = 100
"""Atoms beside hydrogen of the larger molecule from which on it is not looked for."""


def matching_atoms(mol: Chem.Mol, other: Chem.Mol) -> NDArray[np.int32]:
    """The atom of `mol` for each atom of `other`, -1 where none corresponds.

    Molecules with the same atoms and bonds in the same order correspond as they stand. Of others
    the largest connected part that both hold does: the same elements, bonds of the same order,
    whole rings (RDKit's maximum common substructure).

    Returns
    -------
    ndarray
        int32 [atoms of `other`].
    """
    if as_drawn(mol) == as_drawn(other):
        return np.arange(other.GetNumAtoms(), dtype=np.int32)
    found = np.full(other.GetNumAtoms(), -1, dtype=np.int32)
    sizes = [m.GetNumHeavyAtoms() for m in (mol, other)]
    if min(m.GetNumAtoms() for m in (mol, other)) == 0 or max(sizes) > MOST:
        return found
    common = rdFMCS.FindMCS(
        [mol, other], timeout=SECONDS, ringMatchesRingOnly=True, completeRingsOnly=True
    )
    if common.numAtoms == 0:
        return found
    pattern = common.queryMol
    for ours, theirs in zip(
        mol.GetSubstructMatch(pattern), other.GetSubstructMatch(pattern), strict=True
    ):
        found[theirs] = ours
    return found


def as_drawn(mol: Chem.Mol) -> tuple[list[int], set[tuple[object, ...]]]:
    """Atoms in order, and bonds between which of them: equal for molecules written alike."""
    bonds = {
        (*sorted((b.GetBeginAtomIdx(), b.GetEndAtomIdx())), b.GetBondType()) for b in mol.GetBonds()
    }
    return [atom.GetAtomicNum() for atom in mol.GetAtoms()], bonds
