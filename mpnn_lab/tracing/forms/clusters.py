"""Readouts by clusters, recomputed: who belongs where, and what becomes of the clusters."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mpnn_lab.nn.clustering import DenseReadout, DiffPool, DMoNPool, MemReadout, MinCutPool
from mpnn_lab.tracing.forms.chains import chain, written
from mpnn_lab.tracing.forms.dense import DENSE, knows_dense
from mpnn_lab.tracing.forms.in_one_piece import numbers, through
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.operand import Operand, recorded
from mpnn_lab.tracing.reductions import Index

SELU = 1.0507009873554805, 1.6732632423543772
"""Scale and α of Klambauer et al. 2017, arXiv:1706.02515."""
FIELDS = ("value", "magnitude")
TINY = 1e-15
"""What PyG adds to the roots that it divides by."""


def shares(ledger: Ledger, module: Any, state: str, values: Any, edges: Any) -> str:
    """How much of each atom goes into each cluster; `edges` [2, E] are the bonds."""
    named = partial(ledger.derive, "share", "S_i", "share of each cluster", axes=("cluster",),
                    recorded=values)  # fmt: skip
    with ledger.step("readout"):
        pool: Any = getattr(module, "pool", None)
        logits = _logits(pool)
        if logits is not None:
            logit = chain(ledger, "logit", "l_i", "how well each cluster fits", logits, state, None,
                          shown=False)  # fmt: skip
            return named("softmax_channels", logit)
        if type(module) is MemReadout:
            found = _remembered(module.first, ledger.operand(state))
        elif type(pool) is DiffPool and knows_dense(pool.share):
            found = _each(ledger, edges, partial(_fit, pool.share, ledger.operand(state)))
        else:
            why = f"no arithmetic is written down for {type(module).__name__}"
            ledger.cannot_check("share", why)
            return named("opaque", state)
        return named("opaque", state, recomputed=found)


def _logits(pool: Any) -> Any:
    """The network whose softmax makes the shares, where it is one over each atom's state alone."""
    if type(pool) is MinCutPool:
        return pool.share
    return pool.module.mlp if type(pool) is DMoNPool and written(pool.module.mlp) else None


def _fit(layer: Any, x: Operand, own: Index, adj: Operand) -> Operand:
    """Shares by a dense layer over a molecule's own atoms (Ying et al. 2018, eq. 6)."""
    return DENSE[type(layer)](layer, x[own], adj).softmax(-1)


def clustered(
    ledger: Ledger, module: Any, state: str, share: str, values: Any, edges: Any
) -> str | None:
    """One vector from the clusters' states; None where a part of the module is not known."""
    x, s = ledger.operand(state), ledger.operand(share)
    if type(module) is MemReadout:
        found = _per_graph(ledger, lambda own: _memory(module, x[own], s[own]))
        label = "the clusters as one, by a second memory"
    elif _knows(module):
        found = _each(ledger, edges, lambda own, adj: _dense(module, x[own], s[own], adj))
        found = found.reshape(ledger.ground.graphs, -1)
        label = "mean of the clusters, after a layer over what joins them"
    else:
        return None
    return ledger.derive("readout", "q", label, "opaque", share, state, recorded=values,
                         axes=("channel",), per="graph", recomputed=found)  # fmt: skip


def _knows(module: Any) -> bool:
    pool = getattr(module, "pool", None)
    if type(module) is not DenseReadout or not knows_dense(module.conv):
        return False
    return type(pool) in (MinCutPool, DMoNPool) or (
        type(pool) is DiffPool and knows_dense(pool.embed)
    )


def _per_graph(ledger: Ledger, made: Callable[[Index], Operand]) -> Operand:
    """What is made of each molecule's atoms, one under the other."""
    graph = ledger.ground.graph
    parts = [made(np.flatnonzero(graph == g)) for g in range(ledger.ground.graphs)]
    return Operand(*(np.concatenate([getattr(p, a) for p in parts]) for a in FIELDS))


def _each(ledger: Ledger, edges: Any, made: Callable[[Index, Operand], Operand]) -> Operand:
    """Likewise of its atoms and bonds [N, N]; PyG counts a bond that is given twice twice."""
    ends = edges.cpu().numpy()
    whole = np.zeros((ledger.ground.nodes, ledger.ground.nodes))
    np.add.at(whole, (ends[0], ends[1]), 1.0)
    return _per_graph(ledger, lambda own: made(own, recorded(whole[np.ix_(own, own)])))


def _remembered(memory: Any, x: Operand) -> Operand:
    """Shares by a Student's t about each key, several heads as one (Khasahmadi et al. 2020, eq. 3).

    Distances are made of the squares of both ends, as torch makes them, too.
    """
    keys = numbers(memory.k).reshape(-1, x.shape[-1])
    sizes = (x * x).sum(-1, keepdims=True) + (keys * keys).sum(-1)
    square = sizes - (x @ keys.swap(0, 1)).times(2.0)
    square = Operand(np.maximum(square.value, 0.0), square.magnitude)
    one = recorded(np.ones(1))
    near = (one + square.times(1 / memory.tau)).power(-(memory.tau + 1) / 2)
    near = near.reshape(len(x.value), memory.heads, memory.num_clusters)
    own = near * near.sum(-1, keepdims=True).power(-1.0)
    mixed = (own * numbers(memory.conv.weight).reshape(-1, 1)).sum(1)
    return mixed.softmax(-1)


def _memory(module: MemReadout, x: Operand, s: Operand) -> Operand:
    """Clusters by the shares, then these as one by a memory with one place."""
    clusters = through(s.swap(0, 1) @ x, module.first.lin).rectified(0.01)
    last = _remembered(module.last, clusters)
    return through(last.swap(0, 1) @ clusters, module.last.lin)


def _dense(module: DenseReadout, x: Operand, s: Operand, adj: Operand) -> Operand:
    """The clusters' states and what joins them, through the dense layer, their mean."""
    pool: Any = module.pool
    across = s.swap(0, 1)
    if type(pool) is DiffPool:
        x = DENSE[type(pool.embed)](pool.embed, x, adj).rectified()
    clusters, joined = across @ x, across @ adj @ s
    if type(pool) is DMoNPool:
        clusters = _selu(clusters)
    if type(pool) is not DiffPool:
        joined = _between(joined)
    if not adj.value.any():
        joined = joined.times(0.0)
    out = DENSE[type(module.conv)](module.conv, clusters, joined).rectified()
    return out.mean(0, keepdims=True)


def _selu(x: Operand) -> Operand:
    scale, alpha = SELU
    low = alpha * np.expm1(np.minimum(x.value, 0.0))
    value = scale * np.where(x.value > 0, x.value, low)
    return Operand(value, abs(value) + scale * alpha * x.magnitude)


def _between(joined: Operand) -> Operand:
    """What joins a cluster to others, over the roots of all that joins either to others."""
    others = recorded(1.0 - np.eye(len(joined.value)))
    joined = joined * others
    degree = joined.sum(-1)
    root = degree.power(0.5)
    inverse = Operand(root.value + TINY, root.magnitude + TINY).power(-1.0)
    return joined * inverse[:, None] * inverse
