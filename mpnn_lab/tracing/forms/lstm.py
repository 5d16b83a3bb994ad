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
    *, words: str = "the last question", suffix: str = "", shown: bool = True,
) -> tuple[str, str]:  # fmt: skip
    """From the input x, the last output q and the memory c to the next output and memory.

    `t` numbers the step in every name, `label` says what the output is and `words` what x is;
    `suffix` ends the names of the weights, such as ``"_reverse"``.
    """
    hidden = partial(ledger.derive, shown=False)
    gate = {
        letter: _gate(ledger, lstm, part, letter, op, t, x, q, words, suffix)
        for part, (letter, op) in enumerate(GATES)
    }
    kept = hidden(f"kept{t}", f"(fc)_{t}", "memory that stays", "multiply", gate["f"], c)
    new = hidden(f"new{t}", f"(ig)_{t}", "memory that comes", "multiply", gate["i"], gate["g"])
    c = hidden(f"c{t}", f"c_{t}", "memory", "add", kept, new)
    bent = hidden(f"tanh c{t}", f"tanh c_{t}", "memory, through tanh", "tanh", c)
    name = ledger.derive(f"q{t}", f"q_{t}", label, "multiply", gate["o"], bent, shown=shown)
    return name, c


def _gate(
    ledger: Ledger, lstm: Any, part: int, letter: str, op: Op, t: str, x: str, q: str,
    words: str, suffix: str,
) -> str:  # fmt: skip
    hidden = partial(ledger.derive, shown=False)
    halves = []
    for source, side, said in ((x, "ih", words), (q, "hh", "its own state")):
        key = f"{letter}{t} {side}"
        weight = getattr(lstm, f"weight_{side}_l0{suffix}").chunk(4)[part].T
        bias = getattr(lstm, f"bias_{side}_l0{suffix}").chunk(4)[part]
        w = ledger.weight(f"{key} weight", f"W_{letter}", "weights", weight, ("in", "out"))
        b = ledger.weight(f"{key} bias", "b", "bias", bias, ("channel",))
        label = f"LSTM gate {letter}, from {said}"
        halves.append(hidden(key, f"{letter}_{t}", label, "linear", source, w, b))
    total = hidden(
        f"{letter}{t} sum", f"{letter}̂_{t}", f"LSTM gate {letter}, before bending", "add", *halves
    )
    return hidden(f"{letter}{t}", f"{letter}_{t}", f"LSTM gate {letter}", op, total)
