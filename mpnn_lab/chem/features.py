"""Atom and bond features, every column named.

This file needs rdkit, numpy and torch alone, so that exported code can hold it whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from rdkit import Chem
from rdkit.Chem import rdCIPLabeler
from torch import Tensor

ELEMENTS = ("H", "B", "C", "N", "O", "F", "Si", "P", "S", "Cl", "Br", "I")
DEGREES = (0, 1, 2, 3, 4, 5)
HYBRIDISATIONS = ("SP", "SP2", "SP3")
BOND_TYPES = ("SINGLE", "DOUBLE", "TRIPLE", "AROMATIC")

ATOM_COLUMNS = (
    *(f"element {symbol}" for symbol in ELEMENTS),
    "element other",
    *(f"degree {degree}" for degree in DEGREES),
    "degree other",
    "formal charge",
    "hydrogens",
    "aromatic",
    "sp",
    "sp2",
    "sp3",
    "hybridisation other",
    "in ring",
    "chirality R",
    "chirality S",
)
BOND_COLUMNS = (
    *(kind.lower() for kind in BOND_TYPES),
    "type other",
    "conjugated",
    "in ring",
    "stereo none",
    "stereo Z",
    "stereo E",
)

_ELEMENT = {Chem.GetPeriodicTable().GetAtomicNumber(s): i for i, s in enumerate(ELEMENTS)}
_HYBRIDISATION = {Chem.HybridizationType.names[s]: i for i, s in enumerate(HYBRIDISATIONS)}
_BOND_TYPE = {Chem.BondType.names[s]: i for i, s in enumerate(BOND_TYPES)}
_STEREO = {Chem.BondStereo.STEREOZ: "stereo Z", Chem.BondStereo.STEREOE: "stereo E"}
_RELATIVE = (Chem.BondStereo.STEREOCIS, Chem.BondStereo.STEREOTRANS)
_ATOM = {name: i for i, name in enumerate(ATOM_COLUMNS)}
_BOND = {name: i for i, name in enumerate(BOND_COLUMNS)}


class Featurizer:
    """Turns the atoms and bonds of a molecule into rows of numbers.

    Every row is one-hot within its groups (element, degree, hybridisation; bond type, stereo),
    but for two plain values: the formal charge (in elementary charges) and the number of
    hydrogens. *other* catches what a group does not list. Degree counts the neighbours in the
    graph, so explicit hydrogens raise it; the hydrogens column counts bound hydrogens, explicit
    or not, so it does not depend on them. Chirality is the CIP code (R or S), not the drawing's
    winding, so no column depends on the numbering of atoms. Isotopes, radicals and atom-map
    numbers have no column.

    The groups are those of Gilmer et al. 2017 (Neural Message Passing for Quantum Chemistry,
    table 1), with charge, ring, stereo and the larger set of elements added.

    Parameters
    ----------
    hydrogens : bool
        Whether hydrogens are atoms of the graph.
    """

    def __init__(self, hydrogens: bool = False) -> None:
        if not isinstance(hydrogens, bool):
            raise TypeError(f"hydrogens is {hydrogens!r}; expected True or False")
        self.hydrogens = hydrogens

    def __repr__(self) -> str:
        return f"Featurizer(hydrogens={self.hydrogens})"

    @property
    def atom_columns(self) -> tuple[str, ...]:
        """Names of the columns of `atom_matrix`."""
        return ATOM_COLUMNS

    @property
    def bond_columns(self) -> tuple[str, ...]:
        """Names of the columns of `bond_matrix`."""
        return BOND_COLUMNS

    def molecule(self, mol: Chem.Mol) -> Chem.Mol:
        """Return the molecule whose atoms become nodes, as a copy with its stereo codes set.

        With hydrogens, all of them are explicit, after the atoms that were there. Without, those
        that `rdkit.Chem.RemoveHs` takes away are gone: a hydrogen stays where it is all there is
        ([H], [H][H]), carries a charge or an isotope, or is bound to more than one atom.

        Parameters
        ----------
        mol : rdkit.Chem.Mol
            Sanitised; left as it is.
        """
        if self.hydrogens:
            copy = Chem.AddHs(mol, addCoords=mol.GetNumConformers() > 0)
        elif any(atom.GetAtomicNum() == 1 for atom in mol.GetAtoms()):
            options: Any = Chem.RemoveHsParameters()
            options.showWarnings = False
            copy = Chem.RemoveHs(mol, options)
        else:
            copy = Chem.Mol(mol)
        return _with_stereo(copy)

    def atom_matrix(self, mol: Chem.Mol) -> Tensor:
        """Give the features of every atom of `mol`, as it stands.

        Returns
        -------
        Tensor
            [atoms, len(atom_columns)], of torch's default type.
        """
        mol = _with_stereo(mol)
        rows = np.zeros((mol.GetNumAtoms(), len(ATOM_COLUMNS)), dtype=np.float32)
        degree, sp = _ATOM["degree 0"], _ATOM["sp"]
        charge, hydrogens, aromatic = (
            _ATOM[name] for name in ("formal charge", "hydrogens", "aromatic")
        )
        ring, chirality_r, chirality_s = (
            _ATOM[name] for name in ("in ring", "chirality R", "chirality S")
        )
        for row, atom in zip(rows, mol.GetAtoms(), strict=True):
            row[_ELEMENT.get(atom.GetAtomicNum(), len(ELEMENTS))] = 1
            row[degree + min(atom.GetDegree(), len(DEGREES))] = 1
            row[charge] = atom.GetFormalCharge()
            row[hydrogens] = atom.GetTotalNumHs(includeNeighbors=True)
            row[aromatic] = atom.GetIsAromatic()
            row[sp + _HYBRIDISATION.get(atom.GetHybridization(), len(HYBRIDISATIONS))] = 1
            row[ring] = atom.IsInRing()
            if atom.HasProp("_CIPCode"):
                code = atom.GetProp("_CIPCode")
                row[chirality_r], row[chirality_s] = code == "R", code == "S"
        return torch.from_numpy(rows).to(torch.get_default_dtype())

    def bond_matrix(self, mol: Chem.Mol) -> Tensor:
        """Give the features of every bond of `mol`, as it stands.

        Returns
        -------
        Tensor
            [bonds, len(bond_columns)], of torch's default type.
        """
        mol = _with_stereo(mol)
        rows = np.zeros((mol.GetNumBonds(), len(BOND_COLUMNS)), dtype=np.float32)
        conjugated, ring = _BOND["conjugated"], _BOND["in ring"]
        for row, bond in zip(rows, mol.GetBonds(), strict=True):
            row[_BOND_TYPE.get(bond.GetBondType(), len(BOND_TYPES))] = 1
            row[conjugated] = bond.GetIsConjugated()
            row[ring] = bond.IsInRing()
            row[_BOND[_stereo(bond)]] = 1
        return torch.from_numpy(rows).to(torch.get_default_dtype())


def _with_stereo(mol: Chem.Mol) -> Chem.Mol:
    """Return `mol` with R/S and Z/E codes: itself where they are there, else a copy."""
    done = bool(mol.HasProp("_StereochemDone"))
    relative = any(bond.GetStereo() in _RELATIVE for bond in mol.GetBonds())
    if done and not relative and Chem.GetUseLegacyStereoPerception():
        return mol
    copy = Chem.Mol(mol)
    if not done:
        Chem.AssignStereochemistry(copy, cleanIt=True, force=True)
    if relative or not Chem.GetUseLegacyStereoPerception():
        # Cis and trans are said of whichever neighbours were numbered first: only CIP codes
        # survive a renumbering. The cap (about a second's work) raises rather than hangs.
        rdCIPLabeler.AssignCIPLabels(copy, maxRecursiveIterations=1_250_000)
        copy.SetIntProp("_StereochemDone", 1)
    return copy


def _stereo(bond: Chem.Bond) -> str:
    """Name the stereo column of a bond whose molecule has its codes."""
    if bond.GetStereo() in _RELATIVE and bond.HasProp("_CIPCode"):
        code = bond.GetProp("_CIPCode").upper()
        return f"stereo {code}" if code in ("Z", "E") else "stereo none"
    return _STEREO.get(bond.GetStereo(), "stereo none")
