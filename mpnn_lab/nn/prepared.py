"""What an edge network gives for a set of edges, worked out once for several calls of its layer.

TorchScript reads the types of the named tuples, which it can where annotations are not put off.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Ends(NamedTuple):
    """Edges sorted by the atom at one of their ends, atoms of equal degree side by side.

    Attributes
    ----------
    order : int64 [E], the edges in this order.
    nodes : int64 [n], the atoms that have edges, in this order.
    first : int64 [n], the number of each one's first edge.
    degrees : the distinct degrees, ascending.
    counts : how many atoms have each of them.
    """

    order: Tensor
    nodes: Tensor
    first: Tensor
    degrees: list[int]
    counts: list[int]


class Contraction(NamedTuple):
    """What a contraction needs beside the states and the last layer's weights.

    Attributes
    ----------
    hidden : [E, H], what the last layer of the edge network is given, in the order of `ends`.
    ends : the edges by sender, or by receiver.
    others : int64 [E], the senders in the order of `ends`, where these are receivers.
    """

    hidden: Tensor
    ends: Ends
    others: Tensor | None = None


class Origin:
    """Tensors as they are now, and sizes and switches; to be compared with later ones.

    Parameters
    ----------
    tensors : compared by identity and by how often they have been changed in place.
    more : compared by value, with whether gradients are recorded and what autocast makes of them.
    """

    def __init__(self, tensors: list[Tensor], *more: object) -> None:
        device = tensors[0].device.type if tensors else "cpu"
        casts = torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)
        cast = torch.get_autocast_dtype(device) if casts else None
        self.tensors = tensors
        self.versions = [_version(t) for t in tensors]
        self.mode = (torch.is_grad_enabled(), cast, *more)

    def same(self, other: object) -> bool:
        """Whether these are the very same tensors, unchanged in between, in the same mode."""
        return (
            isinstance(other, Origin)
            and self.mode == other.mode
            and self.versions == other.versions
            and len(self.tensors) == len(other.tensors)
            and all(a is b for a, b in zip(self.tensors, other.tensors, strict=True))
        )


@dataclass(frozen=True, eq=False)
class PreparedEdges:
    """What `EdgeNetworkConv.prepare` gives: gradients flow through it into the edge network.

    Attributes
    ----------
    origin : what all this was worked out from.
    table : [K, in, out], one matrix a kind, or each edge's own where `kind` is None; None where
        matrices are made when messages are.
    kind : int64 [E], each edge's row in `table`.
    contraction : hidden units of every edge, where messages are contracted over them.
    receivers : how many nodes hear, where it is contracted per receiver.
    """

    origin: Origin
    table: Tensor | None = None
    kind: Tensor | None = None
    contraction: Contraction | None = None
    receivers: int | None = None


def _version(tensor: Tensor) -> int:
    """How often it has been changed in place; tensors of inference mode do not count."""
    return -1 if tensor.is_inference() else tensor._version
