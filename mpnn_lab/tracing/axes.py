"""Names of the axes of messages and of their coefficients, and of the propagations of a layer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from torch import Tensor, nn
from torch_geometric import nn as pyg

from mpnn_lab.nn import Network
from mpnn_lab.nn.by_type import BondHAN, FamilyHetero
from mpnn_lab.nn.supply import UNBONDED, bond_type_columns

RELATIONS = (pyg.RGCNConv, pyg.FiLMConv, pyg.SignedConv, BondHAN, FamilyHetero)
"""Layers that propagate once for each sort of bond, along its edges, from the layer's states."""
NAMED: dict[tuple[type[nn.Module], int], tuple[str, ...]] = {
    (pyg.SignedConv, 2): ("positive bonds", "negative bonds"),
    (pyg.SignedConv, 4): (
        "positive half, positive bonds",
        "negative half, negative bonds",
        "negative half, positive bonds",
        "positive half, negative bonds",
    ),
    (pyg.HypergraphConv, 2): ("atoms to sets", "sets to atoms"),
}
"""The propagations of layers that have as many as this."""
MIDDLE: dict[type[nn.Module], str] = {pyg.PNAConv: "tower", pyg.ARMAConv: "stack"}
"""What lies between edge and channel; heads in all other layers."""


def edge_types(model: nn.Module) -> tuple[str, ...]:
    """What one of our own networks counts as types of edges, in order: ``"single bonds"``, ..."""
    if not isinstance(model, Network):
        return ()
    return _edge_types(tuple(model.bond_columns))


@lru_cache(maxsize=64)
def _edge_types(columns: tuple[str, ...]) -> tuple[str, ...]:
    bare = (name.removeprefix("type ") for name in bond_type_columns(columns))
    return tuple(name if name in UNBONDED else f"{name} bonds" for name in bare)


def message_axes(module: nn.Module, messages: Tensor | None) -> tuple[str, ...]:
    """Such as ``("edge", "head", "channel")``; one name for each axis of the messages."""
    if messages is None:
        return ()
    between = MIDDLE.get(type(module), "stack" if getattr(module, "node_dim", 0) == -2 else "head")
    named = {1: ("edge",), 2: ("edge", "channel"), 3: ("edge", between, "channel")}
    return named.get(messages.dim()) or ("edge", *(f"axis {k}" for k in range(1, messages.dim())))


def weight_axes(weights: Tensor | None, axes: tuple[str, ...] | None) -> tuple[str, ...]:
    """The names that the layer's arithmetic gives the coefficients' axes, else edges and heads."""
    if weights is None:
        return ()
    if axes is not None and len(axes) == weights.dim() - 1:
        return ("edge", *("channel" if name == "feature" else name for name in axes))
    named = {1: ("edge",), 2: ("edge", "head")}
    return named.get(weights.dim()) or ("edge", *(f"axis {k}" for k in range(1, weights.dim())))


def label(module: nn.Module, place: int, count: int, types: Sequence[str] = ()) -> str:
    """Which of a layer's propagations this is, such as ``"single bonds"``; empty for an only one.

    `types` are the names of the types of edges, where they are known; else it is ``"relation 0"``.
    """
    if (type(module), count) in NAMED:
        return NAMED[type(module), count][place]
    relations = getattr(module, "num_relations", 1)
    if type(module) in RELATIONS and relations > 1 and count == relations:
        return types[place] if len(types) == count else f"relation {place}"
    return f"step {place + 1}" if count > 1 else ""
