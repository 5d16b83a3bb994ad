"""Layers that read bond features or bond types, beside the edge network and GINE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.tracing.forms.by_degree import by_degree
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.eg import eg
from mpnn_lab.tracing.forms.ends import bond, receiver
from mpnn_lab.tracing.forms.film import film
from mpnn_lab.tracing.forms.gated import gated
from mpnn_lab.tracing.forms.gen import gen
from mpnn_lab.tracing.forms.general import general
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.gmm import gmm
from mpnn_lab.tracing.forms.parts import (
    ACTIVATIONS,
    aggregate,
    chain,
    gather,
    layer_output,
    linear,
    written,
)
from mpnn_lab.tracing.forms.pathfinder import pathfinder
from mpnn_lab.tracing.forms.pna import pna
from mpnn_lab.tracing.forms.relations import fast_relations, relations
from mpnn_lab.tracing.ledger import Ledger


def res_gated(ledger: Ledger, call: LayerCall) -> str:
    """ResGatedGraphConv: m_ij = σ(k_i + q_j) · v_j, Bresson and Laurent 2017, eq. 11."""
    module: Any = call.module
    op = ACTIVATIONS.get(type(module.act))
    if op is None:
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("gate", 0):
        h_i, e_ij = receiver(ledger, call), bond(ledger, call, shown=False)
        own, neighbour = (
            _with_bond(ledger, e_ij, h, letter) for h, letter in ((h_i, "i"), (h_j, "j"))
        )
        k_i = linear(ledger, "k_i", "k_i", "the atom's key", own, module.lin_key, "W_k")
        q_j = linear(ledger, "q_j", "q_j", "neighbour's query", neighbour, module.lin_query, "W_q")
        both = ledger.derive("gate sum", "k_i + q_j", "their sum", "add", k_i, q_j, shown=False)
        slope = {"slope": module.act.negative_slope} if op == "leaky_relu" else {}
        gate = ledger.derive("gate", "η_ij", "gate", op, both, constants=slope)
    with ledger.step("message", 0):
        v_j = linear(ledger, "v_j", "v_j", "neighbour's value", neighbour, module.lin_value, "W_v")
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", gate, v_j,
            recorded=call.propagations[0].messages,
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        terms = [total]
        if module.root_weight:
            terms.append(
                linear(ledger, "own", "(hW)_i", "own state through W", call.state,
                       module.lin_skip, "W")
            )  # fmt: skip
        return layer_output(ledger, module, terms, call.output)


def _with_bond(ledger: Ledger, e_ij: str | None, state: str, letter: str) -> str:
    """The state and the bond's features end to end; the state alone where there are none."""
    if e_ij is None:
        return state
    return ledger.derive(
        f"z_{letter}", f"[h_{letter}, e_ij]", "state and bond", "concatenate", state, e_ij,
        shown=False,
    )  # fmt: skip


def crystal(ledger: Ledger, call: LayerCall) -> str:
    """CGConv: m_ij = σ(z_ij W_f) · softplus(z_ij W_s), Xie and Grossman 2018, eq. 5."""
    module: Any = call.module
    if module.bn is not None and not written(module.bn):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        ends = [receiver(ledger, call), h_j]
        e_ij = bond(ledger, call, shown=False)
        z_ij = ledger.derive(
            "z_ij", "z_ij", "both atoms and the bond", "concatenate",
            *ends, *([] if e_ij is None else [e_ij]), shown=False,
        )  # fmt: skip
        f = linear(ledger, "f_ij", "f_ij", "gate before sigmoid", z_ij, module.lin_f, "W_f")
        gate = ledger.derive("gate", "σ(f)_ij", "gate", "sigmoid", f)
        s = linear(ledger, "s_ij", "s_ij", "core before softplus", z_ij, module.lin_s, "W_s")
        core = ledger.derive("core", "softplus(s)_ij", "core", "softplus", s)
        m_ij = ledger.derive(
            "message", "m_ij", "message: gate times core", "multiply", gate, core,
            recorded=call.propagations[0].messages,
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        if module.bn is not None:
            total = chain(ledger, "normed", "â_i", "aggregate, normalised", module.bn, total, None)
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, call.state, recorded=call.output
        )


def edge_conv(ledger: Ledger, call: LayerCall) -> str:
    """EdgeConv: m_ij = MLP([h_i, h_j − h_i]), Wang et al. 2019, eq. 8."""
    module: Any = call.module
    if not isinstance(module.nn, nn.Module):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        h_i = receiver(ledger, call)
        minus = ledger.weight("minus", "−1", "minus one", [-1.0], ("",))
        lost = ledger.derive("-h_i", "−h_i", "less the own state", "multiply", h_i, minus,
                             shown=False)  # fmt: skip
        apart = ledger.derive("difference", "d_ij", "neighbour less own state", "add", h_j, lost)
        z_ij = ledger.derive(
            "z_ij", "[h_i, d_ij]", "own state and difference", "concatenate", h_i, apart,
            shown=False,
        )  # fmt: skip
        m_ij = chain(
            ledger, "message", "m_ij", "message", module.nn, z_ij, call.propagations[0].messages
        )
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, recorded=call.output
        )


SEVERAL: dict[type, Callable[..., str]] = {
    pyg.GatedGraphConv: gated,
    pyg.RGCNConv: relations,
    pyg.FiLMConv: film,
}
"""Forms that take as many propagations as the layer makes."""
FORMS: dict[type, Callable[..., str]] = {
    **SEVERAL,
    pyg.ResGatedGraphConv: res_gated,
    pyg.CGConv: crystal,
    pyg.EdgeConv: edge_conv,
    pyg.GeneralConv: general,
    pyg.GENConv: gen,
    pyg.FastRGCNConv: fast_relations,
    pyg.MFConv: by_degree,
    pyg.GMMConv: gmm,
    pyg.PNAConv: pna,
    pyg.PDNConv: pathfinder,
    pyg.EGConv: eg,
}
