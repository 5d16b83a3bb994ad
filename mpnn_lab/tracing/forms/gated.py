"""GatedGraphConv: m_ij = h_j · W, then a gated recurrent unit, Li et al. 2016, eq. 2 to 6."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate, gather
from mpnn_lab.tracing.forms.update import gru
from mpnn_lab.tracing.ledger import Ledger


def gated(ledger: Ledger, call: LayerCall) -> str:
    """One step: the matrix, the edge's weight, the sum, the gates. More steps are not written."""
    module: Any = call.module
    if module.num_layers != 1 or len(call.propagations) != 1:
        return generic(ledger, call)
    state = _padded(ledger, call)
    h_j = gather(ledger, state)
    weight = call.propagations[0].kwargs.get("edge_weight")
    with ledger.step("message", 0):
        matrix = ledger.weight("W", "W", "weights", module.weight[0], ("in", "out"))
        recorded = call.propagations[0].messages
        if weight is None:
            m_ij = ledger.derive(
                "message", "m_ij", "message", "linear", h_j, matrix, recorded=recorded
            )
        else:
            z_j = ledger.derive("z_j", "z_j", "neighbour's state through W", "linear", h_j, matrix)
            w_ij = ledger.recorded(
                "w_ij", "w_ij", "edge weight", weight.reshape(-1), "edge", (), shown=False
            )
            m_ij = ledger.derive(
                "message", "m_ij", "message", "multiply", w_ij, z_j, recorded=recorded
            )
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        return gru(ledger, module.rnn, total, state, call.output, "c_i", "layer")


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
