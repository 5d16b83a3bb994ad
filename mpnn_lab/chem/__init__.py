"""Reading, naming, featurizing and drawing molecules: the only place that parses them."""

from __future__ import annotations

from rdkit.Chem import Mol

from mpnn_lab.chem.depict import Depiction, depict
from mpnn_lab.chem.features import Featurizer
from mpnn_lab.chem.labels import atom_descriptions, atom_labels, bond_descriptions, bond_labels
from mpnn_lab.chem.read import canonical_smiles, is_ready, read_molecule
from mpnn_lab.chem.svg import DepictionPath

__all__ = [
    "Depiction",
    "DepictionPath",
    "Featurizer",
    "Mol",
    "atom_descriptions",
    "atom_labels",
    "bond_descriptions",
    "bond_labels",
    "canonical_smiles",
    "depict",
    "is_ready",
    "read_molecule",
]
