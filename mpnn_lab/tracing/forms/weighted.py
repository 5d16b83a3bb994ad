"""What layers weighted by degrees share: the weighted neighbours' sum, and products by numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate_at, gather, numbered
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.recorder import PropagationRecord


def hear(ledger: Ledger, call: LayerCall, state: str, *factors: str | None, place: int = 0) -> str:
    """m_ij = c_ij h_j of propagation `place`, aggregated; `factors` that are None are left out."""
    record = call.propagations[place]
    given = [f for f in factors if f is not None]
    with ledger.on(call.grounds[place]):
        h_j = gather(ledger, state, place)
        with ledger.step("message", place):
            m_ij = ledger.derive(
                numbered("message", place), "m_ij", "message", "multiply" if given else "add",
                *given, h_j, recorded=record.messages, axes=("channel",),
            )  # fmt: skip
        return aggregate_at(ledger, call.module, m_ij, record.aggregated, place)


def times(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, number: float, letter: str,
    *, shown: bool = True,
) -> str:  # fmt: skip
    """Rows times one number of the layer's."""
    factor = ledger.weight(f"{name} factor", letter, "factor", [number], ("",))
    return ledger.derive(name, symbol, label, "multiply", x, factor, shown=shown)


def ordinary(call: LayerCall) -> bool:
    """States [N, F] along given edges, the same ones with the same weights every time."""
    first = call.propagations[0]
    edges = call.given.get("edge_index")
    return (
        isinstance(edges, Tensor)
        and edges.layout == torch.strided
        and call.output.dim() == 2
        and getattr(call.module, "decomposed_layers", 1) == 1
        and all(_alike(first, other) for other in call.propagations)
    )


def edge_factor(record: PropagationRecord) -> Tensor | None:
    """The number of each edge that its message is multiplied with, by either of PyG's names."""
    weight = record.kwargs.get("edge_weight")
    return record.kwargs.get("norm") if weight is None else weight


def _alike(one: PropagationRecord, other: PropagationRecord) -> bool:
    a, b = edge_factor(one), edge_factor(other)
    if not torch.equal(one.edge_index, other.edge_index):
        return False
    if a is None or b is None:
        return a is b
    return a.dim() == 1 and torch.equal(a, b)
