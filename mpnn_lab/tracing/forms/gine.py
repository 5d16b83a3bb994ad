"""GINEConv: m_ij = ReLU(h_j + e_ij · W_e), Hu et al. 2020."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import bond as bond_of
from mpnn_lab.tracing.forms.parts import aggregate, gather, linear
from mpnn_lab.tracing.forms.plain import own_and_heard
from mpnn_lab.tracing.ledger import Ledger


def gine(ledger: Ledger, call: LayerCall) -> str:
    """The bond as a vector, added to the neighbour's state; the sum; an MLP."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        bond = bond_of(ledger, call, shown=module.lin is None)
        assert bond is not None
        if module.lin is not None:
            bond = linear(ledger, "bond", "(eW)_ij", "bond as a vector", bond, module.lin, "W_e")
        both = ledger.derive("sum", "s_ij", "neighbour plus bond", "add", h_j, bond)
        m_ij = ledger.derive(
            "message", "m_ij", "message", "relu", both, recorded=propagation.messages
        )
    total = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return own_and_heard(ledger, call, total, module)
