"""From recorded calls to rounds and readout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch_geometric.nn import HypergraphConv, MessagePassing

from mpnn_lab.nn import Network
from mpnn_lab.tracing.arguments import state_in, state_out
from mpnn_lab.tracing.edges import Ends
from mpnn_lab.tracing.nodes import Nodes
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord, Recorder
from mpnn_lab.tracing.rounds import Propagation, Readout, Round, RowsOf
from mpnn_lab.tracing.unhooked import entering, rows_of

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


def assemble_rounds(trace: Trace, recorder: Recorder) -> list[Round]:
    """One round for each call of a layer, as the user counts them."""
    calls = recorder.layers
    nodes = Nodes(trace.data.num_nodes, recorder.pools)
    seen: dict[str, int] = {}
    rounds = []
    for number, call in enumerate(calls, 1):
        place = seen.get(call.name, 0)
        seen[call.name] = place + 1
        following = calls[number] if number < len(calls) else None
        given = state_out(call)
        entered = entered_by(call)
        left = _left(trace, call, place, following)
        total, edges, graphs = counts(trace.data)
        atoms = nodes.until(call.began).atoms(len(entered))
        if _hooked(call) and len(given) == len(entered):
            per: RowsOf = "node"
        else:
            per = rows_of(given, total, -1 if _hooked(call) else edges, graphs)
        whole = per == "node" and atoms is not None and torch.equal(atoms, torch.arange(total))
        module = trace.model.get_submodule(call.name)
        propagations = []
        for p, record in enumerate(call.propagations):
            ends = _ends(trace.data, call, entered, record, nodes)
            propagations.append(Propagation(record, p, call, trace, module, ends))
        kind = type(call.module).__name__
        states = entered, given, left
        seen_as = per, atoms, whole
        rounds.append(Round(number, call.name, kind, *states, tuple(propagations), call, *seen_as))
    return rounds


def assemble_readout(recorder: Recorder) -> Readout | None:
    """The last aggregation over the atoms, where one was called."""
    if not recorder.readouts:
        return None
    call = recorder.readouts[-1]
    return Readout(call.name, type(call.module).__name__, state_in(call), call.output)


def counts(data: Any) -> tuple[int, int, int]:
    """Numbers of nodes, directed edges and molecules."""
    batch = data.get("batch")
    graphs = int(batch.max()) + 1 if isinstance(batch, Tensor) and len(batch) else 1
    edges = 0 if data.edge_index is None else data.edge_index.shape[1]
    return data.num_nodes, edges, graphs


def entered_by(call: CallRecord) -> Tensor:
    """The states that a round starts from."""
    if _hooked(call):
        return state_in(call)
    found = entering(call)
    return state_in(call) if found is None else found


def _hooked(call: CallRecord) -> bool:
    return isinstance(call.module, MessagePassing)


def _left(trace: Trace, call: CallRecord, place: int, following: CallRecord | None) -> Tensor:
    """What the round left: seen directly in our networks, else what the next part was given."""
    parent = call.name.rpartition(".")[0]
    if isinstance(trace.model, Network) and parent in trace.parts:
        return state_out(trace.parts[parent][place])
    output = state_out(call)
    if not _hooked(call):
        return output
    if following is None:
        given = trace.readout.state if trace.readout else output
    else:
        given = entered_by(following)
    afresh = given.data_ptr() == entered_by(call).data_ptr()  # beside this layer, not after it
    return output if afresh or given.shape != output.shape else given


def _ends(
    data: Any, call: CallRecord, entered: Tensor, record: PropagationRecord, nodes: Nodes
) -> Ends:
    """Whether the two rows of the edges count the same nodes, and which atoms those are."""
    module: Any = call.module
    heard = record.aggregated if isinstance(record.aggregated, Tensor) else state_out(call)
    sends = 0 if module.flow == "source_to_target" else 1
    senders = record.size[sends] or len(entered)
    receivers = record.size[1 - sends] or len(heard)
    if senders == receivers and not isinstance(module, HypergraphConv):
        return Ends(nodes.atoms(senders))
    total, _, graphs = counts(data)
    batch = data.get("batch")
    of = batch if isinstance(batch, Tensor) else torch.zeros(total, dtype=torch.long)
    ends = record.edge_index.cpu()
    to_molecules = senders == total and receivers == graphs
    return Ends(None, True, to_molecules and torch.equal(of.cpu()[ends[sends]], ends[1 - sends]))
