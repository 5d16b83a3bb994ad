"""Which edge of a propagation is which bond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mpnn_lab.chem import Mol


@dataclass(frozen=True)
class EdgeNames:
    """Role and bond number (-1: none) of every edge."""

    roles: tuple[str, ...]
    origins: NDArray[np.int64]


@dataclass(frozen=True)
class Ends:
    """What the two rows of a propagation's `edge_index` count.

    Attributes
    ----------
    atoms : the atom of each node, int64 [nodes], where both rows count the same nodes; None where
        that is not known.
    apart : whether senders and receivers are not the same nodes.
    molecules : whether the receivers are the molecules that the senders, the atoms, belong to.
    """

    atoms: Tensor | None
    apart: bool = False
    molecules: bool = False


def name_edges(
    edge_index: Tensor, data: Any, mol: Any = None, ends: Ends | None = None
) -> EdgeNames:
    """Name the edges of one propagation by the bonds they run along.

    A self-loop joins a node to itself; one that joins an atom to a node for the whole molecule is
    ``master``; anything that is no bond either is ``other``. Bonds are the molecule's where its
    atoms are the nodes. Without one they are the pairs that the graph's `edge_index` holds,
    numbered by `edge_bond`, else as they first appear.
    """
    pairs: list[tuple[int, int]] = list(map(tuple, edge_index.T.tolist()))
    if ends is not None and ends.apart:
        role = "master" if ends.molecules else "other"
        return EdgeNames((role,) * len(pairs), np.full(len(pairs), -1))
    whole = isinstance(mol, Mol) and mol.GetNumAtoms() == data.num_nodes
    bonds = _molecules_bonds(mol) if whole else _graphs_bonds(data)
    atoms = list(range(data.num_nodes)) if ends is None else _listed(ends.atoms)
    roles, origins = [], []
    for s, t in pairs:
        bond = -1 if s == t or atoms is None else bonds.get((atoms[s], atoms[t]), -1)
        roles.append("self-loop" if s == t else "bond" if bond >= 0 else "other")
        origins.append(bond)
    return EdgeNames(tuple(roles), np.asarray(origins, dtype=np.int64))


def _listed(atoms: Tensor | None) -> list[int] | None:
    return None if atoms is None else atoms.tolist()


def _molecules_bonds(mol: Mol) -> dict[tuple[int, int], int]:
    ends = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx(), b.GetIdx()) for b in mol.GetBonds()]
    return {pair: bond for a, b, bond in ends for pair in ((a, b), (b, a))}


def _graphs_bonds(data: Any) -> dict[tuple[int, int], int]:
    edges = data.get("edge_index") if hasattr(data, "get") else getattr(data, "edge_index", None)
    if not isinstance(edges, Tensor):
        return {}
    pairs = [tuple(pair) for pair in edges.T.tolist()]
    numbers = data.get("edge_bond")
    if isinstance(numbers, Tensor) and len(numbers) == len(pairs):
        return dict(zip(pairs, numbers.tolist(), strict=True))
    counted: dict[frozenset[int], int] = {}
    return {pair: counted.setdefault(frozenset(pair), len(counted)) for pair in pairs}
