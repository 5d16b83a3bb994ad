"""Any other layer: what went in, what came out, and no claim in between."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate_at, gather, numbered
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.recorder import PropagationRecord

AXES: dict[int, tuple[str, ...]] = {0: (), 1: ("channel",), 2: ("head", "channel")}


def generic(ledger: Ledger, call: LayerCall) -> str:
    """States in; for each propagation its messages and their aggregate; the layer's output."""
    name = type(call.module).__name__
    last = call.state
    for place, record in enumerate(call.propagations):
        if record.messages is None:
            if record.hidden:  # why there are none is said already
                ledger.cannot_check(numbered("aggregate", place), "its messages were not made")
            else:
                why = f"{name} does not show its messages"
                ledger.cannot_check(numbered("message", place), why)
            continue
        with ledger.on(call.grounds[place]):
            last = _messages(ledger, call, record, place)
    with ledger.step("update"):
        ledger.cannot_check("layer", f"no arithmetic is written down for {name}")
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "opaque", last, call.state,
            recorded=call.output, axes=axes_of(call.output), per=call.per,
        )  # fmt: skip


def axes_of(values: Tensor) -> tuple[str, ...]:
    """Names of the axes after the rows."""
    return AXES.get(values.dim() - 1, tuple(f"axis {k}" for k in range(1, values.dim())))


def _messages(ledger: Ledger, call: LayerCall, record: PropagationRecord, place: int) -> str:
    name, messages, aggregated = type(call.module).__name__, record.messages, record.aggregated
    assert messages is not None
    # Later propagations send what the layer made of the states, which no hook shows.
    sources = (gather(ledger, call.state),) if place == 0 else ()
    with ledger.step("message", place):
        key = numbered("message", place)
        why = f"no arithmetic is written down for {name}"
        if record.tensors > 1:
            why += f"; the first of {record.tensors} things it sends is shown"
        ledger.cannot_check(key, why)
        m_ij = ledger.derive(
            key, "m_ij", "message", "opaque", *sources,
            recorded=messages, axes=axes_of(messages), per="edge",
        )  # fmt: skip
    module: Any = call.module
    key = numbered("aggregate", place)
    if not isinstance(aggregated, Tensor) or len(aggregated) != ledger.ground.nodes:
        ledger.cannot_check(key, "the aggregate has no row for each atom")
        return m_ij
    return aggregate_at(ledger, module, m_ij, aggregated, place, axes=axes_of(aggregated))
