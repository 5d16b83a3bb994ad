"""The message functions of Gilmer et al. 2017, section 2 and 5, and GIN with bonds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mpnn_lab.nn.convs import (
    EdgeGINConv,
    FingerprintConv,
    InteractionConv,
    MatrixMultiplicationConv,
    PairMessageConv,
    TensorConv,
    WeaveConv,
)
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import bond, receiver
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather, linear
from mpnn_lab.tracing.forms.plain import own_and_heard
from mpnn_lab.tracing.forms.weave import weave
from mpnn_lab.tracing.ledger import Ledger


def matrix_multiplication(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = h_j · A_e, A the matrix of the edge's label (Li et al. 2016)."""
    record = call.propagations[0]
    assert call.table is not None
    h_j = gather(ledger, call.state)
    with ledger.step("edge matrix", 0):
        table = ledger.recorded(
            "matrices", "A", "matrix of the bond's type", call.table, "kind", ("in", "out"),
            shown=False,
        )  # fmt: skip
        a_ij = ledger.derive("A_ij", "A_ij", "the bond type's matrix", "of_kind", table)
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "linear", h_j, a_ij, recorded=record.messages
        )
    return _as_heard(ledger, call, m_ij)


def pair_message(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = f([h_j, h_i, e_ij]), a network over both ends and the bond (section 5.1)."""
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        z_ij = _both_ends(ledger, call, h_j, "[h_j, h_i, e_ij]")
        m_ij = chain(
            ledger, "message", "m_ij", "message", module.nn, z_ij, call.propagations[0].messages
        )
    return _as_heard(ledger, call, m_ij)


def interaction(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = M([h_i, h_j, e_ij]), h_i' = U([h_i, x_i, m_i]) (Battaglia et al. 2016)."""
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        z_ij = _both_ends(ledger, call, h_j, "[h_i, h_j, e_ij]", receiver_first=True)
        m_ij = chain(
            ledger, "message", "m_ij", "message", module.message_nn, z_ij,
            call.propagations[0].messages,
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        effect = ledger.recorded(
            "x_i", "x_i", "outside effect: the first state", call.given["x_0"], "node"
        )
        z_i = ledger.derive(
            "z_i", "[h_i, x_i, a_i]", "state, effect and messages", "concatenate", call.state,
            effect, total, shown=False,
        )  # fmt: skip
        return chain(
            ledger, "layer", "c_i", "what the layer gives", module.update_nn, z_i, call.output
        )


def tensor(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = tanh(((h_j W_cf + b_1) ⊙ (e_ij W_df + b_2)) W_fc) (Schütt et al. 2017)."""
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        e_ij = bond(ledger, call, shown=False)
        assert e_ij is not None
        c_j = linear(ledger, "c_j", "c_j", "neighbour's factors", h_j, module.lin_cf, "W_cf")
        d_ij = linear(ledger, "d_ij", "d_ij", "bond's factors", e_ij, module.lin_df, "W_df")
        f_ij = ledger.derive("f_ij", "f_ij", "multiplied", "multiply", c_j, d_ij)
        mixed = linear(ledger, "g_ij", "g_ij", "mixed", f_ij, module.lin_fc, "W_fc", shown=False)
        m_ij = ledger.derive(
            "message", "m_ij", "message", "tanh", mixed, recorded=call.propagations[0].messages
        )
    return _as_heard(ledger, call, m_ij)


def fingerprint(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = [h_j, e_ij], h_i' = σ(m_i H_d), d the neighbours of i (Duvenaud et al. 2015).

    Each degree's product is computed for every atom, and multiplied by 1 where it is the atom's.
    """
    module: Any = call.module
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        e_ij = bond(ledger, call)
        assert e_ij is not None
        m_ij = ledger.derive(
            "message", "m_ij", "message: state and bond", "concatenate", h_j, e_ij,
            recorded=call.propagations[0].messages,
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    neighbours = np.bincount(ledger.ground.target, minlength=ledger.ground.nodes)
    degrees = np.clip(neighbours, 1, module.max_degree)
    with ledger.step("update"):
        terms = []
        for d in np.unique(degrees):
            words = f"of degree {d}"
            heard = linear(
                ledger, f"heard {d}", f"(aH_{d})_i", f"what was heard, {words}", total,
                module.lins[d - 1], f"H_{d}", shown=False,
            )  # fmt: skip
            here = ledger.recorded(
                f"has {d}", f"[d_i = {d}]", f"1 for atoms {words}", degrees == d, "node", (),
                shown=False,
            )  # fmt: skip
            label = f"for atoms {words}"
            terms.append(ledger.derive(f"term {d}", f"t_{d}", label, "multiply", here, heard))
        both = ledger.derive("before sigmoid", "(aH)_i", "before the sigmoid", "add", *terms)
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "sigmoid", both, recorded=call.output
        )


def edge_gin(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = w_ij ReLU(h_j + e_ij W_e + b_e), h_i' = MLP((1 + ε) h_i + Σ m_ij)."""
    module: Any = call.module
    record = call.propagations[0]
    m_ij = gather(ledger, call.state)
    weight = record.kwargs.get("edge_weight")
    with ledger.step("message", 0):
        e_ij = bond(ledger, call, shown=False)
        if e_ij is not None:
            vector = linear(ledger, "bond", "(eW)_ij", "bond as a vector", e_ij, module.lin, "W_e")
            both = ledger.derive("sum", "s_ij", "neighbour plus bond", "add", m_ij, vector)
            last = {"recorded": record.messages} if weight is None else {"shown": False}
            name = "message" if weight is None else "rectified"
            m_ij = ledger.derive(name, "m_ij", "message", "relu", both, **last)
        if weight is not None:
            w_ij = ledger.recorded("w_ij", "w_ij", "edge weight", weight, "edge", (), shown=False)
            m_ij = ledger.derive(
                "message", "m_ij", "message", "multiply", w_ij, m_ij, recorded=record.messages,
                axes=("channel",),
            )  # fmt: skip
        elif e_ij is None:
            m_ij = ledger.derive("message", "m_ij", "message", "add", m_ij,
                                 recorded=record.messages)  # fmt: skip
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        return own_and_heard(ledger, call, total, module)


def _both_ends(
    ledger: Ledger, call: LayerCall, h_j: str, symbol: str, *, receiver_first: bool = False
) -> str:
    h_i, e_ij = receiver(ledger, call), bond(ledger, call, shown=False)
    assert e_ij is not None
    ends = (h_i, h_j) if receiver_first else (h_j, h_i)
    return ledger.derive(
        "z_ij", symbol, "both atoms and the bond", "concatenate", *ends, e_ij, shown=False
    )


def _as_heard(ledger: Ledger, call: LayerCall, m_ij: str) -> str:
    """What the layer gives is the aggregate itself."""
    total = aggregate(ledger, call.module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, recorded=call.output
        )


FORMS: dict[type, Callable[..., str]] = {
    MatrixMultiplicationConv: matrix_multiplication,
    PairMessageConv: pair_message,
    InteractionConv: interaction,
    TensorConv: tensor,
    FingerprintConv: fingerprint,
    WeaveConv: weave,
    EdgeGINConv: edge_gin,
}
