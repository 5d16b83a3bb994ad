"""FeaStConv: several matrices, mixed by a softmax over them, Verma et al. 2018, eq. 4 and 7."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gatv2 import HEADS
from mpnn_lab.tracing.forms.parts import aggregate, gather, layer_output, linear
from mpnn_lab.tracing.ledger import Ledger


def feast(ledger: Ledger, call: LayerCall) -> str:
    """The neighbour through the matrices, mixed; the aggregate; the bias."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        if module.heads == 1:  # a softmax over one matrix gives it all
            m_ij = linear(
                ledger, "message", "m_ij", "neighbour's state through W", h_j, module.lin, "W",
                propagation.messages,
            )  # fmt: skip
        else:
            m_ij = _mixed(ledger, call, h_j)
    total = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return layer_output(ledger, module, [total], call.output)


def _mixed(ledger: Ledger, call: LayerCall, h_j: str) -> str:
    """The neighbour through every matrix, each by its share of a softmax over the matrices."""
    module: Any = call.module
    h_i = ledger.derive("h_i", "h_i", "the atom's own state", "target", call.state)
    minus = ledger.weight("minus", "−1", "minus one", -1.0, ("",))
    less = ledger.derive("-h_i", "−h_i", "less the own state", "multiply", h_i, minus, shown=False)
    gap = ledger.derive("gap", "h_j−h_i", "difference of the two", "add", h_j, less, shown=False)
    u = ledger.weight("u", "u", "weights of the logits", module.u.weight.T, ("in", "head"))
    c = ledger.weight("c", "c", "bias of the logits", module.c, ("head",))
    logit = ledger.derive(
        "logit", "l_ij", "logit of each matrix", "linear", gap, u, c, axes=("head",)
    )
    alpha = ledger.weighs(
        ledger.derive(
            "alpha", "q_ij", "share of each matrix", "softmax_heads", logit, axes=("head",)
        )
    )
    flat = linear(ledger, "z_j flat", "z_j", "neighbour through every W", h_j, module.lin, "W")
    z_j = ledger.derive(
        "z_j", "z_j", "the same, by matrices", "split_heads", flat, axes=HEADS, shown=False,
        constants={"heads": module.heads},
    )  # fmt: skip
    each = ledger.derive("each", "q z", "each by its share", "multiply", alpha, z_j, axes=HEADS)
    return ledger.derive(
        "message", "m_ij", "message: their sum", "sum_heads", each,
        recorded=call.propagations[0].messages, axes=("channel",),
    )  # fmt: skip
