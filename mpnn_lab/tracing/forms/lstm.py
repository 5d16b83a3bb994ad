"""One step of torch's LSTM (Hochreiter and Schmidhuber 1997), gate by gate."""

from __future__ import annotations

from functools import partial
from typing import Any

from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.ledger import Ledger

GATES: tuple[tuple[str, Op], ...] = (
    ("i", "sigmoid"), ("f", "sigmoid"), ("g", "tanh"), ("o", "sigmoid"),
)  # fmt: skip


def lstm_step(
    ledger: Ledger, lstm: Any, t: str, x: str, q: str, c: str, label: str,
    *, words: str = "the last question", suffix: str = "", shown: bool = True, within: str = "",
    letter: str = "q", mark: str | None = None,
) -> tuple[str, str]:  # fmt: skip
    """From the input x, the last output q and the memory c to the next output and memory.

    `t` numbers the step in every name, `label` says what the output is and `words` what x is;
    `suffix` ends the names of the weights, such as ``"_reverse"``. All names begin with `within`;
    `letter` is the output's, and `mark` follows the letters where the step's number alone will not
    do. The steps of one LSTM share its weights.
    """
    hidden, m = partial(ledger.derive, shown=False), mark or f"_{t}"
    gate = {
        own: _gate(ledger, lstm, part, own, op, t, x, q, words, suffix, within, m)
        for part, (own, op) in enumerate(GATES)
    }
    kept = hidden(f"{within}kept{t}", f"(fc){m}", "memory that stays", "multiply", gate["f"], c)
    new = hidden(f"{within}new{t}", f"(ig){m}", "memory that comes", "multiply", gate["i"],
                 gate["g"])  # fmt: skip
    c = hidden(f"{within}c{t}", f"c{m}", "memory", "add", kept, new)
    bent = hidden(f"{within}tanh c{t}", f"tanh(c){m}", "memory, through tanh", "tanh", c)
    name = ledger.derive(
        f"{within}{letter}{t}", f"{letter}{m}", label, "multiply", gate["o"], bent, shown=shown
    )
    return name, c


def _gate(
    ledger: Ledger, lstm: Any, part: int, letter: str, op: Op, t: str, x: str, q: str,
    words: str, suffix: str, within: str, mark: str,
) -> str:  # fmt: skip
    hidden = partial(ledger.derive, shown=False)
    halves = []
    for source, side, said in ((x, "ih", words), (q, "hh", "its own state")):
        key = f"{within}{letter} {side}{suffix}"
        weight = getattr(lstm, f"weight_{side}_l0{suffix}").chunk(4)[part].T
        bias = getattr(lstm, f"bias_{side}_l0{suffix}").chunk(4)[part]
        w = ledger.weight_once(f"{key} weight", f"W_{letter}", "weights", weight, ("in", "out"))
        b = ledger.weight_once(f"{key} bias", "b", "bias", bias, ("channel",))
        label = f"LSTM gate {letter}, from {said}"
        half = f"{within}{letter}{t} {side}"
        halves.append(hidden(half, f"{letter}{mark}", label, "linear", source, w, b))
    total = hidden(
        f"{within}{letter}{t} sum", f"{letter}̂{mark}", f"LSTM gate {letter}, before bending", "add",
        *halves,
    )  # fmt: skip
    return hidden(f"{within}{letter}{t}", f"{letter}{mark}", f"LSTM gate {letter}", op, total)
