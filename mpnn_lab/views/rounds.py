"""Rounds and propagations as plain data."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mpnn_lab.nn import AGGREGATORS, LAYERS
from mpnn_lab.nn.pool import Pool
from mpnn_lab.nn.pooling import POOLS
from mpnn_lab.tracing import Propagation, Quantity, Round, Trace
from mpnn_lab.tracing.axes import RELATIONS
from mpnn_lab.tracing.bookkeeping import Book
from mpnn_lab.tracing.edges import Ends, name_edges
from mpnn_lab.tracing.forms.pooling import Pooled
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.pooled import PooledNodes
from mpnn_lab.views.edges import PAIRS, edge_label, edge_lengths
from mpnn_lab.views.hyperedges import Hyperedges
from mpnn_lab.views.nodes import Everyone
from mpnn_lab.views.stage import MatricesView, PoolView, PropagationView, Role, RoundView

MOST_LABELS = 2
ORDERED = {
    type(getattr(built, "inner", built))
    for built in (entry.build(4) for entry in AGGREGATORS.values() if entry.order)
}
NAMES = {
    type(getattr(built, "inner", built)): name
    for name, built in ((name, AGGREGATORS[name].build(4)) for name in reversed(AGGREGATORS))
}
ROLES: tuple[Role, ...] = get_args(Role)


def round_views(
    trace: Trace, bond_labels: Sequence[str], quantities: dict[str, Quantity],
    nodes: Everyone, sets: Hyperedges,
) -> tuple[RoundView, ...]:  # fmt: skip
    """Every round; tables of edge matrices that no ledger holds are added to `quantities`."""
    views = []
    for book, r in zip(trace.books[1:], trace.rounds, strict=False):
        before = book.entered
        if before == f"{book.ledger.prefix}/entered":  # already through what comes before the layer
            before = trace.books[r.number - 1].result
        after = book.result if quantities[book.result].per == "node" else before
        propagations = tuple(
            _propagation(p, book, bond_labels, quantities, _placed(p, r, nodes, sets))
            for p in (r.propagations[place] for place in shown_propagations(r))
        )
        formula = LAYERS[r.kind].formula if r.kind in LAYERS else ""
        scoring = -1
        if book.pooled is not None and book.pooled.edge_index is not None:
            scoring = len(propagations)
            propagations += (_scoring(trace, r, book.pooled, nodes),)
        pool = _pool(trace, r, nodes, scoring)
        undrawn = _undrawn(r)
        view = RoundView(
            r.number, r.layer, r.kind, formula, before, after, propagations, pool, undrawn
        )
        views.append(view)
    return tuple(views)


def shown_propagations(r: Round) -> list[int]:
    """Which of a round's propagations can be drawn: those between atoms, sets, a master.

    Their messages need not be recorded: where PyG made none, the round's arithmetic may.
    """
    return [
        place
        for place, p in enumerate(r.propagations)
        if (p.master or p.between_sets or not p.ends.apart) and _holds_messages(p, r)
    ]


def _undrawn(r: Round) -> str:
    """Where the messages of a round go of which the stage can draw none; else ""."""
    if shown_propagations(r):
        return ""
    return "are not drawn: they do not go from atom to atom in the open"


def _holds_messages(p: Propagation, r: Round) -> bool:
    ledger = p.trace.books[r.number].ledger
    return ledger.get(p.quantity(ledger.prefix, "message")) is not None


def _propagation(
    p: Propagation, book: Book, bond_labels: Sequence[str],
    quantities: dict[str, Quantity], ends: NDArray[np.int32],
) -> PropagationView:  # fmt: skip
    prefix = book.ledger.prefix
    matrices = _matrices(p, p.quantity(prefix, "matrices"), bond_labels, quantities)
    exact = p.exact_matrices
    kind = exact[1] if exact is not None and matrices is not None else np.full(ends.shape[1], -1)
    weights = _weights(book.ledger, p, ends.shape[1])
    aggregated = p.quantity(prefix, "aggregate")
    return PropagationView(
        label=p.label,
        hop=p.place if p.place and type(p.module) not in RELATIONS else 0,
        source=np.ascontiguousarray(ends[p.sends]),
        target=np.ascontiguousarray(ends[1 - p.sends]),
        bond=p.edge_origin.astype(np.int32),
        kind=kind.astype(np.int32),
        role=np.asarray([ROLES.index(role) for role in p.edge_role], dtype=np.uint8),
        roles=ROLES,
        messages=p.quantity(prefix, "message"),
        weights=weights,
        weights_label=quantities[weights].label if weights else "",
        aggregated=aggregated if _for_nodes(quantities.get(aggregated)) else None,
        aggr=_aggregation(p),
        ordered=depends_on_order(getattr(p.module, "aggr_module", None)),
        matrices=matrices,
        relation=bool(p.relation),
        reads_sender=p.reads_sender,
    )


def _placed(p: Propagation, r: Round, nodes: Everyone, sets: Hyperedges) -> NDArray[np.int32]:
    if p.between_sets:
        return sets.ends(p, r.number, nodes)
    return _ends(p.edge_index, p.ends.pooled, nodes)


def _ends(edge_index: Tensor, pooled: PooledNodes | None, nodes: Everyone) -> NDArray[np.int32]:
    """The edges by the numbers that nodes have for the whole run."""
    ends = edge_index.cpu().numpy().astype(np.int32)
    return ends if pooled is None or not pooled.number else nodes.sets[pooled.number][ends]


def _scoring(trace: Trace, r: Round, pooled: Pooled, nodes: Everyone) -> PropagationView:
    """The edges along which a pooling scores, by the numbers of the nodes before it."""
    assert pooled.edge_index is not None
    assert r.nodes is not None
    later = Ends(r.nodes.alone(), pooled=r.nodes) if r.nodes.number else None
    known = name_edges(pooled.edge_index, trace.data, trace.mol, later)
    ends = _ends(pooled.edge_index, r.nodes, nodes)
    return PropagationView(
        label="",
        hop=0,
        source=np.ascontiguousarray(ends[0]),
        target=np.ascontiguousarray(ends[1]),
        bond=known.origins.astype(np.int32),
        kind=np.full(ends.shape[1], -1, dtype=np.int32),
        role=np.asarray([ROLES.index(role) for role in known.roles], dtype=np.uint8),
        roles=ROLES,
        messages=pooled.messages,
        weights=None,
        weights_label="",
        aggregated=None,
        aggr="sum",
        ordered=False,
        matrices=None,
        scores=pooled.scores,
    )


def _pool(trace: Trace, r: Round, nodes: Everyone, scoring: int) -> PoolView | None:
    if r.pool is None or r.nodes is None or r.nodes_out is None:
        return None
    old, new = nodes.sets[r.nodes.number], nodes.sets[r.nodes_out.number]
    before, after = r.nodes_out.members
    kept = r.nodes_out.kept
    centres = [new[: len(kept)], old[kept]]
    pool = trace.model.get_submodule(r.pool.name)
    assert isinstance(pool, Pool)
    entry = POOLS[pool.name]
    return PoolView(
        name=entry.name,
        formula=entry.formula,
        merges=entry.merges,
        scoring=scoring,
        members=np.ascontiguousarray(np.stack([old[before], new[after]], axis=1)),
        centres=np.ascontiguousarray(np.stack(centres, axis=1)),
    )


def _for_nodes(quantity: Quantity | None) -> bool:
    """Whether it has a row for each atom, or each set of atoms: what a master hears has not."""
    return quantity is not None and quantity.per in ("node", "hyperedge")


def _weights(ledger: Ledger, p: Propagation, edges: int) -> str | None:
    """The quantity with one coefficient (or one a head) for each edge; hops share the first's."""
    first = p.number - p.place
    name = ledger.coefficients.get(p.number) or ledger.coefficients.get(first)
    values = ledger[name].values if name else None
    return name if values is not None and len(values) == edges else None


def depends_on_order(module: Any) -> bool:
    """Whether an aggregation depends on the order of the rows it is given."""
    return type(getattr(module, "inner", module)) in ORDERED


def _aggregation(p: Propagation) -> str:
    module: Any = p.module
    way = getattr(module, "aggr_module", None)
    return "sum" if way is None else aggregation_name(way)


def aggregation_name(module: Any) -> str:
    """What the registry calls an aggregation, else its class in words: ``"degree scaler"``."""
    kind = type(getattr(module, "inner", module))
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind.__name__.removesuffix("Aggregation")).lower()
    return NAMES.get(kind, words)


def _matrices(
    p: Propagation, name: str, bond_labels: Sequence[str], quantities: dict[str, Quantity]
) -> MatricesView | None:
    if p.exact_matrices is None or not len(p.exact_matrices[0]):
        return None
    table, kind = p.exact_matrices
    if name not in quantities:
        quantities[name] = Quantity(
            name, "W", "matrix from state to message", "kind", ("in", "out"), table
        )
    origins = p.edge_origin
    bonds = [len(set(origins[(kind == k) & (origins >= 0)].tolist())) for k in range(len(table))]
    scaled = p.weights is not None and p.weights.dim() == 1
    return MatricesView(
        caption=_caption(len(table), scaled, _every(p)),
        table=name,
        labels=_kind_labels(p, kind, len(table), bond_labels),
        counts=np.bincount(kind, minlength=len(table)).astype(np.int32),
        bonds=np.asarray(bonds, dtype=np.int32),
        sigma=np.linalg.svd(table, compute_uv=False).astype(np.float32),
        exact=True,
    )


def _every(p: Propagation) -> str:
    """What all edges are called by: bonds, unless there are others."""
    if p.between_sets:
        return "set"
    return "edge" if PAIRS.keys() & set(p.edge_role) else "bond"


def _caption(matrices: int, scaled: bool, edge: str) -> str:
    if scaled:
        return f"one W for all {edge}s, times the factor c"
    return (
        f"one for each kind of {edge} in this molecule" if matrices > 1 else f"one for all {edge}s"
    )


def _kind_labels(
    p: Propagation, kind: NDArray[Any], kinds: int, bond_labels: Sequence[str]
) -> tuple[str, ...]:
    """The label that all edges of a kind share, else the weight they share."""
    weights = p.weights
    if weights is not None and weights.dim() == 1:
        first = [int(np.argmax(kind == k)) for k in range(kinds)]
        return tuple(f"c = {float(weights[edge]):.3f}" for edge in first)
    # Of very many edges few differ: each sort is named once.
    sorts = dict.fromkeys(
        zip(
            kind.tolist(),
            p.edge_origin.tolist(),
            p.edge_role,
            edge_lengths(p, p.trace),
            strict=True,
        )
    )
    said: list[dict[str, None]] = [{} for _ in range(kinds)]
    for k, bond, role, length in sorts:
        said[k][edge_label(bond, role, length, bond_labels)] = None
    every = f"all {_every(p)}s"
    return tuple(" / ".join(labels) if len(labels) <= MOST_LABELS else every for labels in said)
