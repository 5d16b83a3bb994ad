"""GATConv and SuperGATConv: attention by additive logits of the sender and the receiver."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gatv2 import HEADS, bond_heads, finish, heads
from mpnn_lab.tracing.forms.parts import aggregate, gather, share
from mpnn_lab.tracing.ledger import Ledger


def gat(ledger: Ledger, call: LayerCall) -> str:
    """GATConv: l_ij = LeakyReLU(a_s · h_j W + a_t · h_i W + a_e · e_ij W_e).

    (Veličković et al. 2018, eq. 3; a_s, a_t, a_e are parts of the paper's one vector a.)
    """
    module: Any = call.module
    propagation = call.propagations[0]
    if module.lin is not None:
        z_j, z_i = _ends(ledger, call, (module.lin, module.lin), ("W", "W"))
    else:
        z_j, z_i = _ends(ledger, call, (module.lin_src, module.lin_dst), ("W_s", "W_t"))
    with ledger.step("attention", 0):
        terms = [
            _part(ledger, "l_j", "neighbour's part of the logit", z_j, module.att_src, "a_s"),
            _part(ledger, "l_i", "atom's part of the logit", z_i, module.att_dst, "a_t"),
        ]
        bond = propagation.edge_kwargs.get("edge_attr")
        if bond is not None and module.lin_edge is not None:
            z_e = bond_heads(ledger, module, bond)
            terms.append(_part(ledger, "l_e", "bond's part", z_e, module.att_edge, "a_e"))
        total = ledger.derive("s", "s_ij", "their sum", "add", *terms)
        alpha = _shares(ledger, module, total, propagation.kwargs["alpha"])
    return _weighted(ledger, call, alpha, z_j)


def super_gat(ledger: Ledger, call: LayerCall) -> str:
    """SuperGATConv: additive logits times σ(z_i · z_j) (MX), or z_i · z_j / √d (SD).

    (Kim and Oh 2021, eq. 4 and section 3.3.)
    """
    module: Any = call.module
    z_j, z_i = _ends(ledger, call, (module.lin, module.lin), ("W", "W"))
    with ledger.step("attention", 0):
        alike = ledger.derive(
            "z_i·z_j", "z_i·z_j", "likeness of the two", "dot", z_i, z_j, axes=("head",)
        )
        if module.attention_type == "MX":
            l_j = _part(ledger, "l_j", "neighbour's part of the logit", z_j, module.att_l, "a_l")
            l_i = _part(ledger, "l_i", "atom's part of the logit", z_i, module.att_r, "a_r")
            both = ledger.derive("l", "l_j+l_i", "their sum", "add", l_j, l_i)
            gate = ledger.derive("gate", "σ_ij", "chance of a bond", "sigmoid", alike)
            total = ledger.derive("s", "s_ij", "the sum times the chance", "multiply", both, gate)
        else:
            total = scaled(ledger, "s", "s_ij", alike, module.out_channels)
        alpha = _shares(ledger, module, total, None)
    return _weighted(ledger, call, alpha, z_j)


def scaled(ledger: Ledger, name: str, symbol: str, dots: str, channels: int) -> str:
    """Dot products over the root of the number of channels in a head."""
    scale = ledger.weight("scale", "1/√d", "one over the root of the width", channels**-0.5, ("",))
    return ledger.derive(name, symbol, "the same over √d", "multiply", dots, scale)


def _ends(
    ledger: Ledger, call: LayerCall, parts: tuple[Any, Any], letters: tuple[str, str]
) -> tuple[str, str]:
    """z_j and z_i: the states at both ends of each edge, through the layer's matrices."""
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("attention", 0):
        h_i = ledger.derive("h_i", "h_i", "the atom's own state", "target", call.state)
        words = f"neighbour through {letters[0]}", f"atom through {letters[1]}"
        z_j = heads(ledger, "z_j", "z_j", words[0], h_j, parts[0], letters[0], module)
        z_i = heads(ledger, "z_i", "z_i", words[1], h_i, parts[1], letters[1], module)
    return z_j, z_i


def _part(ledger: Ledger, name: str, label: str, z: str, vector: Any, letter: str) -> str:
    a = ledger.weight(f"{name} weight", letter, "attention vector", vector[0], HEADS)
    return ledger.derive(name, name, label, "dot", z, a, axes=("head",))


def _shares(ledger: Ledger, module: Any, total: str, recorded: Any) -> str:
    """The logits and their softmax."""
    logit = ledger.derive(
        "logit", "l_ij", "attention logit, through LeakyReLU", "leaky_relu", total,
        constants={"slope": module.negative_slope},
    )  # fmt: skip
    return share(ledger, logit, recorded)


def _weighted(ledger: Ledger, call: LayerCall, alpha: str, z_j: str) -> str:
    """The neighbours by their shares, their aggregate, the heads together."""
    propagation = call.propagations[0]
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, z_j,
            recorded=propagation.messages, axes=HEADS,
        )  # fmt: skip
    gathered = aggregate(ledger, call.module, m_ij, propagation.aggregated)
    return finish(ledger, call, gathered)
