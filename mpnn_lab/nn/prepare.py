"""Works out what an edge network gives for a set of edges, the cheapest way of using it chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch._subclasses import FakeTensor

from mpnn_lab.graph import bond_kinds
from mpnn_lab.nn import ways
from mpnn_lab.nn.contraction import hidden_units, sort_ends, split_last
from mpnn_lab.nn.prepared import Contraction, Origin, PreparedEdges
from mpnn_lab.nn.rowwise import is_rowwise

Kinds = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Call:
    """A call of an `EdgeNetworkConv`, for as much as its edges are concerned.

    Attributes
    ----------
    layer : the layer.
    x_j : states of all senders; only how many there are counts.
    edge_index, edge_attr, kinds : as the layer is given them.
    shares : whether messages are the layer's own, so that matrices may be made before them.
    receivers : how many nodes hear, where it is enough to know what they hear in all.
    """

    layer: Any
    x_j: Tensor
    edge_index: Any
    edge_attr: Tensor | None
    kinds: Kinds | None
    shares: bool
    receivers: int | None

    @property
    def sends(self) -> int:
        """The row of `edge_index` that sends."""
        return 0 if self.layer.flow == "source_to_target" else 1


@torch.compiler.disable  # type: ignore[untyped-decorator]  # looks at values
def prepare(
    call: Call, known: PreparedEdges | None = None, *, ahead: bool = False
) -> PreparedEdges:
    """What this call needs of its edges: `known` where it still fits, else worked out.

    With ``ahead=True`` it is meant for several calls, and whatever they can share is made.
    """
    network, features = call.layer.nn, call.edge_attr
    shares = call.shares and is_rowwise(network)
    given = (call.edge_index, features, *(call.kinds or ()))
    tensors = [t for t in given if isinstance(t, Tensor)]
    states = (len(call.x_j), call.receivers)
    origin = Origin([*tensors, *network.parameters(), *network.buffers()], *states, shares)
    if known is not None and origin.same(known.origin):
        return known
    found = PreparedEdges(origin)
    if not shares or features is None or features.dim() != 2 or len(features) == 0:
        return found
    if any(map(_is_withheld, tensors)):
        return found
    return _worked_out(call, features, found, ahead)


def _worked_out(call: Call, features: Tensor, found: PreparedEdges, ahead: bool) -> PreparedEdges:
    layer, kinds = call.layer, _kinds_of(features, call.kinds)
    hidden = _hidden_units(call)
    sizes = ways.Sizes(
        len(features), len(call.x_j), call.receivers or len(call.x_j), layer.in_channels_l,
        layer.out_channels, None if kinds is None else len(kinds[1]), hidden,
        call.receivers is not None,
    )  # fmt: skip
    way = ways.cheapest(sizes, features.device.type)
    shape = (-1, layer.in_channels_l, layer.out_channels)
    if way == "kinds" and kinds is not None:
        return replace(found, table=layer.nn(kinds[1]).view(shape), kind=kinds[0])
    if way == "each":
        return replace(found, table=layer.nn(features).view(shape)) if ahead else found
    contraction = _contraction(call, features, way == "senders")
    return replace(
        found,
        contraction=contraction,
        receivers=call.receivers if contraction is not None and way == "receivers" else None,
    )


def _kinds_of(edge_attr: Tensor, given: Kinds | None) -> Kinds | None:
    """Kinds that describe `edge_attr`; None where something follows each edge by itself."""
    followed = torch.autograd.forward_ad.unpack_dual(edge_attr).tangent is not None
    if edge_attr.requires_grad or followed:
        return None
    if given is not None and _fits(given, edge_attr):
        return given
    return None if edge_attr.isnan().any() else bond_kinds(edge_attr)  # NaN: equal to nothing


def _fits(kinds: Kinds, edge_attr: Tensor) -> bool:
    """Whether these kinds still describe `edge_attr`, which may have been edited or re-collated."""
    kind, rows = kinds
    if len(kind) != len(edge_attr) or rows.shape[1:] != edge_attr.shape[1:] or len(rows) == 0:
        return False
    inside = bool((kind >= 0).all()) and bool((kind < len(rows)).all())
    return inside and torch.equal(rows.index_select(0, kind), edge_attr)


def _hidden_units(call: Call) -> int | None:
    """How many hidden units messages can be contracted over; None where they cannot."""
    layer, end = call.layer, split_last(call.layer.nn)
    # A hook may hand messages other states than their sender's.
    if end is None or layer._message_forward_pre_hooks:
        return None
    if not isinstance(call.edge_index, Tensor) or call.edge_index.layout != torch.strided:
        return None
    fits = end[1].weight.shape[0] == layer.in_channels_l * layer.out_channels
    return end[1].weight.shape[1] if fits else None


def _contraction(call: Call, features: Tensor, by_sender: bool) -> Contraction | None:
    """None where edges name atoms that are not there, which gathering the states will say."""
    senders, heard = call.edge_index[call.sends], call.edge_index[1 - call.sends]
    size = len(call.x_j) if by_sender or call.receivers is None else call.receivers
    ends = sort_ends(senders if by_sender else heard, size)
    split = split_last(call.layer.nn)
    if ends is None or split is None:
        return None
    hidden = hidden_units(split[0], features, ends.order)
    return Contraction(hidden, ends, None if by_sender else senders.index_select(0, ends.order))


def _is_withheld(tensor: Tensor) -> bool:
    """Whether there are no values to look at, or ``torch.func`` follows each row by itself."""
    wrapped = torch._C._functorch.is_functorch_wrapped_tensor(tensor)
    return bool(wrapped or tensor.is_meta or isinstance(tensor, FakeTensor))
