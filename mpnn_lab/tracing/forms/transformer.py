"""TransformerConv: attention by queries and keys, Shi et al. 2021, eq. 3 to 6."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gat import scaled
from mpnn_lab.tracing.forms.gatv2 import HEADS, bond_heads, heads, together
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate, gather, linear, share
from mpnn_lab.tracing.ledger import Ledger


def transformer(ledger: Ledger, call: LayerCall) -> str:
    """Query · key over √d, softmax over the incoming edges, values by their shares."""
    module: Any = call.module
    propagation = call.propagations[0]
    bond = propagation.kwargs.get("edge_attr")
    if bond is not None and module.lin_edge is None:  # PyG adds them to the values as they are
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("attention", 0):
        h_i = ledger.derive("h_i", "h_i", "the atom's own state", "target", call.state)
        q_i = heads(ledger, "q_i", "q_i", "query of the atom", h_i, module.lin_query, "W_q", module)
        key = heads(
            ledger, "k_j", "k_j", "key of the neighbour", h_j, module.lin_key, "W_k", module
        )
        z_e = bond_heads(ledger, module, bond) if bond is not None else None
        if z_e is not None:
            key = ledger.derive("k_ij", "k_ij", "key plus bond", "add", key, z_e)
        dots = ledger.derive("q·k", "q_i·k_j", "query times key", "dot", q_i, key, axes=("head",))
        logit = scaled(ledger, "logit", "l_ij", dots, module.out_channels)
        alpha = share(ledger, logit, propagation.alpha)
    with ledger.step("message", 0):
        value = heads(
            ledger, "v_j", "v_j", "value of the neighbour", h_j, module.lin_value, "W_v", module
        )
        if z_e is not None:
            value = ledger.derive("v_ij", "v_ij", "value plus bond", "add", value, z_e)
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, value,
            recorded=propagation.messages, axes=HEADS,
        )  # fmt: skip
    gathered = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return _with_own_state(ledger, call, together(ledger, module, gathered))


def _with_own_state(ledger: Ledger, call: LayerCall, heard: str) -> str:
    """The own state added, or mixed in by a gate: β h_i W + (1 - β) a_i."""
    module: Any = call.module
    words = "layer", "c_i", "what the layer gives"
    if not module.root_weight:
        return ledger.derive(*words, "add", heard, recorded=call.output)
    own = linear(ledger, "own", "r_i", "own state through W", call.state, module.lin_skip, "W")
    if module.lin_beta is None:
        return ledger.derive(*words, "add", heard, own, recorded=call.output)
    minus = ledger.weight("minus", "−1", "minus one", -1.0, ("",))
    less = ledger.derive("-own", "−r_i", "less the own state", "multiply", own, minus, shown=False)
    gap = ledger.derive("gap", "a_i−r_i", "what differs", "add", heard, less, shown=False)
    all_three = ledger.derive(
        "three", "[a, r, a−r]", "the three end to end", "concatenate", heard, own, gap, shown=False
    )
    score = linear(
        ledger, "score", "s_i", "score of the gate", all_three, module.lin_beta, "W_β", shown=False
    )
    gate = ledger.derive("beta", "β_i", "gate: share of the own state", "sigmoid", score)
    return ledger.derive(*words, "interpolate", gate, heard, own, recorded=call.output)
