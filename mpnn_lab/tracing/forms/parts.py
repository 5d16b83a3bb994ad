"""Arithmetic that many layers share: gathering, aggregating, chains of ordinary modules."""

from __future__ import annotations

from typing import Any

from torch_geometric.nn import MessagePassing

from mpnn_lab.tracing.forms.aggregation import known, reduction
from mpnn_lab.tracing.forms.chains import (
    ACTIVATIONS,
    batch_norm,
    chain,
    layer_norm,
    linear,
    written,
)
from mpnn_lab.tracing.ledger import Ledger

__all__ = [
    "ACTIVATIONS",
    "aggregate",
    "aggregate_at",
    "batch_norm",
    "chain",
    "gather",
    "layer_norm",
    "layer_output",
    "linear",
    "numbered",
    "share",
    "written",
]


def gather(ledger: Ledger, state: str, place: int = 0) -> str:
    """h_j for every edge of propagation `place`."""
    with ledger.step("gather", place):
        name = numbered("h_j", place)
        return ledger.derive(name, "h_j", "neighbour's state", "source", state)


def aggregate(ledger: Ledger, module: Any, messages: str, recorded: Any) -> str:
    """The aggregate of the incoming messages, by the layer's own aggregation."""
    return aggregate_at(ledger, module, messages, recorded, 0)


def aggregate_at(
    ledger: Ledger, module: Any, messages: str, recorded: Any, place: int, *,
    axes: tuple[str, ...] | None = None,
) -> str:  # fmt: skip
    """The aggregate of propagation `place`; one opaque step where its arithmetic is not known."""
    name, way = numbered("aggregate", place), module.aggr_module
    with ledger.step("aggregate", place):
        own = type(module).aggregate is not MessagePassing.aggregate
        if known(way) and not own:
            return reduction(ledger, way, messages, "incoming", name, "a_i", recorded)
        what = (
            f"{type(module).__name__}'s own aggregation"
            if own
            else type(getattr(way, "inner", way)).__name__
        )
        ledger.cannot_check(name, f"no arithmetic is written down for {what}")
        return ledger.derive(
            name, "a_i", "aggregate of the messages", "opaque", messages,
            recorded=recorded, axes=axes, per=ledger.ground.receivers,
        )  # fmt: skip


def share(ledger: Ledger, logit: str, recorded: Any = None) -> str:
    """α_ij: the softmax of the logits over the messages that reach the same atom."""
    return ledger.weighs(
        ledger.derive(
            "alpha", "α_ij", "share of the attention", "softmax_incoming", logit, recorded=recorded
        )
    )


def numbered(name: str, place: int) -> str:
    """The name of a quantity of propagation `place`: ``"message"``, ``"message 2"``, ..."""
    return name if place == 0 else f"{name} {place + 1}"


def layer_output(ledger: Ledger, module: Any, terms: list[str], recorded: Any) -> str:
    """What the layer gives: these terms, and its bias where it has one."""
    if module.bias is not None:
        terms = [*terms, ledger.weight("bias", "b", "bias", module.bias, ("channel",))]
    return ledger.derive("layer", "c_i", "what the layer gives", "add", *terms, recorded=recorded)
