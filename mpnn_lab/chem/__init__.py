"""Reading, naming, featurizing and drawing molecules: the only place that parses them."""

from __future__ import annotations

from rdkit.Chem import Mol

from mpnn_lab.chem.depict import Depiction, depict
from mpnn_lab.chem.features import DISTANCE, DISTANCE_BINS, NO_BOND, Featurizer
from mpnn_lab.chem.geometry import Geometry, geometry_of, with_conformer
from mpnn_lab.chem.hydrogens import Whole, begins_with, whole_of, whole_of_block
from mpnn_lab.chem.labels import (
    atom_descriptions,
    atom_labels,
    atomic_number,
    bond_descriptions,
    bond_labels,
)
from mpnn_lab.chem.matching import as_drawn, matching_atoms
from mpnn_lab.chem.read import canonical_smiles, is_ready, read_molecule
from mpnn_lab.chem.svg import DepictionPath

__all__ = [
    "DISTANCE",
    "DISTANCE_BINS",
    "NO_BOND",
    "Depiction",
    "DepictionPath",
    "Featurizer",
    "Geometry",
    "Mol",
    "Whole",
    "as_drawn",
    "atom_descriptions",
    "atom_labels",
    "atomic_number",
    "begins_with",
    "bond_descriptions",
    "bond_labels",
    "canonical_smiles",
    "depict",
    "geometry_of",
    "is_ready",
    "matching_atoms",
    "read_molecule",
    "whole_of",
    "whole_of_block",
    "with_conformer",
]
