"""AGNNConv: attention by cosine, Thekumparampil et al. 2018, eq. 5."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.lengths import unit_length
from mpnn_lab.tracing.forms.parts import aggregate, gather, share
from mpnn_lab.tracing.ledger import Ledger


def agnn(ledger: Ledger, call: LayerCall) -> str:
    """β times the cosine of the two states, softmax, the neighbours by their shares."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("attention", 0):
        n = unit_length(ledger, "n", "n", "state of length 1", call.state, shown=False)
        n_j = ledger.derive("n_j", "n_j", "neighbour's state, of length 1", "source", n)
        n_i = ledger.derive("n_i", "n_i", "atom's state, of length 1", "target", n)
        cosine = ledger.derive("cosine", "cos_ij", "cosine of the two", "dot", n_i, n_j, axes=())
        beta = ledger.weight("beta", "β", "sharpness", module.beta, ("",))
        logit = ledger.derive("logit", "l_ij", "attention logit", "multiply", cosine, beta)
        alpha = share(ledger, logit)
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, h_j,
            recorded=propagation.messages, axes=("channel",),
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, recorded=call.output
        )
