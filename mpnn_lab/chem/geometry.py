"""Where the atoms of a molecule are, in Å: as given, worked out in 3D, else as drawn in 2D."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from mpnn_lab.chem.embedding import NotEmbeddedError, embed
from mpnn_lab.chem.layout import lay_out, median_bond
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS, Limits

PLANE_BOND = 1.5
"""Length in Å that the middle bond of a drawing is given."""


@dataclass(frozen=True)
class Geometry:
    """Positions, and where they come from.

    Attributes
    ----------
    positions : float64 [atoms, 3], in Å; the last column is 0 where they are drawn in 2D.
    how : in words, such as ``"3D, ETKDGv3 and MMFF94"`` or ``"2D, because ..."``.
    reason : why there are no 3D coordinates; "" where there are.
    """

    positions: NDArray[np.float64]
    how: str
    reason: str = ""


def geometry_of(mol: Chem.Mol, *, limits: Limits = LIMITS) -> Geometry:
    """Give the positions of a molecule's atoms.

    Its first 3D conformer, where it has one (from a file, say); else coordinates worked out by
    `embed`; where that fails, those of a drawing in the plane, with the reason.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Sanitised; left as it is.
    limits : Limits
        Caps of the embedding, and `plane_atoms`.

    Raises
    ------
    InputError
        If there are no 3D coordinates and the molecule is too large to be laid out in 2D.
    """
    conformer = conformer_in_space(mol)
    if conformer is not None:
        return Geometry(conformer.GetPositions().astype(np.float64), "3D, as given")
    try:
        positions, how = embed(mol, limits)
    except NotEmbeddedError as fault:
        return Geometry(_in_the_plane(mol, limits, str(fault)), f"2D, because {fault}", str(fault))
    return Geometry(positions, f"3D, {how}")


def conformer_in_space(mol: Chem.Mol) -> Chem.Conformer | None:
    """Find the first usable 3D conformer: finite, and not all of its atoms in one place."""
    for conformer in mol.GetConformers():
        places = conformer.GetPositions()
        if (
            conformer.Is3D()
            and np.isfinite(places).all()
            and (len(places) == 1 or np.ptp(places, axis=0).max() > 0)
        ):
            return conformer
    return None


def with_conformer(mol: Chem.Mol, geometry: Geometry) -> None:
    """Add 3D positions to `mol`, in place, after the conformers it has; 2D ones are not added."""
    if geometry.reason or conformer_in_space(mol) is not None:
        return
    conformer = Chem.Conformer(mol.GetNumAtoms())
    conformer.Set3D(True)
    conformer.SetPositions(geometry.positions)
    mol.AddConformer(conformer, assignId=True)


def _in_the_plane(mol: Chem.Mol, limits: Limits, reason: str) -> NDArray[np.float64]:
    """Positions of a drawing; a drawing that came with the molecule is kept, but for its scale."""
    heavy = sum(atom.GetAtomicNum() != 1 for atom in mol.GetAtoms())
    if heavy > limits.plane_atoms:
        raise InputError(
            f"no positions: not in 3D, because {reason}; and not in 2D, which is for at most "
            f"{limits.plane_atoms:,} atoms beside hydrogen",
            mend="Give a smaller molecule, or one with 3D coordinates, such as from an SDF file.",
        )
    drawn = Chem.Mol(mol)
    lay_out(drawn)
    places = drawn.GetConformer().GetPositions().astype(np.float64)
    places[:, 2] = 0.0
    scaled: NDArray[np.float64] = places * (PLANE_BOND / median_bond(drawn))
    return scaled
