"""Jumping knowledge: an atom's states after all rounds as one (Xu et al. 2018)."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from mpnn_lab.tracing.forms.lstm import lstm_step
from mpnn_lab.tracing.ledger import Ledger

LABELS = {
    "cat": "the states after all rounds, end to end",
    "max": "the largest of each channel over the rounds",
    "lstm": "the states after all rounds, each by its attention",
}


def jumping(ledger: Ledger, module: Any, states: list[str], recorded: Any) -> str:
    """One state for each atom, from those after round 1, 2, ..."""
    with ledger.step("jumping knowledge"):
        label = LABELS[module.mode]
        if module.mode == "lstm":
            return _attention(ledger, module, states, label, recorded)
        op = "concatenate" if module.mode == "cat" else "maximum"
        return ledger.derive("state", "h_i", label, op, *states, recorded=recorded)  # type: ignore[arg-type]


def _attention(ledger: Ledger, module: Any, states: list[str], label: str, recorded: Any) -> str:
    """An LSTM reads the rounds forth and back; its outputs say how much each round counts."""
    hidden = partial(ledger.derive, shown=False)
    count = range(len(states))
    forth = _read(ledger, module.lstm, states, "→", "")
    back = _read(ledger, module.lstm, states[::-1], "←", "_reverse")[::-1]
    w = ledger.weight("att weight", "a", "weights", module.att.weight.T, ("in", "out"))
    b = ledger.weight("att bias", "b", "bias", module.att.bias, ("channel",))
    scores = []
    for t in count:
        both = hidden(f"read{t + 1}", f"q_{t + 1}", "read forth and back", "concatenate",
                      forth[t], back[t])  # fmt: skip
        scores.append(hidden(f"e{t + 1}", f"e_{t + 1}", f"score of round {t + 1}", "linear",
                             both, w, b))  # fmt: skip
    e = hidden("scores", "e", "scores of the rounds", "concatenate", *scores, axes=("round",))
    alpha = ledger.derive("alpha", "α", "attention to each round", "softmax_channels", e,
                          axes=("round",))  # fmt: skip
    parts = []
    for t in count:
        pick = ledger.weight(f"pick {t + 1}", f"1_{t + 1}", f"takes round {t + 1}",
                             torch.eye(len(states))[:, t : t + 1], ("in", "out"))  # fmt: skip
        own = hidden(f"alpha {t + 1}", f"α_{t + 1}", f"attention to round {t + 1}", "linear",
                     alpha, pick)  # fmt: skip
        parts.append(hidden(f"part {t + 1}", f"α_{t + 1} h", f"part of round {t + 1}", "multiply",
                            states[t], own, axes=("channel",)))  # fmt: skip
    return ledger.derive("state", "h_i", label, "add", *parts, recorded=recorded)


def _read(ledger: Ledger, lstm: Any, states: list[str], way: str, suffix: str) -> list[str]:
    """What the LSTM gives at each of the states, in the order in which it reads them."""
    nothing = torch.zeros(ledger.ground.nodes, lstm.hidden_size)
    q = ledger.recorded(f"q{way}0", "q_0", "nothing read yet", nothing, "node", shown=False)
    c = ledger.recorded(f"c{way}0", "c_0", "empty memory", nothing, "node", shown=False)
    read = []
    for t, state in enumerate(states, 1):
        q, c = lstm_step(ledger, lstm, f"{way}{t}", state, q, c, f"read so far, step {t}",
                         words="the state", suffix=suffix, shown=False)  # fmt: skip
        read.append(q)
    return read
