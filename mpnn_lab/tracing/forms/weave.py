"""WeaveConv: atoms and bonds both have states, Kearnes et al. 2016."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import bond, receiver
from mpnn_lab.tracing.forms.parts import aggregate, linear
from mpnn_lab.tracing.ledger import Ledger

EDGE_STATE = "edge state"
"""What the states of the edges after the round are called."""


def weave(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = e_ij; then both updates of Gilmer et al. 2017, section 2."""
    module: Any = call.module
    with ledger.step("message", 0):
        e_ij = bond(ledger, call)
        assert e_ij is not None
        m_ij = ledger.derive(
            "message", "m_ij", "message: the bond's state", "add", e_ij,
            recorded=call.propagations[0].messages,
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        own = _rectified(ledger, "own", "αhW_i", "own state", call.state, module.lin_0, "W_0")
        z_i = ledger.derive(
            "z_i", "z_i", "own state and messages", "concatenate", own, total, shown=False
        )
        out = _rectified(
            ledger, "layer", "c_i", "what the layer gives", z_i, module.lin_1, "W_1", call.output
        )
    _edges(ledger, call, e_ij)
    return out


def _edges(ledger: Ledger, call: LayerCall, e_ij: str) -> None:
    """e_ij' = α([α(e_ij W_2), α([h_i, h_j] W_3)] W_4)."""
    module: Any = call.module
    with ledger.step("edge update", 0):
        h_i = receiver(ledger, call)
        h_j = ledger.derive("h_j", "h_j", "neighbour's state", "source", call.state)
        pair = ledger.derive("pair", "[h_i, h_j]", "both atoms", "concatenate", h_i, h_j)
        own = _rectified(ledger, "bond", "αeW_ij", "bond's state", e_ij, module.lin_2, "W_2")
        ends = _rectified(ledger, "ends", "αhW_ij", "both its atoms", pair, module.lin_3, "W_3")
        z_ij = ledger.derive("z_ij", "z_ij", "bond and atoms", "concatenate", own, ends,
                             shown=False)  # fmt: skip
        _rectified(
            ledger, EDGE_STATE, "e'_ij", "bond's new state", z_ij, module.lin_4, "W_4",
            call.edge_output,
        )  # fmt: skip


def _rectified(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, module: Any, letter: str,
    recorded: Any = None,
) -> str:  # fmt: skip
    """ReLU(x W)."""
    index = symbol.rpartition("_")[2]
    inner = linear(ledger, f"{name} before ReLU", f"s^{{{letter[2:]}}}_{index}",
                   f"{label}, before ReLU", x, module, letter)  # fmt: skip
    return ledger.derive(name, symbol, label, "relu", inner, recorded=recorded)
