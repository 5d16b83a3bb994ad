"""RGCNConv and FastRGCNConv: a matrix for each type of bond, Schlichtkrull et al. 2018, eq. 2."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate_at, gather, layer_output, numbered
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
    return _ended(ledger, call, [total])


def relations(ledger: Ledger, call: LayerCall) -> str:
    """RGCNConv: m_ij = h_j along each type's edges; the aggregates through W_r; their sum.

    PyG multiplies what has been aggregated, which comes to the same for a sum or a mean.
    """
    module: Any = call.module
    if len(call.propagations) != module.num_relations or any(
        record.kwargs.get("edge_type_ptr") is not None for record in call.propagations
    ):
        return generic(ledger, call)  # all types in one product
    totals = []
    table = relation_matrices(module)
    names = [name or "all bonds" for name in call.relations]
    for r, (name, record) in enumerate(zip(names, call.propagations, strict=True)):
        with ledger.on(call.grounds[r]):
            h_j = gather(ledger, call.state, r)
            with ledger.step("message", r):
                m_ij = ledger.derive(
                    numbered("message", r), "m_ij", f"message along {name}", "add", h_j,
                    recorded=record.messages, axes=("channel",),
                )  # fmt: skip
            totals.append(aggregate_at(ledger, module, m_ij, record.aggregated, r))
    terms = []
    with ledger.step("update"):
        for r, (name, total) in enumerate(zip(names, totals, strict=True)):
            # The type's name in its letters: "single" of "single bonds".
            short = name.removesuffix(" bonds")
            w = ledger.weight(f"W {r}", f"W^{{{short}}}", f"matrix of {name}", table[r],
                              ("in", "out"))  # fmt: skip
            words = f"what came along {name}, through its matrix"
            terms.append(ledger.derive(f"heard {r}", f"u^{{{short}}}_i", words, "linear", total, w))
    return _ended(ledger, call, terms)


def relation_matrices(module: Any) -> torch.Tensor:
    """W_r of every type, [types, in, out] in float64: parameters, mixed of bases, or of blocks."""
    weight: torch.Tensor = module.weight.detach().double()
    if module.num_bases is not None:
        return torch.einsum("rb,bio->rio", module.comp.detach().double(), weight)
    if module.num_blocks is not None:
        return torch.stack([torch.block_diag(*blocks) for blocks in weight])
    return weight


def _ended(ledger: Ledger, call: LayerCall, terms: list[str]) -> str:
    """The own state and the bias added."""
    module: Any = call.module
    with ledger.step("update"):
        if module.root is not None:
            root = ledger.weight("root weight", "U", "weights", module.root, ("in", "out"))
            terms.append(
                ledger.derive("own", "u^{own}_i", "own state through U", "linear", call.state, root)
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
