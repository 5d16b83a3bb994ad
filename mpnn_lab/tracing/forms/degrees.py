"""Layers whose messages are weighted by degrees, beside GCN itself: LG, ClusterGCN, GCN2, FA, LE.

Those that propagate several times stand in `hops`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import torch
from torch import Tensor
from torch_geometric import nn as pyg

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gcn import NOT_THE_GIVEN, degree_factor
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.hops import SEVERAL
from mpnn_lab.tracing.forms.parts import aggregate, gather, linear
from mpnn_lab.tracing.forms.weighted import hear, ordinary, times
from mpnn_lab.tracing.ledger import Ledger


def _lg(ledger: Ledger, call: LayerCall) -> str:
    """LGConv: h_i' = Σ c_ij h_j, He et al. 2020."""
    total = hear(ledger, call, call.state, degree_factor(ledger, call))
    with ledger.step("update"):
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, recorded=call.output
        )


def _cluster_gcn(ledger: Ledger, call: LayerCall) -> str:
    """ClusterGCNConv: h_i' = W Σ h_j / d_i + W_r h_i, Chiang et al. 2019."""
    module: Any = call.module
    if module.flow != "source_to_target":  # the degree is that of the row 1 all the same
        return generic(ledger, call)
    total = hear(ledger, call, call.state, _share(ledger, call))
    with ledger.step("update"):
        heard = linear(
            ledger, "heard", "(aW)_i", "what was heard, through W", total, module.lin_out, "W"
        )
        own = linear(
            ledger, "own", "(hU)_i", "own state through U", call.state, module.lin_root, "U"
        )
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", heard, own, recorded=call.output
        )


def _share(ledger: Ledger, call: LayerCall) -> str:
    """c_ij = (1 + λ [i = j]) / d_i, d_i the number of messages that reach i."""
    module: Any = call.module
    record = call.propagations[0]
    recorded = record.kwargs["edge_weight"]
    loops = record.edge_index[0] == record.edge_index[1]
    looped = record.edge_index[0][loops]
    with ledger.step("gather", 0):
        if len(looped) and not torch.equal(looped, torch.arange(len(call.output)).to(looped)):
            ledger.cannot_check("c_ij", NOT_THE_GIVEN)  # PyG takes the loops to be in order
            return ledger.recorded("c_ij", "c_ij", "degree factor", recorded, "edge", ())
        ones = torch.ones_like(recorded)
        one = ledger.recorded("w_ij", "1", "one an edge", ones, "edge", (), shown=False)
        d = ledger.derive("degree", "d", "messages that come in", "sum_incoming", one, shown=False)
        share = ledger.derive(
            "share", "1/d", "one over it", "power", d, shown=False, constants={"exponent": -1.0}
        )
        share_i = ledger.derive("share_i", "1/d_i", "of the atom", "target", share)
        if module.diag_lambda:
            more = ones + module.diag_lambda * loops
            label = "more for the own state"
            one = ledger.recorded("more", "1+λ[i=j]", label, more, "edge", (), shown=False)
        return ledger.derive(
            "c_ij", "c_ij", "degree factor", "multiply", one, share_i, recorded=recorded
        )


def _gcn2(ledger: Ledger, call: LayerCall) -> str:
    """GCN2Conv: h_i' = ((1 − α) a_i + α h_i⁰) ((1 − β) I + β W), Chen et al. 2020."""
    module: Any = call.module
    total = hear(ledger, call, call.state, degree_factor(ledger, call))
    with ledger.step("update"):
        heard = times(ledger, "heard", "(1−α)a_i", "what was heard, in part", total,
                      1 - module.alpha, "1−α")  # fmt: skip
        own = times(ledger, "own", "αh⁰_i", "first state, in part", _first(ledger, call),
                    module.alpha, "α")  # fmt: skip
        if module.weight2 is not None:
            terms = [
                *_mixed(ledger, module, "heard", "u_i", heard, module.weight1, "W"),
                *_mixed(ledger, module, "own", "v_i", own, module.weight2, "U"),
            ]
        else:
            mixed = ledger.derive("mixed", "s_i", "both together", "add", heard, own)
            terms = _mixed(ledger, module, "mixed", "s_i", mixed, module.weight1, "W")
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
        )


def _mixed(
    ledger: Ledger, module: Any, name: str, symbol: str, x: str, matrix: Tensor, letter: str
) -> list[str]:
    """The terms of (1 − β) x + β x @ W; without a theta, β is 1."""
    weight = ledger.weight(f"{name} weight", letter, "weights", matrix, ("in", "out"))
    label = f"{symbol} through {letter}"
    through = ledger.derive(f"{name} through", f"({letter})_i", label, "linear", x, weight)
    if module.beta == 1:
        return [through]
    part = times(ledger, f"{name} changed", f"β{letter}", "β of it", through, module.beta, "β")
    kept = times(
        ledger, f"{name} kept", f"(1−β){symbol}", "1−β as it was", x, 1 - module.beta, "1−β"
    )
    return [kept, part]


def _first(ledger: Ledger, call: LayerCall) -> str:
    """h_i⁰, which the layer was given beside the states."""
    values = call.given["x_0"][: len(call.output)]
    return ledger.recorded("first", "h⁰_i", "first state, given again", values, "node")


def _fa(ledger: Ledger, call: LayerCall) -> str:
    """FAConv: h_i' = ε h_i⁰ + Σ tanh(a_l h_j + a_r h_i) c_ij h_j, Bo et al. 2021."""
    module: Any = call.module
    if module.flow != "source_to_target":  # PyG then swaps a_l and a_r
        return generic(ledger, call)
    with ledger.step("gather", 0):
        logit_j = _score(ledger, call.state, module.att_l, "l", "source", "j")
        logit_i = _score(ledger, call.state, module.att_r, "r", "target", "i")
    with ledger.step("message", 0):
        logit = ledger.derive("logit", "e_ij", "their sum", "add", logit_j, logit_i, shown=False)
        alpha = ledger.derive("alpha", "α_ij", "sign and strength", "tanh", logit)
    ledger.weighs(alpha)
    factor = degree_factor(ledger, call)
    assert factor is not None
    total = hear(ledger, call, call.state, alpha, factor)
    with ledger.step("update"):
        terms = [total]
        if module.eps:
            first = _first(ledger, call)
            terms.append(
                times(ledger, "own", "εh⁰_i", "first state, in part", first, module.eps, "ε")
            )
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
        )


def _score(ledger: Ledger, state: str, module: Any, side: str, end: Any, index: str) -> str:
    """The score a · h of every atom, then at one end of every edge."""
    name, symbol = f"score {side}", f"(a_{side} · h)"
    weight = ledger.weight(f"{name} weight", f"a_{side}", "weights", module.weight[0], ("channel",))
    score = ledger.derive(
        name, symbol, "score of the atom", "dot", state, weight, axes=(), shown=False
    )
    return ledger.derive(f"{name}_{index}", f"{symbol}_{index}", "score", end, score)


def _le(ledger: Ledger, call: LayerCall) -> str:
    """LEConv: h_i' = W_3 h_i + Σ w_ij (W_1 h_j − W_2 h_i), Ranjan et al. 2020."""
    module: Any = call.module
    record = call.propagations[0]
    weight = record.kwargs.get("edge_weight")
    h_j = gather(ledger, call.state)
    with ledger.step("gather", 0):
        h_i = ledger.derive("h_i", "h_i", "own state", "target", call.state)
    with ledger.step("message", 0):
        z_j = linear(ledger, "z_j", "z_j", "neighbour's state through W", h_j, module.lin1, "W")
        z_i = linear(ledger, "z_i", "z_i", "own state through V", h_i, module.lin2, "V")
        less = times(ledger, "less", "−z_i", "to be taken away", z_i, -1, "−1", shown=False)
        terms = [z_j, less]
        if weight is not None:
            apart = ledger.derive("apart", "z_j−z_i", "their difference", "add", *terms)
            w = ledger.recorded("w_ij", "w_ij", "edge weight", weight, "edge", (), shown=False)
            terms = [w, apart]
        m_ij = ledger.derive(
            "message", "m_ij", "message", "add" if weight is None else "multiply", *terms,
            recorded=record.messages, axes=("channel",),
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        own = linear(ledger, "own", "(hU)_i", "own state through U", call.state, module.lin3, "U")
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, own, recorded=call.output
        )


def _where_ordinary(form: Callable[..., str]) -> Callable[..., str]:
    """No claim where a layer is called in a way that the forms here do not follow."""

    @wraps(form)
    def written(ledger: Ledger, call: LayerCall) -> str:
        return form(ledger, call) if ordinary(call) else generic(ledger, call)

    return written


FORMS: dict[type, Callable[..., str]] = {
    layer: _where_ordinary(form)
    for layer, form in {
        pyg.LGConv: _lg,
        pyg.ClusterGCNConv: _cluster_gcn,
        pyg.GCN2Conv: _gcn2,
        pyg.FAConv: _fa,
        pyg.LEConv: _le,
        **SEVERAL,
    }.items()
}
