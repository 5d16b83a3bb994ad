"""3D coordinates worked out for a molecule, the same ones however its atoms are numbered."""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from rdkit import Chem

from mpnn_lab.chem import embedding_process
from mpnn_lab.chem.canonical import canonical_order
from mpnn_lab.chem.killable import HelperError, KillableProcess
from mpnn_lab.chem.logs import listening
from mpnn_lab.limits import Limits

Places = NDArray[np.float64]
KEPT = 4_096
"""How many molecules' coordinates are remembered."""

_process = KillableProcess(Path(embedding_process.__file__))
_known: OrderedDict[str, tuple[Places, str]] = OrderedDict()
_known_lock = Lock()


class NotEmbeddedError(Exception):
    """There are no 3D coordinates; the text says why, as the end of a sentence."""


def embed(mol: Chem.Mol, limits: Limits) -> tuple[Places, str]:
    """Work out coordinates by ETKDGv3, relaxed by MMFF94 where it has parameters.

    (Wang et al. 2020, "Improving Conformer Generation for Small Rings and Macrocycles"; Halgren
    1996, "Merck Molecular Force Field".) Hydrogens are added for it and taken off again. The seed
    is fixed and the atoms are brought into canonical order first, so that two writings of one
    molecule have one geometry. It is done in a process of its own, which is killed when it takes
    too long; finished ones are remembered.

    Parameters
    ----------
    mol : rdkit.Chem.Mol
        Sanitised; left as it is.
    limits : Limits
        `embedded_atoms` and `embedding_seconds`.

    Returns
    -------
    positions : float64 [atoms, 3], in Å.
    how : by which methods.

    Raises
    ------
    NotEmbeddedError
        Too large, too slow, impossible, or its process broke down.
    """
    heavy = sum(atom.GetAtomicNum() != 1 for atom in mol.GetAtoms())
    if heavy > limits.embedded_atoms:
        raise NotEmbeddedError(
            f"it has {heavy:,} atoms beside hydrogen and 3D coordinates are worked out for at "
            f"most {limits.embedded_atoms:,}"
        )
    whole = Chem.AddHs(mol)
    with listening():
        smiles, canonical, order = canonical_order(whole)
    found = _remembered(smiles)
    if found is None:
        found = _ask(canonical, limits.embedding_seconds)
        _remember(smiles, found)
    places = np.empty((whole.GetNumAtoms(), 3))
    places[order] = found[0]
    return places[: mol.GetNumAtoms()], found[1]


def _ask(mol: Chem.Mol, seconds: float) -> tuple[Places, str]:
    request = json.dumps({"seconds": seconds}).encode()
    try:
        head, body = _process.ask(request, mol.ToBinary(), seconds=seconds)
    except HelperError as fault:
        raise NotEmbeddedError(str(fault)) from fault
    said = json.loads(head)
    if "reason" in said:
        raise NotEmbeddedError(said["reason"])
    places = np.frombuffer(body, dtype="<f8").reshape(-1, 3).astype(np.float64)
    if len(places) != mol.GetNumAtoms() or not np.isfinite(places).all():
        raise NotEmbeddedError("the coordinates that came out are no numbers")
    return places, str(said["how"])


def _remembered(smiles: str | None) -> tuple[Places, str] | None:
    with _known_lock:
        if smiles is None or smiles not in _known:
            return None
        _known.move_to_end(smiles)
        return _known[smiles]


def _remember(smiles: str | None, found: tuple[Places, str]) -> None:
    if smiles is None:
        return
    with _known_lock:
        _known[smiles] = found
        while len(_known) > KEPT:
            _known.popitem(last=False)
