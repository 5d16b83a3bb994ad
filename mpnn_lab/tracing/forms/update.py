"""Normalisation, activation and update of a round: U_t of Gilmer et al. (2017)."""

from __future__ import annotations

from typing import Any

from mpnn_lab.nn.updates import DenseUpdate, GRUUpdate, MLPUpdate, NoUpdate, ResidualUpdate
from mpnn_lab.tracing.forms.gru import gru
from mpnn_lab.tracing.forms.norms import norm
from mpnn_lab.tracing.forms.parts import ACTIVATIONS, chain
from mpnn_lab.tracing.ledger import Ledger


def before_layer(
    ledger: Ledger, round_: Any, state: str, recorded: Any, normalised: Any = None
) -> str:
    """The states as a layer meets them whose activation comes first (the block res+)."""
    if round_.norm is not None:
        state = norm(ledger, round_.norm.module, state, state, normalised)
    op = ACTIVATIONS.get(type(round_.activation), "add")
    with ledger.step("gather", 0):
        return ledger.derive(
            "entered", "x_i", "state as the layer meets it", op, state, recorded=recorded
        )


def update(
    ledger: Ledger, round_: Any, layer: str, state: str, recorded: Any, symbol: str,
    normalised: Any = None,
) -> str:  # fmt: skip
    """From what the layer gives to the round's new state, which is called `symbol`.

    `normalised` is what the round's normalisation gave, where it has one and it was recorded.
    """
    if round_.norm is not None and not round_.before:
        layer = norm(ledger, round_.norm.module, layer, state, normalised)
    with ledger.step("update"):
        last = type(round_.update) is NoUpdate
        op = None if round_.before else ACTIVATIONS.get(type(round_.activation))
        m = layer
        if op is not None:
            name = op.replace("relu", "ReLU").replace("silu", "SiLU").replace("elu", "ELU")
            m = ledger.derive(
                "state" if last else "activated", symbol if last else "m_i",
                f"new state, {name}" if last else f"through {name}",
                op, layer, recorded=recorded if last else None,
            )  # fmt: skip
        elif last:
            m = ledger.derive("state", symbol, "new state", "add", layer, recorded=recorded)
        if last:
            return m
        if type(round_.update) is ResidualUpdate:
            return ledger.derive("state", symbol, "new state", "add", state, m, recorded=recorded)
        if type(round_.update) is DenseUpdate:
            label = "new state: the old one and what was heard, end to end"
            return ledger.derive("state", symbol, label, "concatenate", state, m, recorded=recorded)
        if type(round_.update) is MLPUpdate:
            both = ledger.derive("state and message", "[h, m]_i", "state and message, end to end",
                                 "concatenate", state, m)  # fmt: skip
            return chain(ledger, "state", symbol, "new state", round_.update.mlp, both, recorded)
        assert type(round_.update) is GRUUpdate
        return gru(ledger, round_.update.cell, m, state, recorded, symbol)
