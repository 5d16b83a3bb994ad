"""Which edge of a propagation is which bond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class EdgeNames:
    """Role and bond number (-1: none) of every edge."""

    roles: tuple[str, ...]
    origins: NDArray[np.int64]


def name_edges(edge_index: Tensor, data: Any) -> EdgeNames:
    """Name the edges of one propagation by the bonds of the graph it ran on.

    A self-loop joins a node to itself; a bond is a pair that the graph's `edge_index` holds (its
    number from `edge_bond`, else counted as the pairs first appear); anything else is ``other``.
    """
    bonds = _bonds_by_pair(data)
    roles, origins = [], []
    for s, t in edge_index.T.tolist():
        bond = bonds.get((s, t), -1)
        roles.append("self-loop" if s == t else "bond" if bond >= 0 else "other")
        origins.append(-1 if s == t else bond)
    return EdgeNames(tuple(roles), np.asarray(origins, dtype=np.int64))


def _bonds_by_pair(data: Any) -> dict[tuple[int, int], int]:
    edges = data.get("edge_index") if hasattr(data, "get") else getattr(data, "edge_index", None)
    if not isinstance(edges, Tensor):
        return {}
    pairs = [tuple(pair) for pair in edges.T.tolist()]
    numbers = data.get("edge_bond")
    if isinstance(numbers, Tensor) and len(numbers) == len(pairs):
        return dict(zip(pairs, numbers.tolist(), strict=True))
    counted: dict[frozenset[int], int] = {}
    return {pair: counted.setdefault(frozenset(pair), len(counted)) for pair in pairs}
