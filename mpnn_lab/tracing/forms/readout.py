"""Readouts: plain aggregations, one attention, and set2set (Vinyals et al. 2015, section 4.2)."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch_geometric.nn import aggr

from mpnn_lab.tracing.forms import clusters, readouts
from mpnn_lab.tracing.forms.aggregation import known, reduction
from mpnn_lab.tracing.forms.lstm import lstm_step
from mpnn_lab.tracing.ledger import Ledger


def readout(
    ledger: Ledger, module: Any, state: str, recorded: Any, given: readouts.Given | None = None,
    share: str | None = None, edges: Any = None,
) -> str:  # fmt: skip
    """One vector for the whole molecule; `given` names what was read beside the last states.

    `share` names the atoms' shares of clusters, where they are shared out, and `edges` [2, E] are
    the bonds that the readout was given.
    """
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
        found = None if share is None else clusters.clustered(
            ledger, module, state, share, recorded, edges
        )  # fmt: skip
        if found is not None:
            return found
        own = type(getattr(module, "inner", module)).__name__
        reason = f"no arithmetic is written down for {own}"
        ledger.cannot_check("readout", reason)
        return ledger.recorded("readout", "q", "readout", recorded, "graph")


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
