"""Adjacencies that are no plain pair of indices, and what runs along them."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch_geometric import EdgeIndex
from torch_geometric.utils import to_edge_index


def is_plain(edge_index: Any) -> bool:
    """Whether it is a dense tensor of two rows, PyG's own kind of tensor included."""
    return isinstance(edge_index, Tensor) and edge_index.layout == torch.strided


def plain_edges(edge_index: Any) -> Tensor:
    """[2, M], sources above targets, in the order in which PyG makes messages of them.

    A sparse adjacency is taken for the transposed one, as PyG does: its rows receive.
    """
    if isinstance(edge_index, EdgeIndex):
        edge_index = edge_index.as_tensor()
    if isinstance(edge_index, Tensor) and edge_index.layout == torch.strided:
        return edge_index
    if isinstance(edge_index, Tensor):
        receivers, senders = to_edge_index(edge_index)[0]
    else:  # torch_sparse's
        receivers, senders, _ = edge_index.coo()
    return torch.stack([senders, receivers])


def sizes(edge_index: Any, size: Any) -> Any:
    """How many senders and receivers there are, where the adjacency knows it."""
    if isinstance(edge_index, EdgeIndex):
        known = edge_index.sparse_size()
        return size if None in known else known
    return size if is_plain(edge_index) else (edge_index.size(1), edge_index.size(0))


def with_values(edge_index: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Propagate's arguments, those that PyG takes from a sparse adjacency's values filled in."""
    if is_plain(edge_index):
        return kwargs
    sparse = isinstance(edge_index, Tensor)
    values = to_edge_index(edge_index)[1] if sparse else edge_index.coo()[2]
    flat = values is None or values.dim() == 1
    known = {"edge_weight": values, "edge_attr": None if flat else values, "edge_type": values}
    return {k: known.get(k) if v is None else v for k, v in kwargs.items()}
