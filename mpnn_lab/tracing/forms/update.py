"""Normalisation, activation and update of a round: U_t of Gilmer et al. (2017)."""

from __future__ import annotations

from typing import Any

from torch import nn

from mpnn_lab.nn.updates import DenseUpdate, GRUUpdate, MLPUpdate, NoUpdate, ResidualUpdate
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


def gru(
    ledger: Ledger, cell: nn.GRUCell, m: str, h: str, recorded: Any, symbol: str,
    name: str = "state",
) -> str:  # fmt: skip
    """Reset gate r, update gate z, candidate n, and the new state between n and h.

    The result is called `name`; so begin the gates' names, but for the round's state, where they
    begin with ``gru``.
    """
    within = "gru " if name == "state" else f"{name} "
    r = _gate(ledger, cell, 0, "r", "reset gate", m, h, within)
    z = _gate(ledger, cell, 1, "z", "update gate: how much of h stays", m, h, within)
    from_m, from_h = _halves(ledger, cell, 2, "n", m, h, within)
    kept = ledger.derive(
        f"{within}n kept", "r·(hU_n)_i", "own part, reset", "multiply", r, from_h, shown=False
    )
    total = ledger.derive(
        f"{within}n sum", "n̂_i", "candidate before tanh", "add", from_m, kept, shown=False
    )
    n = ledger.derive(f"{within}n", "n_i", "candidate", "tanh", total)
    return ledger.derive(
        name, symbol, "new state: (1 − z) n + z h", "interpolate", z, n, h, recorded=recorded
    )


def _gate(
    ledger: Ledger, cell: nn.GRUCell, part: int, letter: str, label: str, m: str, h: str,
    within: str,
) -> str:  # fmt: skip
    halves = _halves(ledger, cell, part, letter, m, h, within)
    total = ledger.derive(
        f"{within}{letter} sum",
        f"{letter}̂_i",
        f"{label}, before sigmoid",
        "add",
        *halves,
        shown=False,
    )
    return ledger.derive(f"{within}{letter}", f"{letter}_i", label, "sigmoid", total)


def _halves(
    ledger: Ledger, cell: nn.GRUCell, part: int, letter: str, m: str, h: str, within: str
) -> tuple[str, str]:
    """The message's and the state's contribution to one gate."""
    names = []
    for source, word, weight, bias, side in (
        (m, "message", cell.weight_ih, cell.bias_ih, "W"),
        (h, "state", cell.weight_hh, cell.bias_hh, "U"),
    ):
        key = f"{within}{letter} from {word}"
        w = ledger.weight(
            f"{key} weight", f"{side}_{letter}", "weights", weight.chunk(3)[part].T, ("in", "out")
        )
        args = [source, w]
        if bias is not None:
            args.append(
                ledger.weight(f"{key} bias", "b", "bias", bias.chunk(3)[part], ("channel",))
            )
        symbol = f"({word[0]}{side}_{letter})_i".replace("s", "h")
        names.append(ledger.derive(key, symbol, f"{word}'s part", "linear", *args, shown=False))
    return names[0], names[1]
