"""Layers whose message is the neighbour's state itself, weighted at most: SAGE, GraphConv, GIN."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather, linear
from mpnn_lab.tracing.ledger import Ledger


def simple(ledger: Ledger, call: LayerCall) -> str:
    """SimpleConv: the aggregate of the neighbours, with the own state in one of three ways."""
    module: Any = call.module
    total = _heard(ledger, call)
    with ledger.step("update"):
        if module.combine_root is None or module.combine_root == "self_loop":
            return ledger.derive(
                "layer", "c_i", "what the layer gives", "add", total, recorded=call.output
            )
        op: Any = {"sum": "add", "cat": "concatenate"}[module.combine_root]
        args = (call.state, total) if op == "concatenate" else (total, call.state)
        return ledger.derive(
            "layer", "c_i", "what the layer gives", op, *args, recorded=call.output
        )


def sage(ledger: Ledger, call: LayerCall) -> str:
    """SAGEConv: h_i' = W_1 h_i + W_2 (aggregate of h_j), Hamilton et al. 2017, algorithm 1."""
    module: Any = call.module
    if module.project or module.normalize:  # projected before, or set to length one after
        return generic(ledger, call)
    total = _heard(ledger, call)
    with ledger.step("update"):
        terms = [
            linear(ledger, "heard", "(aW)_i", "what was heard, through W", total, module.lin_l, "W")
        ]
        if module.root_weight:
            terms.append(
                linear(
                    ledger, "own", "(hU)_i", "own state through U", call.state, module.lin_r, "U"
                )
            )
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
        )


def graph_conv(ledger: Ledger, call: LayerCall) -> str:
    """GraphConv: h_i' = W_1 h_i + W_2 (aggregate of w_ij h_j), Morris et al. 2019, eq. 7."""
    module: Any = call.module
    total = _heard(ledger, call)
    with ledger.step("update"):
        heard = linear(
            ledger, "heard", "(aW)_i", "what was heard, through W", total, module.lin_rel, "W"
        )
        own = linear(
            ledger, "own", "(hU)_i", "own state through U", call.state, module.lin_root, "U"
        )
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", heard, own, recorded=call.output
        )


def gin(ledger: Ledger, call: LayerCall) -> str:
    """GINConv: h_i' = MLP((1 + ε) h_i + Σ h_j), Xu et al. 2019, eq. 4.1."""
    module: Any = call.module
    total = _heard(ledger, call)
    with ledger.step("update"):
        return own_and_heard(ledger, call, total, module)


def own_and_heard(ledger: Ledger, call: LayerCall, total: str, module: Any) -> str:
    """MLP((1 + ε) h_i + a_i), as GIN and GINE end."""
    one = ledger.weight("1+eps", "1+ε", "weight of the own state", 1 + module.eps.reshape(1), ("",))
    own = ledger.derive("own", "(1+ε)h_i", "own state, weighted", "multiply", call.state, one)
    mixed = ledger.derive("mixed", "s_i", "own state plus messages", "add", own, total)
    return chain(ledger, "layer", "c_i", "what the layer gives", module.nn, mixed, call.output)


def _heard(ledger: Ledger, call: LayerCall) -> str:
    """The neighbours' states, times the edges' weights where there are any, aggregated."""
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    weight = propagation.kwargs.get("edge_weight")
    with ledger.step("message", 0):
        factors = [h_j]
        if weight is not None:
            factors.insert(
                0, ledger.recorded("w_ij", "w_ij", "edge weight", weight, "edge", (), shown=False)
            )
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply" if weight is not None else "add", *factors,
            recorded=propagation.messages, axes=("channel",),
        )  # fmt: skip
    return aggregate(ledger, call.module, m_ij, propagation.aggregated)
