"""Readouts: sum and mean over the atoms, and set2set (Vinyals et al. 2015, section 4.2)."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch_geometric.nn import aggr

from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.forms import readouts
from mpnn_lab.tracing.forms.aggregation import known, reduction
from mpnn_lab.tracing.ledger import Ledger

GATES: tuple[tuple[str, Op], ...] = (
    ("i", "sigmoid"), ("f", "sigmoid"), ("g", "tanh"), ("o", "sigmoid"),
)  # fmt: skip


def readout(
    ledger: Ledger, module: Any, state: str, recorded: Any, given: readouts.Given | None = None
) -> str:
    """One vector for the whole molecule; `given` names what was read beside the last states."""
    with ledger.step("readout"):
        if type(module) in readouts.FORMS:
            return readouts.FORMS[type(module)](ledger, module, state, recorded, given)
        if type(module) is readouts.TUPLES:
            state = readouts.tuples(ledger, module, state, given or {})
            module = module.set2set
        if known(module):
            return reduction(ledger, module, state, "nodes", "readout", "q", recorded)
        if type(module) is aggr.Set2Set and module.lstm.num_layers == 1 and module.lstm.bias:
            return set2set(ledger, module, state, recorded)
        reason = f"no arithmetic is written down for {type(module).__name__}"
        ledger.cannot_check("readout", reason)
        return ledger.recorded("readout", "q", "readout", recorded, "graph")


def set2set(ledger: Ledger, module: Any, state: str, recorded: Any) -> str:
    """An LSTM asks (q), every atom answers (e), a softmax shares (a), the answers are mixed (r)."""
    asked, q, c = _beginning(ledger, module.in_channels)
    derive, hidden = ledger.derive, partial(ledger.derive, shown=False)
    steps = module.processing_steps
    for t in range(1, steps + 1):
        q, c = _lstm(ledger, module.lstm, t, asked, q, c)
        q_i = hidden(f"q{t}_i", f"q_{t}", f"question {t}, for every atom", "of_graph", q)
        e = hidden(f"e{t}", f"e_{t}", f"answer to question {t}: h · q", "dot", state, q_i, axes=())
        a = derive(f"a{t}", f"a_{t}", f"attention to the atom, step {t}", "softmax_nodes", e)
        r = derive(f"r{t}", f"r_{t}", f"what was heard, step {t}", "weighted_sum_nodes", a, state)
        name, given = (f"q*{t}", None) if t < steps else ("readout", recorded)
        label = "question and answer together"
        asked = derive(
            name, f"q*_{t}", label, "concatenate", q, r, recorded=given, shown=t == steps
        )
    return asked


def _beginning(ledger: Ledger, width: int) -> tuple[str, str, str]:
    """Nothing asked, no question, an empty memory."""
    graphs = ledger.ground.graphs
    return (
        ledger.recorded(
            "q*0", "q*_0", "nothing asked yet", torch.zeros(graphs, 2 * width), "graph", shown=False
        ),
        ledger.recorded(
            "q0", "q_0", "no question yet", torch.zeros(graphs, width), "graph", shown=False
        ),
        ledger.recorded(
            "c0", "c_0", "empty memory", torch.zeros(graphs, width), "graph", shown=False
        ),
    )


def _lstm(ledger: Ledger, lstm: Any, t: int, x: str, q: str, c: str) -> tuple[str, str]:
    """One step of torch's LSTM: the next question and memory."""
    hidden = partial(ledger.derive, shown=False)
    gate = {
        letter: _gate(ledger, lstm, part, letter, op, t, x, q)
        for part, (letter, op) in enumerate(GATES)
    }
    kept = hidden(f"kept{t}", f"(fc)_{t}", "memory that stays", "multiply", gate["f"], c)
    new = hidden(f"new{t}", f"(ig)_{t}", "memory that comes", "multiply", gate["i"], gate["g"])
    c = hidden(f"c{t}", f"c_{t}", "memory", "add", kept, new)
    bent = hidden(f"tanh c{t}", f"tanh c_{t}", "memory, through tanh", "tanh", c)
    return ledger.derive(f"q{t}", f"q_{t}", f"question {t}", "multiply", gate["o"], bent), c


def _gate(ledger: Ledger, lstm: Any, part: int, letter: str, op: Op, t: int, x: str, q: str) -> str:
    hidden = partial(ledger.derive, shown=False)
    halves = []
    for source, side, words in ((x, "ih", "the last question"), (q, "hh", "its own state")):
        key = f"{letter}{t} {side}"
        weight = getattr(lstm, f"weight_{side}_l0").chunk(4)[part].T
        bias = getattr(lstm, f"bias_{side}_l0").chunk(4)[part]
        w = ledger.weight(f"{key} weight", f"W_{letter}", "weights", weight, ("in", "out"))
        b = ledger.weight(f"{key} bias", "b", "bias", bias, ("channel",))
        label = f"LSTM gate {letter}, from {words}"
        halves.append(hidden(key, f"{letter}_{t}", label, "linear", source, w, b))
    total = hidden(
        f"{letter}{t} sum", f"{letter}̂_{t}", f"LSTM gate {letter}, before bending", "add", *halves
    )
    return hidden(f"{letter}{t}", f"{letter}_{t}", f"LSTM gate {letter}", op, total)
