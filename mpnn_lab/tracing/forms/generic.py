"""Any other layer: what went in, what came out, and no claim in between."""

from __future__ import annotations

from typing import Any

import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import AGGREGATIONS, gather
from mpnn_lab.tracing.ledger import Ledger

AXES: dict[int, tuple[str, ...]] = {0: (), 1: ("channel",), 2: ("head", "channel")}


def generic(ledger: Ledger, call: LayerCall) -> str:
    """States in, recorded messages, the aggregate where it is a plain one, the layer's output."""
    name = type(call.module).__name__
    last = call.state
    if call.propagations and call.propagations[0].messages is not None:
        last = _messages(ledger, call, name)
    with ledger.step("update"):
        ledger.cannot_check("layer", f"no arithmetic is written down for {name}")
        axes = AXES.get(call.output.dim() - 1, ("channel",))
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "opaque", last, call.state,
            recorded=call.output, axes=axes,
        )  # fmt: skip


def _messages(ledger: Ledger, call: LayerCall, name: str) -> str:
    propagation = call.propagations[0]
    messages, aggregated = propagation.messages, propagation.aggregated
    assert messages is not None
    h_j = gather(ledger, call.state)
    axes = AXES.get(messages.dim() - 1, ("channel",))
    with ledger.step("message", 0):
        ledger.cannot_check("message", f"no arithmetic is written down for {name}")
        m_ij = ledger.derive(
            "message", "m_ij", "message", "opaque", h_j, recorded=messages, axes=axes
        )
    module: Any = call.module
    op, word = AGGREGATIONS.get(type(module.aggr_module), ("opaque", "aggregate"))
    nodes = ledger.ground.nodes
    if not isinstance(aggregated, torch.Tensor) or len(aggregated) != nodes:
        ledger.cannot_check("aggregate", "the aggregate has no row for each atom")
        return m_ij
    if op == "opaque":
        ledger.cannot_check(
            "aggregate", f"the aggregation {word!r} is not a plain sum, mean or max"
        )
    with ledger.step("aggregate", 0):
        label = f"{word} of the messages"
        return ledger.derive(
            "aggregate", "a_i", label, op, m_ij, recorded=aggregated,
            axes=AXES.get(aggregated.dim() - 1, ("channel",)),
        )  # fmt: skip
