"""The edge network (NNConv): m_ij = h_j · W(e_ij), Gilmer et al. 2017, eq. 5."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate, gather
from mpnn_lab.tracing.ledger import Ledger


def edge_network(ledger: Ledger, call: LayerCall) -> str:
    """Gather, look the bond's matrix up, multiply, aggregate, add the atom's own share."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("edge matrix", 0):
        table = ledger.recorded(
            "matrices", "W", "matrix of the bond's kind", call.table, "kind", ("in", "out"),
            shown=False,
        )  # fmt: skip
        w_ij = ledger.derive("W_ij", "W_ij", "the bond's own matrix", "of_kind", table)
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "linear", h_j, w_ij, recorded=propagation.messages
        )
    total = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return _own_share(ledger, call, total)


def _own_share(ledger: Ledger, call: LayerCall, total: str) -> str:
    module: Any = call.module
    terms = [total]
    if module.root_weight:
        theta = ledger.weight(
            "root weight", "Θ", "root weights", module.lin.weight.T, ("in", "out")
        )
        terms.append(
            ledger.derive("root", "(hΘ)_i", "own state through Θ", "linear", call.state, theta)
        )
    if module.bias is not None:
        terms.append(ledger.weight("bias", "b", "bias", module.bias, ("channel",)))
    return ledger.derive(
        "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
    )
