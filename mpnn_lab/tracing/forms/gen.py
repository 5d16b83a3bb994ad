"""GENConv: m_ij = ReLU(h_j + e_ij) + ε, then an MLP, Li et al. 2020, eq. 2 and 5."""

from __future__ import annotations

from functools import partial
from typing import Any

from torch import nn

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import bond
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather, linear
from mpnn_lab.tracing.ledger import Ledger

LARGEST = 1e30
LEAST = 1e-24
"""The square of the length that PyG's normalisation divides by at least."""


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
            total = _message_norm(ledger, module.msg_norm, total, call.state)
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


def _message_norm(ledger: Ledger, norm: Any, total: str, state: str) -> str:
    """The aggregate at the length of the own state, times a scale (Li et al. 2020, eq. 7)."""
    hidden = partial(ledger.derive, axes=(), shown=False)
    square = hidden("a·a", "a·a", "squared length of the aggregate", "dot", total, total)
    kept = hidden("a·a kept", "a·a", "at least a tiny number", "clamp", square,
                  constants={"low": LEAST, "high": LARGEST})  # fmt: skip
    shrunk = hidden("1/|a|", "1/|a|", "one over its length", "power", kept,
                    constants={"exponent": -0.5})  # fmt: skip
    own = hidden("h·h", "h·h", "squared length of the state", "dot", state, state)
    length = hidden("|h|", "|h|", "length of the state", "power", own,
                    constants={"exponent": 0.5})  # fmt: skip
    scale = ledger.weight("norm scale", "s", "scale", norm.scale.reshape(1), ("",))
    factor = hidden("norm factor", "s|h|/|a|", "factor", "multiply", shrunk, length, scale)
    return ledger.derive(
        "normed", "â_i", "aggregate, as long as the state", "multiply", total, factor,
        axes=("channel",),
    )  # fmt: skip
