"""FastRGCNConv: m_ij = h_j · W_r, r the bond's type, Schlichtkrull et al. 2018, eq. 2."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import gather, layer_output
from mpnn_lab.tracing.ledger import Ledger


def fast_relations(ledger: Ledger, call: LayerCall) -> str:
    """The type's matrix, the product, the sum (or mean) within each type, the own state."""
    module: Any = call.module
    record = call.propagations[0]
    if call.table is None or module.aggr not in ("add", "sum", "mean"):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("edge matrix", 0):
        table = _matrices(ledger, call)
        w_ij = ledger.derive("W_ij", "W_ij", "the bond type's matrix", "of_kind", table)
    with ledger.step("message", 0):
        m_ij = ledger.derive(
            "message", "m_ij", "message", "linear", h_j, w_ij, recorded=record.messages
        )
    with ledger.step("aggregate", 0):
        if module.aggr == "mean":
            share = ledger.recorded(
                "share", "1/n_ir", "one over the neighbours by this type", _shares(ledger), "edge",
                (), shown=False,
            )  # fmt: skip
            total = ledger.derive(
                "aggregate", "a_i", "mean of each type's messages, summed",
                "weighted_sum_incoming", share, m_ij, recorded=record.aggregated,
            )  # fmt: skip
        else:
            total = ledger.derive(
                "aggregate", "a_i", "sum of the messages", "sum_incoming", m_ij,
                recorded=record.aggregated,
            )  # fmt: skip
    with ledger.step("update"):
        terms = [total]
        if module.root is not None:
            root = ledger.weight("root weight", "U", "weights", module.root, ("in", "out"))
            terms.append(
                ledger.derive("own", "(hU)_i", "own state through U", "linear", call.state, root)
            )
        return layer_output(ledger, module, terms, call.output)


def _matrices(ledger: Ledger, call: LayerCall) -> str:
    """W_r of each type that occurs: a parameter, or a mixture of bases (eq. 3)."""
    module: Any = call.module
    named = ("matrices", "W", "matrix of the bond's type")
    if module.num_bases is None:
        return ledger.recorded(*named, call.table, "kind", ("in", "out"), shown=False)
    assert call.table is not None
    kinds = torch.unique(call.propagations[0].kwargs["edge_type"])
    shares = ledger.recorded(
        "a_rb", "a_r", "each basis' share of the type", module.comp[kinds], "kind", ("base",),
        shown=False,
    )  # fmt: skip
    bases = ledger.weight("V", "V", "bases", module.weight.flatten(1), ("in", "out"))
    flat = ledger.derive("aV", "(aV)_r", "mixture of the bases", "linear", shares, bases,
                         shown=False)  # fmt: skip
    return ledger.derive(
        *named, "split_heads", flat, axes=("in", "out"), shown=False,
        constants={"heads": call.table.shape[1]},
    )  # fmt: skip


def _shares(ledger: Ledger) -> Any:
    """For each edge, one over the edges of its type that reach the same atom."""
    ground = ledger.ground
    key = ground.target * (int(ground.kind.max(initial=0)) + 1) + ground.kind
    return 1.0 / np.bincount(key)[key] if len(key) else np.zeros(0)
