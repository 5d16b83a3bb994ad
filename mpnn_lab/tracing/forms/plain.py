"""Layers whose message is the neighbour's state itself, weighted at most: SAGE, GIN, WL."""

from __future__ import annotations

from typing import Any

import numpy as np

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.lengths import unit_length
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
    total = _heard(ledger, call, _projected(ledger, call) if module.project else call.state)
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
        if module.normalize:
            both = ledger.derive("both", "s_i", "both together", "add", *terms)
            return unit_length(ledger, "layer", "c_i", "what the layer gives", both, call.output)
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
        )


def _projected(ledger: Ledger, call: LayerCall) -> str:
    """ReLU(h P + b), which the neighbours send instead of their states."""
    module: Any = call.module
    with ledger.step("gather", 0):
        p = linear(ledger, "through P", "(hP)_i", "state through P", call.state, module.lin, "P",
                   shown=False)  # fmt: skip
        return ledger.derive("projected", "p_i", "projected state", "relu", p)


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


def weisfeiler_leman(ledger: Ledger, call: LayerCall) -> str:
    """WLConvContinuous: h_i' = ½ (h_i + Σ w_ij h_j / Σ w_ij), Togninalli et al. 2019."""
    module: Any = call.module
    if module.flow != "source_to_target":  # the degree is that of the row 1 all the same
        return generic(ledger, call)
    total = _heard(ledger, call)
    weight = call.propagations[0].kwargs.get("edge_weight")
    with ledger.step("update"):
        ones = np.ones(call.propagations[0].edge_index.shape[1])
        given = ones if weight is None else weight.reshape(-1)
        w = ledger.recorded("w", "w_ij", "weight, or one", given, "edge", (), shown=False)
        d = ledger.derive("degree", "d_i", "sum of the weights", "sum_incoming", w, shown=False)
        share = ledger.derive("1/d", "1/d_i", "one over it", "power", d, shown=False,
                              constants={"exponent": -1.0})  # fmt: skip
        mean = ledger.derive("mean", "a_i/d_i", "mean of what was heard", "multiply", share, total,
                             axes=("channel",))  # fmt: skip
        both = ledger.derive("both", "s_i", "own state and mean", "add", call.state, mean)
        half = ledger.weight("half", "½", "half", [0.5], ("",))
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "multiply", both, half, recorded=call.output
        )


def _heard(ledger: Ledger, call: LayerCall, sent: str = "") -> str:
    """What the neighbours send (their states), times the edges' weights if any, aggregated."""
    propagation = call.propagations[0]
    h_j = gather(ledger, sent or call.state)
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
