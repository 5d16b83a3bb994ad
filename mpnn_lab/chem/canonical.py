"""A molecule's atoms in canonical order, so that what is worked out does not depend on writing."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem


def canonical_order(whole: Chem.Mol) -> tuple[str | None, Chem.Mol, NDArray[np.int64]]:
    """The molecule as read from its canonical SMILES, and which atom each of its atoms is.

    The SMILES is None, and the molecule itself given, where the SMILES does not read back.
    """
    smiles = str(Chem.MolToSmiles(whole))
    order = json.loads(whole.GetProp("_smilesAtomOutputOrder"))
    options: Any = Chem.SmilesParserParams()
    options.removeHs = False
    back = Chem.MolFromSmiles(smiles, options)
    if back is None or _outlines(back, range(back.GetNumAtoms())) != _outlines(whole, order):
        return None, whole, np.arange(whole.GetNumAtoms())
    return smiles, back, np.asarray(order, dtype=np.int64)


def _outlines(mol: Chem.Mol, order: range | list[int]) -> list[tuple[int, int, int]]:
    atoms = (mol.GetAtomWithIdx(i) for i in order)
    return [(a.GetAtomicNum(), a.GetFormalCharge(), a.GetDegree()) for a in atoms]
