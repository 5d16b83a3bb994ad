"""A molecule with each of its hydrogens an atom, as it is drawn in space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from mpnn_lab.chem.geometry import Geometry, geometry_of
from mpnn_lab.chem.logs import listening
from mpnn_lab.chem.molblock import looks_like_molblock, read_molblock
from mpnn_lab.chem.read import read_molecule
from mpnn_lab.limits import LIMITS, Limits


@dataclass(frozen=True)
class Whole:
    """A molecule, and the same with every hydrogen an atom.

    Attributes
    ----------
    mol : as `read_molecule` gives it.
    full : its atoms and bonds under the same numbers, then the hydrogens that it only counts.
    geometry : where the atoms of `full` are.
    bonds : int32 [bonds of full, 2], those of `mol` first, under the same numbers.
    orders : int32 [bonds of full], 1, 2 or 3: aromatic rings as Kekulé drew them.
    places : int32 [atoms of full], the number of each in the text that it was read from.
    """

    mol: Chem.Mol
    full: Chem.Mol
    geometry: Geometry
    bonds: NDArray[np.int32]
    orders: NDArray[np.int32]
    places: NDArray[np.int32]


def whole_of(source: str | Chem.Mol, *, limits: Limits = LIMITS) -> Whole:
    """Read a molecule and place all of its atoms, hydrogens too.

    Hydrogens of a molblock with 3D coordinates stay where it has them; others are added round
    the atoms they belong to.

    Raises
    ------
    InputError
        What `read_molecule` and `geometry_of` refuse.
    """
    if isinstance(source, str) and looks_like_molblock(source):
        read = whole_of_block(source, limits=limits)
        if not read.geometry.reason:
            return read
    mol = read_molecule(source, limits=limits)
    full = Chem.AddHs(mol, addCoords=True)
    numbers = np.arange(full.GetNumAtoms(), dtype=np.int32)
    return Whole(mol, full, geometry_of(full, limits=limits), *_bonds(mol, full), numbers)


def whole_of_block(text: str, *, limits: Limits = LIMITS) -> Whole:
    """Read a molblock with its atoms where it says that they are; none is added."""
    given = read_molblock(text, limits, hydrogens=True)
    for atom in given.GetAtoms():
        atom.SetIntProp("_place", atom.GetIdx())
    options: Any = Chem.RemoveHsParameters()
    options.showWarnings = False
    with listening():
        mol = Chem.RemoveHs(given, options)
    own = [atom.GetIntProp("_place") for atom in mol.GetAtoms()]
    later = [i for i in range(given.GetNumAtoms()) if i not in set(own)]
    order = [*own, *later]
    full = Chem.RenumberAtoms(given, order)
    for changed in (mol, full):
        for atom in changed.GetAtoms():
            atom.ClearProp("_place")
    conformer = full.GetConformer()
    flat = "" if conformer.Is3D() else "the file has it drawn in the plane"
    how = "2D, as drawn in the file" if flat else "3D, as given"
    geometry = Geometry(conformer.GetPositions().astype(np.float64), how, flat)
    return Whole(mol, full, geometry, *_bonds(mol, full), np.asarray(order, dtype=np.int32))


def begins_with(full: Chem.Mol, mol: Chem.Mol) -> bool:
    """Whether the first atoms of `full` are those of `mol` in their order, all others hydrogens.

    Bonds among them have to be the same, and stereo centres where both say how they are.
    """
    count = mol.GetNumAtoms()
    if full.GetNumAtoms() < count:
        return False
    for mine, theirs in zip(full.GetAtoms(), mol.GetAtoms(), strict=False):
        codes = {a.GetProp("_CIPCode") for a in (mine, theirs) if a.HasProp("_CIPCode")}
        if mine.GetAtomicNum() != theirs.GetAtomicNum() or len(codes) > 1:
            return False
    if any(atom.GetAtomicNum() != 1 for atom in list(full.GetAtoms())[count:]):
        return False
    return {b for b in _kinds(full) if max(b[0]) < count} == set(_kinds(mol))


def _kinds(mol: Chem.Mol) -> list[tuple[frozenset[int], str]]:
    return [
        (frozenset((b.GetBeginAtomIdx(), b.GetEndAtomIdx())), str(b.GetBondType()))
        for b in mol.GetBonds()
    ]


def _bonds(mol: Chem.Mol, full: Chem.Mol) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Ends and orders of all bonds: those of `mol` first, then those to further hydrogens."""
    drawn = Chem.Mol(full)
    with listening():
        Chem.KekulizeIfPossible(drawn, clearAromaticFlags=True)
    order_of = {
        frozenset((bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())): bond.GetBondTypeAsDouble()
        for bond in drawn.GetBonds()
    }
    own = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in mol.GetBonds()]
    ends = own + sorted(tuple(sorted(pair)) for pair in order_of.keys() - map(frozenset, own))
    orders = [min(3, max(1, int(order_of[frozenset(pair)]))) for pair in ends]
    return np.array(ends, dtype=np.int32).reshape(-1, 2), np.array(orders, dtype=np.int32)
