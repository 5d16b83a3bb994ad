"""Which atoms the nodes of each round are, where poolings let atoms drop out or merge."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


@dataclass(frozen=True)
class PooledNodes:
    """The nodes that a round works on.

    Attributes
    ----------
    number : 0 for the graph's own nodes; one more after each pooling.
    atoms : of every node the graph's nodes it is made of, by their numbers.
    graph : int64 [N], each node's molecule.
    members : int64 [2, P], the nodes before the pooling, and which of these they belong to; empty
        where there was none.
    kept : int64 [N], the node before the pooling whose row stays, of a cluster its centre; empty
        where there was no pooling, or rows were added up.
    """

    number: int
    atoms: tuple[tuple[int, ...], ...]
    graph: NDArray[np.int64]
    members: NDArray[np.int64]
    kept: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.atoms)

    def alone(self) -> Tensor | None:
        """The atom of each node, int64 [N]; None where some have merged."""
        if any(len(own) != 1 for own in self.atoms):
            return None
        return torch.tensor([own[0] for own in self.atoms], dtype=torch.long)

    def ends(self, source: int, target: int) -> tuple[int, int] | None:
        """The atoms at an edge's ends; None where atoms have merged at one of them."""
        a, b = self.atoms[source], self.atoms[target]
        return (a[0], b[0]) if len(a) == len(b) == 1 else None


def own_nodes(data: Any, count: int) -> PooledNodes:
    """The graph's nodes, so many, each by itself."""
    batch = data.get("batch")
    graph = batch.cpu().numpy() if isinstance(batch, Tensor) else np.zeros(count, dtype=np.int64)
    nothing = np.zeros((2, 0), dtype=np.int64)
    return PooledNodes(0, _each_alone(count), graph, nothing, nothing[0])


@lru_cache(maxsize=8)
def _each_alone(count: int) -> tuple[tuple[int, ...], ...]:
    """The numbers below this, each by itself."""
    return tuple(zip(range(count), strict=True))


def pooled_nodes(before: PooledNodes, given: Any) -> PooledNodes:
    """The nodes that a pooling made of those before it; `given` is what `nn.Pool` gave."""
    _, supply, members, kept = given
    pairs, graph = members.cpu().numpy(), supply.batch.cpu().numpy()
    atoms: list[set[int]] = [set() for _ in graph]
    for old, new in pairs.T.tolist():
        atoms[new].update(before.atoms[old])
    made_of = tuple(tuple(sorted(own)) for own in atoms)
    return PooledNodes(before.number + 1, made_of, graph, pairs, kept.cpu().numpy())
