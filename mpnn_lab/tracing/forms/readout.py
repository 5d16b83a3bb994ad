"""Readouts: plain aggregations, one attention, and set2set (Vinyals et al. 2015, section 4.2)."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch_geometric.nn import aggr

from mpnn_lab.nn.clustering import MinCutPool
from mpnn_lab.tracing.forms import readouts
from mpnn_lab.tracing.forms.aggregation import known, reduction
from mpnn_lab.tracing.forms.lstm import lstm_step
from mpnn_lab.tracing.forms.parts import chain, linear
from mpnn_lab.tracing.ledger import Ledger


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
        if type(module) is aggr.AttentionalAggregation:
            return attentional(ledger, module, state, recorded)
        own = type(getattr(module, "inner", module)).__name__
        reason = f"no arithmetic is written down for {own}"
        ledger.cannot_check("readout", reason)
        return ledger.recorded("readout", "q", "readout", recorded, "graph")


def shares(ledger: Ledger, module: Any, state: str, recorded: Any) -> str:
    """How much of each atom goes into each cluster, where a readout is made by clusters."""
    named = partial(ledger.derive, "share", "S_i", "share of each cluster", axes=("cluster",))
    with ledger.step("readout"):
        pool = getattr(module, "pool", None)
        if type(pool) is MinCutPool:
            logit = linear(ledger, "logit", "l_i", "how well each cluster fits", state, pool.share,
                           "W", shown=False)  # fmt: skip
            return named("softmax_channels", logit, recorded=recorded)
        ledger.cannot_check("share", f"no arithmetic is written down for {type(module).__name__}")
        return named("opaque", state, recorded=recorded)


def attentional(ledger: Ledger, module: Any, state: str, recorded: Any) -> str:
    """R = Σ_i s_i nn(h_i), s the softmax over the atoms of gate_nn(h_i) (Li et al. 2019)."""
    gate = chain(ledger, "gate", "g_i", "before the softmax", module.gate_nn, state, None)
    share = ledger.derive("share", "s_i", "share of the atom", "softmax_nodes", gate)
    value = state
    if module.nn is not None:
        value = chain(ledger, "value", "v_i", "what the atom gives", module.nn, state, None)
    label = "sum over the atoms, each by its share"
    return ledger.derive("readout", "q", label, "weighted_sum_nodes", share, value,
                         recorded=recorded)  # fmt: skip


def set2set(ledger: Ledger, module: Any, state: str, recorded: Any) -> str:
    """An LSTM asks (q), every atom answers (e), a softmax shares (a), the answers are mixed (r)."""
    asked, q, c = _beginning(ledger, module.in_channels)
    derive, hidden = ledger.derive, partial(ledger.derive, shown=False)
    steps = module.processing_steps
    for t in range(1, steps + 1):
        q, c = lstm_step(ledger, module.lstm, str(t), asked, q, c, f"question {t}")
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
