"""Which edge of a propagation is which bond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mpnn_lab.chem import Mol
from mpnn_lab.tracing.nodes import Nodes


@dataclass(frozen=True)
class EdgeNames:
    """Role and bond number (-1: none) of every edge."""

    roles: tuple[str, ...]
    origins: NDArray[np.int64]


def name_edges(
    edge_index: Tensor, data: Any, mol: Any = None, nodes: Nodes | None = None
) -> EdgeNames:
    """Name the edges of one propagation by the bonds they run along.

    A self-loop joins a node to itself. An edge of the graph's that is no bond is called what its
    `pair_role` says, such as ``virtual``; what the layer added beside is ``other``. Bonds are
    the molecule's where its atoms are the nodes. Without one they are the pairs that the graph's
    `edge_index` holds, numbered by `edge_bond`, else as they first appear. After a pooling,
    `nodes` says which atoms the ends are: an edge of merged atoms is ``merged``, and one whose
    ends are not known is ``other``.
    """
    whole = isinstance(mol, Mol) and mol.GetNumAtoms() == data.num_nodes
    bonds = _molecules_bonds(mol) if whole else _graphs_bonds(data)
    pairs = _pairs(data)
    roles, origins = [], []
    for s, t in edge_index.T.tolist():
        ends = (s, t) if nodes is None else nodes.ends(s, t)
        bond = -1 if ends is None else bonds.get(ends, -1)
        unbonded = "merged" if ends is None else pairs.get(ends, "other")
        roles.append("self-loop" if s == t else "bond" if bond >= 0 else unbonded)
        origins.append(-1 if s == t else bond)
    return EdgeNames(tuple(roles), np.asarray(origins, dtype=np.int64))


def _pairs(data: Any) -> dict[tuple[int, int], str]:
    """The graph's edges that are no bonds, and what they are called; a batch has a name a graph."""
    if not hasattr(data, "get"):
        return {}
    names, numbers = data.get("pair_role"), data.get("edge_bond")
    if names is None or not isinstance(numbers, Tensor) or len(numbers) != data.num_edges:
        return {}
    apart = data.edge_index[:, numbers < 0]
    if isinstance(names, str):
        return dict.fromkeys(map(tuple, apart.T.tolist()), names)
    return {
        (s, t): names[graph]
        for (s, t), graph in zip(apart.T.tolist(), data.batch[apart[0]].tolist(), strict=True)
    }


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
