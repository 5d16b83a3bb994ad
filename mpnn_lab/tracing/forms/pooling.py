"""Poolings between rounds: scores, and the states of the atoms that stay or merge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from torch import Tensor
from torch_geometric.utils import add_remaining_self_loops

from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms.parts import linear
from mpnn_lab.tracing.ledger import Ledger

NAME, LABEL = "pooled", "state after the pooling"


@dataclass(frozen=True)
class PoolCall:
    """One call of a pooling, ready to be written down as arithmetic.

    Attributes
    ----------
    module : PyG's pooling.
    edge_index : the edges it was given.
    before, after : the nodes before and after it; `before` stands on its edges.
    output : the states it gave, [N', F].
    symbol : what the new state is called.
    place : the number of its edges among the round's propagations.
    """

    module: Any
    edge_index: Tensor
    before: Ground
    after: Ground
    output: Tensor
    symbol: str
    place: int


@dataclass(frozen=True)
class Pooled:
    """What a form wrote down: the new state, and what went along which edges, if anything did.

    `scores` says that these were scores of the edges, not states on their way to a score.
    """

    state: str
    edge_index: Tensor | None = None
    messages: str = ""
    scores: bool = False


Form = Callable[[Ledger, PoolCall, str], Pooled]


def pooling(ledger: Ledger, name: str, call: PoolCall, state: str) -> Pooled:
    """The pooling of this name, from the round's updated state."""
    with ledger.on(call.before):
        return FORMS[name](ledger, call, state)


def _top_k(ledger: Ledger, call: PoolCall, state: str) -> Pooled:
    """The projection on p, through tanh (Gao and Ji 2019, eq. 2)."""
    with ledger.step("pool"):
        weight = call.module.select.weight
        unit, label = weight[0] / weight.norm(), "direction that is looked for"
        p = ledger.weight("pool p", "p/|p|", label, unit, ("channel",))
        raw = ledger.derive("pool score", "y_i", "projection", "dot", state, p, axes=(),
                            shown=False)  # fmt: skip
        score = ledger.derive("pool result", "s_i", "score of the atom", "tanh", raw)
        return Pooled(_scored(ledger, call, state, score))


def _sag(ledger: Ledger, call: PoolCall, state: str) -> Pooled:
    """A score by a layer of its own (Lee et al. 2019, eq. 3, with PyG's GraphConv)."""
    gnn, select = call.module.gnn, call.module.select
    with ledger.step("pool", call.place):
        messages = _gathered(ledger, state)
        total = ledger.derive("pool aggregate", "Σ h_j", "sum of the neighbours", "sum_incoming",
                              messages)  # fmt: skip
        heard = linear(ledger, "pool heard", "(ΣhW_1)_i", "neighbours' part of the score", total,
                       gnn.lin_rel, "W_1", shown=False)  # fmt: skip
        own = linear(ledger, "pool own", "(hW_2)_i", "own part of the score", state,
                     gnn.lin_root, "W_2", shown=False)  # fmt: skip
        raw = ledger.derive("pool sum", "y_i", "both parts", "add", heard, own, shown=False)
        sign = (select.weight / select.weight.norm()).reshape(1, 1)
        w = ledger.weight("pool sign", "±1", "sign", sign, ("in", "out"))
        turned = ledger.derive("pool score", "± y_i", "with its sign", "linear", raw, w,
                               shown=False)  # fmt: skip
        score = ledger.derive("pool result", "s_i", "score of the atom", "tanh", turned)
        return Pooled(_scored(ledger, call, state, score), call.edge_index, messages)


def _gathered(ledger: Ledger, state: str) -> str:
    h_j = ledger.derive("pool h_j", "h_j", "neighbour's state", "source", state, shown=False)
    return ledger.derive("pool message", "h_j", "neighbour's state", "add", h_j)


def _scored(ledger: Ledger, call: PoolCall, state: str, score: str) -> str:
    """The states times their scores, of the nodes that stay."""
    scaled = ledger.derive("pool scaled", "s h_i", "state times score", "multiply", state, score,
                           axes=("channel",), shown=False)  # fmt: skip
    with ledger.on(call.after):
        return ledger.derive(NAME, call.symbol, LABEL, "kept", scaled, recorded=call.output)


def _edge(ledger: Ledger, call: PoolCall, state: str) -> Pooled:
    """Bonds with the best score are contracted (Diehl 2019, section 3)."""
    derive, hidden = ledger.derive, partial(ledger.derive, shown=False)
    with ledger.step("pool", call.place):
        h_j = hidden("pool h_j", "h_j", "neighbour's state", "source", state)
        h_i = hidden("pool h_i", "h_i", "own state", "target", state)
        both = hidden("pool pair", "[h_j, h_i]", "both states", "concatenate", h_j, h_i)
        raw = linear(ledger, "pool logit", "r_ij", "logit of the bond", both, call.module.lin, "w",
                     shown=False)  # fmt: skip
        share = hidden("pool share", "softmax_j r_ij", "share among the atom's bonds",
                       "softmax_incoming", raw)  # fmt: skip
        half = ledger.weight("pool half", "½", "so that no state vanishes",
                             [call.module.add_to_edge_score], ("",))  # fmt: skip
        score = derive("pool message", "s_ij", "score of the bond", "add", share, half)
        with ledger.on(call.after):
            total = derive("merged", "Σ h", "sum of the merged states", "sum_members", state)
            own = ledger.recorded("pool result", "s", "score of the contracted bond",
                                  _contracted(ledger, call, score), "node", ())  # fmt: skip
            new = derive(NAME, call.symbol, LABEL, "multiply", total, own, recorded=call.output,
                         axes=("channel",))  # fmt: skip
    return Pooled(new, call.edge_index, score, scores=True)


def _contracted(ledger: Ledger, call: PoolCall, score: str) -> np.ndarray[Any, np.dtype[Any]]:
    """The score of the bond within each new node, 1 where an atom stayed alone.

    Of the two directions of a bond, PyG takes the one with the better score. The loop that a bond
    within merged atoms has become can be contracted, too, which leaves its node as it is.
    """
    scores, after = ledger.rows(score).reshape(-1), call.after
    cluster = np.zeros(call.before.nodes, dtype=np.int64)
    cluster[after.before] = after.after
    own = np.full(after.nodes, -np.inf)
    source, target = cluster[call.before.source], cluster[call.before.target]
    within = source == target
    np.maximum.at(own, target[within], scores[within])
    return np.where(np.isinf(own), 1.0, own)


def _asa(ledger: Ledger, call: PoolCall, state: str) -> Pooled:
    """Every atom and its neighbours a cluster (Ranjan et al. 2020, eq. 4 to 8)."""
    module, derive = call.module, ledger.derive
    hidden = partial(ledger.derive, shown=False)
    edges = add_remaining_self_loops(call.edge_index, num_nodes=call.before.nodes)[0]
    source, target = edges.cpu().numpy()
    looped = replace(call.before, source=source, target=target)
    with ledger.step("pool", call.place), ledger.on(looped):
        h_j = hidden("pool h_j", "h_j", "member's state", "source", state)
        top = derive("master", "max_k h_k", "largest of the members", "max_incoming", h_j)
        query = linear(ledger, "master query", "(max W)_i", "query of the cluster", top,
                       module.lin, "W", shown=False)  # fmt: skip
        q_i = hidden("pool query", "q_i", "query of the cluster", "target", query)
        both = hidden("pool pair", "[q_i, h_j]", "query and member", "concatenate", q_i, h_j)
        raw = linear(ledger, "pool logit", "r_ij", "logit of the member", both, module.att, "a",
                     shown=False)  # fmt: skip
        bent = hidden("pool bent", "LeakyReLU(r)", "through LeakyReLU", "leaky_relu", raw,
                      constants={"slope": module.negative_slope})  # fmt: skip
        share = derive("pool alpha", "α_ij", "share of the member", "softmax_incoming", bent)
        messages = derive("pool message", "α h_j", "member's state, by its share", "multiply",
                          h_j, share, axes=("channel",))  # fmt: skip
        cluster = derive("cluster", "x_i", "state of the cluster", "sum_incoming", messages)
        score = _fitness(ledger, module.gnn_score, cluster)
        return Pooled(_scored(ledger, call, cluster, score), edges, messages)


def _fitness(ledger: Ledger, gnn: Any, cluster: str) -> str:
    """How well a cluster stands against its neighbours: LEConv, through a sigmoid."""
    hidden = partial(ledger.derive, shown=False)
    a = linear(ledger, "fitness a", "(xw_1)_j", "cluster through w_1", cluster, gnn.lin1, "w_1",
               shown=False)  # fmt: skip
    b = linear(ledger, "fitness b", "(xw_2)_i", "cluster through w_2", cluster, gnn.lin2, "w_2",
               shown=False)  # fmt: skip
    minus = ledger.weight("pool minus", "−1", "minus one", [-1.0], ("",))
    a_j = hidden("fitness a_j", "a_j", "of the neighbour", "source", a)
    b_i = hidden("fitness b_i", "b_i", "of the cluster", "target", b)
    less = hidden("fitness -b_i", "−b_i", "less the own", "multiply", b_i, minus)
    gap = hidden("fitness gap", "a_j−b_i", "difference", "add", a_j, less)
    total = hidden("fitness sum", "Σ_j", "sum of the differences", "sum_incoming", gap)
    own = linear(ledger, "fitness own", "(xw_3)_i", "cluster through w_3", cluster, gnn.lin3,
                 "w_3", shown=False)  # fmt: skip
    both = hidden("fitness both", "φ̂_i", "fitness before sigmoid", "add", total, own)
    return ledger.derive("pool result", "φ_i", "fitness of the cluster", "sigmoid", both)


FORMS: dict[str, Form] = {"top k": _top_k, "sag": _sag, "asa": _asa, "edge": _edge}
"""By the names of the registry of poolings."""
