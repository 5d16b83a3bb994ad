"""The 2D picture of a molecule, as plain paths with the exact place of every atom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem
from rdkit.Chem.Draw import rdMolDraw2D

from mpnn_lab.chem.labels import (
    atom_descriptions,
    atom_labels,
    bond_descriptions,
    bond_labels,
)
from mpnn_lab.chem.layout import lay_out, median_bond
from mpnn_lab.chem.svg import DepictionPath, element_palette, read_paths
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS, Limits

BOND_LENGTH = 80.0
LINE_WIDTH = 2.4
DISC = 0.35


@dataclass(frozen=True)
class Depiction:
    """A molecule drawn in a plane, in picture units (y grows downwards).

    Attributes
    ----------
    width, height : of the picture, whose corner is at (0, 0).
    bond_length : median length of the drawn bonds.
    paths : strokes and glyphs, in the order in which they are painted.
    positions : float32 [atoms, 2], the exact place of every atom.
    elements : int32 [atoms], atomic numbers.
    atom_labels, atom_descriptions : as ``"C10"``, and in words.
    bonds : int32 [bonds, 2], the atoms at each bond's ends.
    bond_labels, bond_descriptions : as ``"double · conj"``, and in words.
    """

    width: float
    height: float
    bond_length: float
    paths: tuple[DepictionPath, ...]
    positions: NDArray[np.float32]
    elements: NDArray[np.int32]
    atom_labels: tuple[str, ...]
    atom_descriptions: tuple[str, ...]
    bonds: NDArray[np.int32]
    bond_labels: tuple[str, ...]
    bond_descriptions: tuple[str, ...]


def depict(
    mol: Chem.Mol, width: int = 600, height: int = 450, *, limits: Limits = LIMITS
) -> Depiction:
    """Draw a molecule with RDKit, atoms and bonds in the Mol's own numbering.

    Hydrogens are drawn where they are atoms of `mol`. A 2D conformer (from a molblock) is kept;
    else coordinates are computed. Bonds are `BOND_LENGTH` long, or as long as fits; round every
    atom there is room for a disc of radius `DISC` bond lengths. Notes attached to atoms and bonds
    are not drawn.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Sanitised; left as it is.
    width, height : int
        Of the picture, in its units.
    limits : Limits
        `stage_atoms` caps the atoms beside hydrogen.

    Raises
    ------
    InputError
        For more atoms than the cap, none at all, or a picture without area.
    """
    heavy = sum(atom.GetAtomicNum() != 1 for atom in mol.GetAtoms())
    if heavy > limits.stage_atoms:
        raise InputError(
            f"the molecule has {heavy:,} atoms beside hydrogen; at most {limits.stage_atoms:,} "
            "are drawn",
            mend="Draw a smaller molecule, or a part of this one.",
        )
    if mol.GetNumAtoms() == 0 or min(width, height) < 50:
        raise InputError(
            f"cannot draw {mol.GetNumAtoms()} atoms in {width} × {height}",
            mend="Give a molecule with atoms, and at least 50 × 50.",
        )
    prepared = _prepared(mol)
    drawer = _drawer(prepared, width, height)
    positions = _positions(drawer, prepared)
    bonds = [(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()) for bond in mol.GetBonds()]
    ends = np.array(bonds, dtype=np.int32).reshape(-1, 2)
    return Depiction(
        width=float(width),
        height=float(height),
        bond_length=_bond_length(positions, ends),
        paths=read_paths(drawer.GetDrawingText(), positions),
        positions=positions,
        elements=np.array([atom.GetAtomicNum() for atom in mol.GetAtoms()], dtype=np.int32),
        atom_labels=atom_labels(mol),
        atom_descriptions=atom_descriptions(mol),
        bonds=ends,
        bond_labels=bond_labels(mol),
        bond_descriptions=bond_descriptions(mol),
    )


def _prepared(mol: Chem.Mol) -> Chem.Mol:
    """Copy `mol` with 2D coordinates, wedges and Kekulé bonds, ready to be drawn."""
    copy = Chem.Mol(mol)
    for atom in copy.GetAtoms():
        atom.ClearProp("atomNote")
    for bond in copy.GetBonds():
        bond.ClearProp("bondNote")
    lay_out(copy)
    return rdMolDraw2D.PrepareMolForDrawing(
        copy, kekulize=True, addChiralHs=False, wedgeBonds=True, forceCoords=False
    )


def _drawer(mol: Chem.Mol, width: int, height: int) -> rdMolDraw2D.MolDraw2DSVG:
    """Let RDKit draw, with every element in a colour of its own."""
    unit = median_bond(mol)
    margin = DISC * BOND_LENGTH / min(width, height) + 0.01
    extent = np.ptp(mol.GetConformer().GetPositions()[:, :2], axis=0) / unit
    room = np.array([width, height]) * (1 - 2 * margin)
    bond = min(BOND_LENGTH, *(room / np.maximum(extent, 1e-3)))
    drawer = rdMolDraw2D.MolDraw2DSVG(width, height)
    options: Any = drawer.drawOptions()
    options.clearBackground = False
    options.prepareMolsBeforeDrawing = False
    options.setAtomPalette(element_palette())
    options.fixedBondLength = BOND_LENGTH / unit  # RDKit means pixels for one unit of the plane
    # Lines keep their proportion where a large molecule has to be drawn small.
    options.bondLineWidth = max(0.4, LINE_WIDTH * min(1.0, 1.8 * bond / BOND_LENGTH))
    options.minFontSize = 2
    options.padding = margin
    options.includeMetadata = False
    options.flagCloseContactsDist = -1  # no boxes round atoms that a small picture brings together
    options.addStereoAnnotation = False
    drawer.DrawMolecule(mol)
    drawer.FinishDrawing()
    return drawer


def _positions(drawer: rdMolDraw2D.MolDraw2DSVG, mol: Chem.Mol) -> NDArray[np.float32]:
    """Ask the drawer where it put each atom."""
    points = [drawer.GetDrawCoords(i) for i in range(mol.GetNumAtoms())]
    return np.array([(point.x, point.y) for point in points], dtype=np.float32)


def _bond_length(positions: NDArray[np.float32], ends: NDArray[np.int32]) -> float:
    """Give the median length of the drawn bonds; what it would be where there are none."""
    if len(ends) == 0:
        return BOND_LENGTH
    spans = positions[ends[:, 0]] - positions[ends[:, 1]]
    return float(np.median(np.hypot(spans[:, 0], spans[:, 1])))
