"""One layer call written down: by the form of its class, where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.tracing.arguments import state_in, state_out
from mpnn_lab.tracing.arithmetic import Per, Quantity
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms import (
    BETWEEN_SETS,
    SEVERAL,
    UNSEEN,
    Form,
    LayerCall,
    form_of,
    given_to,
)
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import numbered
from mpnn_lab.tracing.ledger import Ledger, to_array
from mpnn_lab.tracing.pooled import PooledNodes
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord
from mpnn_lab.tracing.rounds import Propagation, edge_states

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


def write_layer(
    trace: Trace, ledger: Ledger, call: CallRecord, propagations: tuple[Propagation, ...],
    state: str, edges: Quantity | None = None, form: Form | None = None, per: Per = "node",
) -> str:  # fmt: skip
    """Enter a layer's arithmetic; gives the name of what the layer gave.

    Parameters
    ----------
    propagations : those of this call.
    state : name of the states that entered.
    edges : the edges' states, where a round before made them.
    form : the form to take, whatever is known of the layer's class.
    per : what the rows of its output count.
    """
    module: Any = trace.model.get_submodule(call.name)
    exact = propagations[0].linear_matrices if propagations else None
    table = exact[0] if exact is not None else None
    here = ground_of(trace, propagations)
    grounds = tuple(ground(trace, p) if place else here for place, p in enumerate(propagations))
    written = LayerCall(
        module, state, [p.record for p in propagations], state_out(call), grounds, table,
        here.kind, given_to(call), _edge_state(ledger, propagations, edges), edge_states(call)[1],
        _graph_states(call), per, tuple(p.relation for p in propagations),
    )  # fmt: skip
    if form is None:
        form = form_of(module) if _is_plain(module, call, propagations) else generic
    for place, p in enumerate(propagations):
        if p.record.hidden:
            ledger.cannot_check(numbered("message", place), p.record.hidden)
    with ledger.on(here):
        return form(ledger, written)


def _graph_states(call: CallRecord) -> Tensor | None:
    """The molecules' new states, of a layer that makes them beside the atoms' and the edges'."""
    updates = getattr(call.module, "updates_edges", False)
    return call.output[2] if updates and len(call.output) > 2 else None


def graph_of(trace: Trace) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The molecule of each atom, [N]."""
    batch = trace.data.get("batch")
    if isinstance(batch, Tensor):
        return batch.cpu().numpy()
    return np.zeros(trace.data.num_nodes, dtype=np.int64)


def ground_of(trace: Trace, propagations: tuple[Propagation, ...]) -> Ground:
    """What the rows of the first of these stand on, their kinds those of its exact matrices."""
    if not propagations:
        return ground(trace)
    exact = propagations[0].linear_matrices
    return ground(trace, propagations[0], exact[1] if exact is not None else None)


def ground(trace: Trace, p: Propagation | None = None, kind: Any = None) -> Ground:
    """The edges of a propagation; the graph of each node that hears."""
    graph = graph_of(trace)
    graphs = int(graph.max()) + 1 if len(graph) else 1
    empty = np.zeros(0, dtype=np.int64)
    if p is None:
        return Ground(empty, empty, empty, graph, graphs)
    if p.ends.molecules:
        graph = np.arange(graphs)
    elif p.ends.atoms is not None:
        graph = graph[p.ends.atoms.numpy()]
        if p.ends.first and isinstance(p.aggregated, Tensor):
            graph = graph[: len(p.aggregated)]
    elif isinstance(p.aggregated, Tensor):
        graph = np.zeros(len(p.aggregated), dtype=np.int64)
    ends = p.edge_index.cpu().numpy()
    kinds = empty if kind is None else kind
    if p.ends.pooled is not None:
        return pooled_ground(trace, p.ends.pooled, ends[[p.sends, 1 - p.sends]], kinds)
    return Ground(ends[p.sends], ends[1 - p.sends], kinds, graph, graphs)


def pooled_ground(trace: Trace, nodes: PooledNodes, ends: Any = None, kind: Any = None) -> Ground:
    """The nodes after so many poolings, on these edges (senders, receivers) or on none."""
    graph = graph_of(trace)
    empty = np.zeros(0, dtype=np.int64)
    source, target = (empty, empty) if ends is None else ends
    before, after = nodes.members
    return Ground(
        source, target, empty if kind is None else kind, nodes.graph,
        int(graph.max()) + 1 if len(graph) else 1, before=before, after=after, kept=nodes.kept,
        pooled=nodes.number,
    )  # fmt: skip


def _edge_state(
    ledger: Ledger, propagations: tuple[Propagation, ...], edges: Quantity | None
) -> str | None:
    """The name of the edges' states, where the messages were given those that a round made."""
    given = propagations[0].record.kwargs.get("edge_attr") if propagations else None
    if edges is None or given is None or edges.values is None:
        return None
    same = np.array_equal(edges.values, to_array(given))
    return ledger.borrow(edges) if same else None


def _is_plain(module: Any, call: CallRecord, propagations: tuple[Propagation, ...]) -> bool:
    """Propagations among the nodes of one graph, in plain sight: what the forms are written for."""
    nodes, count = len(state_in(call)), len(propagations)
    sets = type(module) in BETWEEN_SETS
    return (
        (count == 1 or (count > 1 and type(module) in SEVERAL) or isinstance(module, Enclosing))
        and all(
            p.messages is not None
            if sets
            else _shows_all(p.record, nodes, module) and not p.ends.apart
            for p in propagations
        )
        and len(state_out(call)) == nodes
        and _sends_what_it_hears(call)
    )


def _shows_all(record: PropagationRecord, nodes: int, module: Any) -> bool:
    aggregated = record.aggregated
    heard = isinstance(aggregated, Tensor) and len(aggregated) == nodes
    return heard and (record.messages is not None or type(module) in UNSEEN)


def _sends_what_it_hears(call: CallRecord) -> bool:
    """Whether senders and receivers have one state; a pair (x_j, x_i) of two may be given."""
    first = call.args[0] if call.args else call.kwargs.get("x")
    if not isinstance(first, tuple):
        return True
    one, other = first
    return isinstance(other, Tensor) and one.shape == other.shape and torch.equal(one, other)
