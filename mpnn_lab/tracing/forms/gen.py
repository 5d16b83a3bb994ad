"""GENConv: m_ij = ReLU(h_j + e_ij) + ε, then an MLP, Li et al. 2020, eq. 2 and 5."""

from __future__ import annotations

from typing import Any

from torch import nn

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import bond
from mpnn_lab.tracing.forms.norms import message_norm
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather, linear
from mpnn_lab.tracing.ledger import Ledger


def gen(ledger: Ledger, call: LayerCall) -> str:
    """The rectified message, its aggregate, the own state added, the MLP."""
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        m_ij = _message(ledger, call, h_j)
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        if hasattr(module, "lin_aggr_out"):
            total = linear(
                ledger, "narrowed", "(aV)_i", "aggregate through V", total, module.lin_aggr_out,
                "V",
            )  # fmt: skip
        if hasattr(module, "msg_norm"):
            total = message_norm(
                ledger, module.msg_norm, total, call.state, "normed", "â_i",
                "aggregate, as long as the state",
            )  # fmt: skip
        own = call.state
        if hasattr(module, "lin_dst"):
            own = linear(ledger, "own", "(hU)_i", "own state through U", own, module.lin_dst, "U")
        mixed = ledger.derive("mixed", "s_i", "own state plus messages", "add", total, own)
        return chain(
            ledger, "layer", "c_i", "what the layer gives", nn.Sequential(*module.mlp), mixed,
            call.output,
        )  # fmt: skip


def _message(ledger: Ledger, call: LayerCall, h_j: str) -> str:
    module: Any = call.module
    terms = [h_j]
    if hasattr(module, "lin_src"):
        terms = [linear(ledger, "z_j", "z_j", "neighbour through W", h_j, module.lin_src, "W")]
    e_ij = bond(ledger, call, shown=not hasattr(module, "lin_edge"))
    if e_ij is not None:
        if hasattr(module, "lin_edge"):
            e_ij = linear(
                ledger, "bond", "(eW)_ij", "bond as a vector", e_ij, module.lin_edge, "W_e"
            )
        terms.append(e_ij)
    both = terms[0]
    if len(terms) > 1:
        both = ledger.derive("sum", "s_ij", "neighbour plus bond", "add", *terms)
    rectified = ledger.derive("rectified", "ReLU(s)_ij", "through ReLU", "relu", both, shown=False)
    eps = ledger.weight("eps", "ε", "a small number", [module.eps], ("",))
    return ledger.derive(
        "message", "m_ij", "message", "add", rectified, eps,
        recorded=call.propagations[0].messages,
    )  # fmt: skip
