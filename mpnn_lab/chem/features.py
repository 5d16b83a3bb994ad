"""Atom and bond features, every column named.

This file needs rdkit, numpy and torch alone, so that exported code can hold it whole.
"""

from __future__ import annotations

from itertools import pairwise
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
NO_BOND = "no bond"
DISTANCE = "distance"
BIN_EDGES = (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0)
"""In Å: eight equal bins from 2 to 6, and one on either side (Gilmer et al. 2017, section 6)."""
DISTANCE_BINS = (
    "no bond, below 2 Å",
    *(f"no bond, {low:g} to {high:g} Å" for low, high in pairwise(BIN_EDGES)),
    "no bond, from 6 Å",
)
DISTANCES = ("none", "raw", "binned")

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

    Where pairs of atoms without a bond are edges too, they have columns of their own, and those
    that describe a bond are 0 for them:

    - without distances, the column *no bond*;
    - with ``distances="raw"``, *no bond*, and for every pair, bonded or not, its *distance* in Å
      (the paper's raw distance feature);
    - with ``distances="binned"``, one of ten bins of distance in place of *no bond*: below 2 Å,
      eight of 0.5 Å each from 2 to 6 Å, from 6 Å (a bin holds its lower end). Bonded pairs keep
      their bond type and are in no bin. Types and bins are the paper's alphabet of 14 symbols, and
      *type other* a fifteenth.

    Parameters
    ----------
    hydrogens : bool
        Whether hydrogens are atoms of the graph.
    unbonded : bool
        Whether pairs of atoms without a bond can be edges.
    distances : {"none", "raw", "binned"}
        Whether and how the columns tell the distance of a pair.
    """

    def __init__(
        self, hydrogens: bool = False, unbonded: bool = False, distances: str = "none"
    ) -> None:
        for name, value in (("hydrogens", hydrogens), ("unbonded", unbonded)):
            if not isinstance(value, bool):
                raise TypeError(f"{name} is {value!r}; expected True or False")
        if distances not in DISTANCES:
            raise ValueError(f"distances is {distances!r}; expected one of {', '.join(DISTANCES)}")
        if distances == "binned" and not unbonded:
            raise ValueError("distances='binned' describes pairs without a bond; unbonded is False")
        self.hydrogens, self.unbonded, self.distances = hydrogens, unbonded, distances

    def __repr__(self) -> str:
        said = [f"hydrogens={self.hydrogens}"]
        said += ["unbonded=True"] * self.unbonded
        said += [f"distances={self.distances!r}"] * (self.distances != "none")
        return f"Featurizer({', '.join(said)})"

    @property
    def atom_columns(self) -> tuple[str, ...]:
        """Names of the columns of `atom_matrix`."""
        return ATOM_COLUMNS

    @property
    def bond_columns(self) -> tuple[str, ...]:
        """Names of the columns of `edge_matrix`; the first are those of `bond_matrix`."""
        columns: tuple[str, ...] = BOND_COLUMNS
        if self.unbonded:
            columns += DISTANCE_BINS if self.distances == "binned" else (NO_BOND,)
        return (*columns, DISTANCE) if self.distances == "raw" else columns

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
            [bonds, len(BOND_COLUMNS)], of torch's default type.
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

    def edge_matrix(self, mol: Chem.Mol, bonds: Tensor, distances: Tensor | None) -> Tensor:
        """Give the features of edges, of which some may be no bonds.

        Parameters
        ----------
        mol : rdkit.Chem.Mol
            Whose bonds they are.
        bonds : Tensor
            int64 [edges]: the bond along each edge, -1 where there is none.
        distances : Tensor or None
            [edges], in Å; needed where the columns tell them.

        Returns
        -------
        Tensor
            [edges, len(bond_columns)], of torch's default type.
        """
        known = self.bond_matrix(mol)
        blank = known.new_zeros(1, known.shape[1])
        parts = [torch.cat([known, blank])[bonds]]  # -1 is the last row
        apart = bonds < 0
        if self.unbonded and self.distances == "binned":
            assert distances is not None
            # In float32 whatever torch's default: one distance falls into one bin.
            bins = torch.bucketize(distances.float(), torch.tensor(BIN_EDGES), right=True)
            marked = torch.nn.functional.one_hot(bins, len(DISTANCE_BINS))
            parts.append((marked * apart.unsqueeze(1)).to(known))
        elif self.unbonded:
            parts.append(apart.unsqueeze(1).to(known))
        if self.distances == "raw":
            assert distances is not None
            parts.append(distances.unsqueeze(1).to(known))
        return torch.cat(parts, dim=1)


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
