"""One layer call written down: by the form of its class, where that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms import SEVERAL, Form, LayerCall, form_of, given_to
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.ledger import Ledger, to_array
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord
from mpnn_lab.tracing.rounds import Propagation, edge_states
from mpnn_lab.tracing.states import output_of, state_of

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


def write_layer(
    trace: Trace, ledger: Ledger, call: CallRecord, propagations: tuple[Propagation, ...],
    state: str, edges: Quantity | None = None, form: Form | None = None,
) -> str:  # fmt: skip
    """Enter a layer's arithmetic; gives the name of what the layer gave.

    Parameters
    ----------
    propagations : those of this call.
    state : name of the states that entered.
    edges : the edges' states, where a round before made them.
    form : the form to take, whatever is known of the layer's class.
    """
    module: Any = trace.model.get_submodule(call.name)
    exact = propagations[0].exact_matrices if propagations else None
    table = exact[0] if exact is not None else None
    here = ground_of(trace, propagations)
    grounds = tuple(
        ground(trace, p.record.edge_index, None, p.sends) if place else here
        for place, p in enumerate(propagations)
    )
    written = LayerCall(
        module, state, [p.record for p in propagations], output_of(call), grounds, table,
        here.kind, given_to(call), _edge_state(ledger, propagations, edges), edge_states(call)[1],
    )  # fmt: skip
    if form is None:
        form = form_of(module) if _is_plain(trace, module, call, propagations) else generic
    with ledger.on(here):
        return form(ledger, written)


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
    first = propagations[0]
    exact = first.exact_matrices
    kind = exact[1] if exact is not None else None
    return ground(trace, first.record.edge_index, kind, first.sends)


def ground(trace: Trace, edge_index: Any = None, kind: Any = None, sends: int = 0) -> Ground:
    """What rows stand on; without edges where there are none."""
    graph = graph_of(trace)
    empty = np.zeros(0, dtype=np.int64)
    ends = edge_index.cpu().numpy() if edge_index is not None else np.stack([empty, empty])
    graphs = int(graph.max()) + 1 if len(graph) else 1
    return Ground(ends[sends], ends[1 - sends], empty if kind is None else kind, graph, graphs)


def _edge_state(
    ledger: Ledger, propagations: tuple[Propagation, ...], edges: Quantity | None
) -> str | None:
    """The name of the edges' states, where the messages were given those that a round made."""
    given = propagations[0].record.kwargs.get("edge_attr") if propagations else None
    if edges is None or given is None or edges.values is None:
        return None
    same = np.array_equal(edges.values, to_array(given))
    return ledger.borrow(edges) if same else None


def _is_plain(
    trace: Trace, module: Any, call: CallRecord, propagations: tuple[Propagation, ...]
) -> bool:
    """Propagations from atoms to atoms, in plain sight: what the forms are written for."""
    nodes, count = trace.data.num_nodes, len(propagations)
    return (
        (count == 1 or (count > 1 and type(module) in SEVERAL))
        and all(_shows_all(p.record, nodes) for p in propagations)
        and len(state_of(call)) == nodes
        and len(output_of(call)) == nodes
        and _sends_what_it_hears(call)
    )


def _shows_all(record: PropagationRecord, nodes: int) -> bool:
    aggregated = record.aggregated
    heard = isinstance(aggregated, Tensor) and len(aggregated) == nodes
    return heard and record.messages is not None


def _sends_what_it_hears(call: CallRecord) -> bool:
    """Whether senders and receivers have one state; a pair (x_j, x_i) of two may be given."""
    first = call.args[0] if call.args else call.kwargs.get("x")
    if not isinstance(first, tuple):
        return True
    one, other = first
    return isinstance(other, Tensor) and one.shape == other.shape and torch.equal(one, other)
