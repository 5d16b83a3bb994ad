"""A gated recurrent unit, gate by gate (Cho et al. 2014, with torch's order of the gates)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from mpnn_lab.tracing.ledger import Ledger


@dataclass(frozen=True)
class Words:
    """How the steps of one unit are called.

    Attributes
    ----------
    given, own : what the two inputs are, and the letters of their symbols.
    subscript : what ends the symbols.
    weights : what begins the names of the weights, where several steps share them.
    shown : whether the lens lists the gates.
    """

    given: tuple[str, str] = ("message", "m")
    own: tuple[str, str] = ("state", "h")
    subscript: str = "_i"
    weights: str = ""
    shown: bool = True


AS_UPDATE = Words()


def gru(
    ledger: Ledger, cell: Any, m: str, h: str, recorded: Any, symbol: str, name: str = "state",
    *, label: str = "new state: (1 − z) n + z h", words: Words = AS_UPDATE, shown: bool = True,
) -> str:  # fmt: skip
    """Reset gate r, update gate z, candidate n, and the new state between n and h.

    The result is called `name`; so begin the gates' names, but for the round's state, where they
    begin with ``gru``.
    """
    within = "gru " if name == "state" else f"{name} "
    hidden = partial(ledger.derive, shown=False)
    stays = f"update gate: how much of {words.own[1]} stays"
    r = _gate(ledger, cell, 0, "r", "reset gate", m, h, within, words)
    z = _gate(ledger, cell, 1, "z", stays, m, h, within, words)
    from_m, from_h = _halves(ledger, cell, 2, "n", m, h, within, words)
    kept = hidden(f"{within}n kept", f"r·({words.own[1]}U_n){words.subscript}", "own part, reset",
                  "multiply", r, from_h)  # fmt: skip
    total = hidden(f"{within}n sum", f"n̂{words.subscript}", "candidate before tanh", "add",
                   from_m, kept)  # fmt: skip
    n = ledger.derive(f"{within}n", f"n{words.subscript}", "candidate", "tanh", total,
                      shown=words.shown)  # fmt: skip
    return ledger.derive(
        name, symbol, label, "interpolate", z, n, h, recorded=recorded, shown=shown
    )


def _gate(
    ledger: Ledger, cell: Any, part: int, letter: str, label: str, m: str, h: str, within: str,
    words: Words,
) -> str:  # fmt: skip
    halves = _halves(ledger, cell, part, letter, m, h, within, words)
    total = ledger.derive(
        f"{within}{letter} sum", f"{letter}̂{words.subscript}", f"{label}, before sigmoid", "add",
        *halves, shown=False,
    )  # fmt: skip
    return ledger.derive(f"{within}{letter}", f"{letter}{words.subscript}", label, "sigmoid", total,
                         shown=words.shown)  # fmt: skip


def _halves(
    ledger: Ledger, cell: Any, part: int, letter: str, m: str, h: str, within: str, words: Words
) -> tuple[str, str]:
    """The message's and the state's contribution to one gate."""
    names = []
    for source, (word, own), key, weight, bias, side in (
        (m, words.given, "message", cell.weight_ih, cell.bias_ih, "W"),
        (h, words.own, "state", cell.weight_hh, cell.bias_hh, "U"),
    ):
        name = f"{within}{letter} from {key}"
        shared = f"{words.weights}{letter} from {key}" if words.weights else name
        w = ledger.weight_once(
            f"{shared} weight",
            f"{side}_{letter}",
            "weights",
            weight.chunk(3)[part].T,
            ("in", "out"),
        )
        args = [source, w]
        if bias is not None:
            b = bias.chunk(3)[part]
            args.append(ledger.weight_once(f"{shared} bias", "b", "bias", b, ("channel",)))
        symbol = f"({own}{side}_{letter}){words.subscript}"
        names.append(ledger.derive(name, symbol, f"{word}'s part", "linear", *args, shown=False))
    return names[0], names[1]
