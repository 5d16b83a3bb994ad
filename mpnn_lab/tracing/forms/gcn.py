"""GCNConv: m_ij = c_ij · (h_j · W), Kipf and Welling 2017, eq. 2."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch_geometric.utils import add_remaining_self_loops

from mpnn_lab.tracing.adjacency import is_plain
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate, gather, layer_output, linear
from mpnn_lab.tracing.ledger import Ledger

NOT_THE_GIVEN = "its edges are not the given ones with self-loops"


def gcn(ledger: Ledger, call: LayerCall) -> str:
    """The degree factor of every edge, the shared matrix, their product, the sum, the bias."""
    module: Any = call.module
    propagation = call.propagations[0]
    h_j = gather(ledger, call.state)
    factor = degree_factor(ledger, call)
    with ledger.step("message", 0):
        z_j = linear(ledger, "z_j", "z_j", "neighbour's state through W", h_j, module.lin, "W")
        factors = [factor, z_j] if factor else [z_j]
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", *factors,
            recorded=propagation.messages, axes=("channel",),
        )  # fmt: skip
    total = aggregate(ledger, module, m_ij, propagation.aggregated)
    with ledger.step("update"):
        return layer_output(ledger, module, [total], call.output)


def _weights(module: Any, call: LayerCall) -> Any:
    """The weight of every edge, self-loops included; None where the edges are unexpected."""
    given, edge_index = call.given.get("edge_weight"), call.given["edge_index"]
    recorded = call.propagations[0]
    if given is None:
        # PyG's `improved` (self-loops of weight 2) comes to nothing unless edge weights are given.
        return np.ones(recorded.edge_index.shape[1])
    if getattr(module, "add_self_loops", False):
        fill = 2.0 if getattr(module, "improved", False) else 1.0
        edge_index, given = add_remaining_self_loops(edge_index, given, fill, len(call.output))
    return given if torch.equal(edge_index, recorded.edge_index) else None


def degree_factor(ledger: Ledger, call: LayerCall) -> str | None:
    """c_ij = w_ij / √(d_i d_j), d_i the sum of the weights that reach i; None without weights.

    For every layer that calls PyG's `gcn_norm`, if its `normalize` says so (or is not there).
    """
    recorded = call.propagations[0].kwargs.get("edge_weight")
    return None if recorded is None else ledger.weighs(factor_of(ledger, call, recorded))


def factor_of(ledger: Ledger, call: LayerCall, recorded: Any) -> str:
    """The same, of weights that PyG put elsewhere."""
    module: Any = call.module
    with ledger.step("gather", 0):
        if not getattr(module, "normalize", True):
            return ledger.recorded("c_ij", "c_ij", "edge weight", recorded, "edge", ())
        cached = getattr(module, "cached", False)
        sparse = not is_plain(call.given["edge_index"])
        weights = None if cached or sparse else _weights(module, call)
        if weights is None:
            why = "it comes from the layer's cache" if cached else NOT_THE_GIVEN
            why = "its weights stand in a sparse adjacency" if sparse else why
            ledger.cannot_check("c_ij", why)
            return ledger.recorded("c_ij", "c_ij", "degree factor", recorded, "edge", ())
        w = ledger.recorded("w_ij", "w_ij", "edge weight", weights, "edge", (), shown=False)
        return symmetric(ledger, w, recorded)


def symmetric(ledger: Ledger, w: str, recorded: Any) -> str:
    """w_ij / √(d_i d_j) of the weights w."""
    with ledger.step("gather", 0):
        d = ledger.derive("degree", "d", "degree, itself included", "sum_incoming", w, shown=False)
        s = ledger.derive(
            "s", "d^-½", "one over its root", "power", d, shown=False, constants={"exponent": -0.5}
        )
        s_j = ledger.derive("s_j", "d_j^-½", "of the neighbour", "source", s)
        s_i = ledger.derive("s_i", "d_i^-½", "of the atom", "target", s)
        return ledger.derive(
            "c_ij", "c_ij", "degree factor", "multiply", s_j, w, s_i, recorded=recorded
        )
