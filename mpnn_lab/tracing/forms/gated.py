"""GatedGraphConv: m_ij = h_j · W, then a gated recurrent unit, Li et al. 2016, eq. 2 to 6."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.gru import gru
from mpnn_lab.tracing.forms.parts import aggregate_at, gather, numbered
from mpnn_lab.tracing.ledger import Ledger


def gated(ledger: Ledger, call: LayerCall) -> str:
    """Each step: its matrix, the edge's weight, the sum, the gates, which all steps share."""
    module: Any = call.module
    if not call.propagations:
        return generic(ledger, call)
    state, last = _padded(ledger, call), len(call.propagations)
    held = torch.as_tensor(ledger.rows(state)).to(call.output)
    for k, record in enumerate(call.propagations, 1):
        with ledger.on(call.grounds[k - 1]):
            m_ij = _message(ledger, call, state, k - 1)
            total = aggregate_at(ledger, module, m_ij, record.aggregated, k - 1)
        if k == last:
            with ledger.step("update"):
                return gru(ledger, module.rnn, total, state, call.output, "c_i", "layer")
        # No hook shows the state between two steps: the layer's own unit gives it once more. If it
        # were another than the run's, the messages made of it would differ from those recorded.
        with torch.no_grad():
            held = module.rnn(record.aggregated, held)
        with ledger.step("gather", k):  # what the next propagation sends belongs to it
            state = gru(ledger, module.rnn, total, state, held, f"h^{k}_i", f"step {k}")
    raise AssertionError


def _message(ledger: Ledger, call: LayerCall, state: str, place: int) -> str:
    """h_j W_k, times the edge's weight if there is any."""
    module: Any = call.module
    record = call.propagations[place]
    h_j = gather(ledger, state, place)
    weight, name = record.kwargs.get("edge_weight"), numbered("message", place)
    with ledger.step("message", place):
        matrix = ledger.weight(numbered("W", place), "W", "weights", module.weight[place],
                               ("in", "out"))  # fmt: skip
        if weight is None:
            return ledger.derive(
                name, "m_ij", "message", "linear", h_j, matrix, recorded=record.messages
            )
        z_j = ledger.derive(numbered("z_j", place), "z_j", "neighbour's state through W", "linear",
                            h_j, matrix)  # fmt: skip
        w_ij = ledger.recorded(numbered("w_ij", place), "w_ij", "edge weight", weight.reshape(-1),
                               "edge", (), shown=False)  # fmt: skip
        return ledger.derive(
            name, "m_ij", "message", "multiply", w_ij, z_j, recorded=record.messages
        )


def _padded(ledger: Ledger, call: LayerCall) -> str:
    """The state, with as many zeros after it as the layer's width wants."""
    module: Any = call.module
    missing = module.out_channels - ledger.rows(call.state).shape[1]
    if not missing:
        return call.state
    with ledger.step("gather", 0):
        rows = np.zeros((ledger.ground.nodes, missing))
        zeros = ledger.recorded("zeros", "0", "zeros", rows, "node", shown=False)
        return ledger.derive(
            "padded", "h_i", "state and zeros, end to end", "concatenate", call.state, zeros
        )
