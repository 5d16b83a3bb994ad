"""What PyG's models in space take from compiled packages, in plain torch.

SchNet, DimeNet, ViSNet and GNNFF ask for the pairs of atoms nearer than a cutoff (pyg-lib), DimeNet
and GNNFF for pairs of edges that meet (torch-sparse). Both are few enough in a molecule to be found
by comparing all.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor


def radius_graph(
    x: Tensor,
    r: float,
    batch: Tensor | None = None,
    loop: bool = False,
    max_num_neighbors: int | None = 32,
    flow: str = "source_to_target",
    **_unused: Any,
) -> Tensor:
    """Edges between the points of one graph that are no farther apart than `r`.

    What `torch_geometric.nn.radius_graph` does with pyg-lib, by comparing every pair: for
    molecules, not for point clouds. Where a point has more than `max_num_neighbors`, the nearest
    are kept (PyG keeps those it finds first).

    Parameters
    ----------
    x : Tensor [N, D], positions.
    r : the cutoff, in the unit of `x`.
    batch : Tensor [N], the graph of each point.
    loop : whether points are their own neighbours.
    max_num_neighbors : most senders of one receiver; with `loop`, itself among them.
    flow : ``source_to_target`` or ``target_to_source``: which row of the result receives.

    Returns
    -------
    Tensor
        int64 [2, E], sorted by the receiver, then by the sender.
    """
    with torch.no_grad():
        distance = (x[:, None] - x[None]).norm(dim=-1).fill_diagonal_(-1)  # itself comes first
        near = distance <= r
        if batch is not None:
            near &= batch[:, None] == batch[None]
        near.fill_diagonal_(loop)
        if max_num_neighbors is not None:
            rank = distance.masked_fill(~near, torch.inf).argsort(dim=1, stable=True).argsort(dim=1)
            near &= rank < max_num_neighbors
    receiver, sender = near.nonzero(as_tuple=True)
    ends = (sender, receiver) if flow == "source_to_target" else (receiver, sender)
    return torch.stack(ends)


def triplets(edge_index: Tensor, num_nodes: int) -> tuple[Tensor, ...]:
    """Pairs of edges k -> j -> i that meet at an atom, as `models.dimenet.triplets` gives them.

    Parameters
    ----------
    edge_index : Tensor [2, E], from j (row 0) to i (row 1).
    num_nodes : not needed here.

    Returns
    -------
    tuple of Tensor
        i, j [E] of the edges; idx_i, idx_j, idx_k [T] the atoms of each pair, i other than k;
        idx_kj, idx_ji [T] its two edges. Sorted by the edge j -> i, then by k.
    """
    source, target = edge_index
    order = source.argsort(stable=True)
    idx_ji, place = (source[:, None] == target[order][None]).nonzero(as_tuple=True)
    idx_kj = order[place]
    apart = source[idx_kj] != target[idx_ji]
    idx_ji, idx_kj = idx_ji[apart], idx_kj[apart]
    idx_i, idx_j, idx_k = target[idx_ji], source[idx_ji], source[idx_kj]
    return target, source, idx_i, idx_j, idx_k, idx_kj, idx_ji


STAND_INS = (
    ("pyg_lib", radius_graph, ("schnet", "dimenet", "visnet", "gnnff")),
    ("torch_sparse", triplets, ("dimenet", "gnnff")),
)
"""The package that may be missing, what stands in, and in which of `torch_geometric.nn.models`."""


@contextmanager
def stand_ins() -> Iterator[None]:
    """Let PyG's SchNet, DimeNet, ViSNet and GNNFF run without pyg-lib and torch-sparse.

    Inside this block they find `radius_graph` and `triplets` of this file in the place of those
    that need a package which is not installed; where it is, nothing is changed.
    """
    replaced: list[tuple[Any, str, Any]] = []
    try:
        for package, ours, files in STAND_INS:
            if importlib.util.find_spec(package) is not None:
                continue
            for file in files:
                module = importlib.import_module(f"torch_geometric.nn.models.{file}")
                replaced.append((module, ours.__name__, vars(module)[ours.__name__]))
                setattr(module, ours.__name__, ours)
        yield
    finally:
        for module, name, theirs in reversed(replaced):
            setattr(module, name, theirs)
