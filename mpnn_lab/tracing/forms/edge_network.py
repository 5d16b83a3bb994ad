"""The edge network (NNConv): m_ij = h_j · W(e_ij), Gilmer et al. 2017, eq. 5."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather, layer_output
from mpnn_lab.tracing.ledger import Ledger


def edge_network(ledger: Ledger, call: LayerCall) -> str:
    """Gather, look the bond's matrix up, multiply, aggregate, add the atom's own share."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("edge matrix", 0):
        table = _matrices(ledger, call)
        w_ij = ledger.derive("W_ij", "W_ij", "the bond's own matrix", "of_kind", table)
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "linear", h_j, w_ij, recorded=propagation.messages
        )
    total = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return _own_share(ledger, call, total)


def _matrices(ledger: Ledger, call: LayerCall) -> str:
    """W = NN(e) for each kind of bond: the network's own arithmetic, row by row."""
    module: Any = call.module
    features = call.propagations[0].kwargs.get("edge_attr")
    assert call.table is not None
    named = ("matrices", "W", "matrix of the bond's kind")
    kinds, first = np.unique(call.kind, return_index=True)
    if features is None or len(kinds) != len(call.table):
        return ledger.recorded(*named, call.table, "kind", ("in", "out"), shown=False)
    rows = features[torch.as_tensor(first)]
    e = ledger.recorded(
        "e", "e", "features of the bond's kind", rows, "kind", ("feature",), shown=False
    )
    flat = chain(
        ledger, "NN(e)", "NN(e)", "what the edge network gives", module.nn, e,
        call.table.reshape(len(call.table), np.prod(call.table.shape[1:])), shown=False,
    )  # fmt: skip
    return ledger.derive(
        *named, "split_heads", flat, recorded=call.table, axes=("in", "out"),
        constants={"heads": call.table.shape[1]}, shown=False,
    )  # fmt: skip


def _own_share(ledger: Ledger, call: LayerCall, total: str) -> str:
    module: Any = call.module
    terms = [total]
    if module.root_weight:
        theta = ledger.weight(
            "root weight", "Θ", "root weights", module.lin.weight.T, ("in", "out")
        )
        terms.append(
            ledger.derive("root", "(hΘ)_i", "own state through Θ", "linear", call.state, theta)
        )
    return layer_output(ledger, module, terms, call.output)
