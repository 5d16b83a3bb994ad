"""From recorded calls to rounds and readout."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch_geometric.nn import DNAConv, HypergraphConv, MessagePassing

from mpnn_lab.nn import Network
from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.tracing.arguments import state_in, state_out
from mpnn_lab.tracing.compound import parts_of, whole_of
from mpnn_lab.tracing.edges import Ends
from mpnn_lab.tracing.nodes import Nodes
from mpnn_lab.tracing.pooled import PooledNodes, own_nodes, pooled_nodes
from mpnn_lab.tracing.readout import Readout
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord, Recorder
from mpnn_lab.tracing.rounds import Propagation, Round, RowsOf, edge_states
from mpnn_lab.tracing.unhooked import entering, rows_of

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


def assemble_rounds(trace: Trace, calls: list[CallRecord], pools: list[CallRecord]) -> list[Round]:
    """One round for each call of a layer; for all calls in a round of ours that has several."""
    total, edges, graphs = counts(trace.data)
    nodes = Nodes(total, pools)
    seen: dict[str, int] = {}
    rounds: list[Round] = []
    ours = own_nodes(trace.data, total)
    for k, call in enumerate(calls):
        number, whole_round = len(rounds) + 1, whole_of(call)
        if whole_round is not None:
            if not rounds or rounds[-1].call is not whole_round:
                inner = [c for c in calls[k:] if whole_of(c) is whole_round]
                rounds.append(_several(trace, number, whole_round, inner, nodes))
            continue
        place = seen.get(call.name, 0)
        seen[call.name] = place + 1
        following = calls[k + 1] if k + 1 < len(calls) else None
        given = state_out(call)
        entered = entered_by(call)
        left = _left(trace, call, entered, following)
        atoms = nodes.until(call.began).atoms(len(entered))
        if ours.number:
            atoms = ours.alone()
        if _hooked(call) and len(given) == len(entered):
            per: RowsOf = "node"
        else:
            per = rows_of(given, total, -1 if _hooked(call) else edges, graphs)
        whole = per == "node" and nodes.all_in_order(atoms)
        propagations = _propagations(trace, [call], [""], nodes, ours)
        own = trace.parts.get(f"{call.name.rpartition('.')[0]}.pool")
        pool = own[place] if own else None
        before, ours = ours, ours if pool is None else pooled_nodes(ours, pool.output)
        kind = _kind(call)
        states = entered, given, left
        rounds.append(
            Round(
                number, call.name, kind, *states, propagations, call, per, atoms, whole,
                *edge_states(call), before, ours, pool,
            )
        )  # fmt: skip
    return rounds


def _several(
    trace: Trace, number: int, whole: CallRecord, calls: list[CallRecord], nodes: Nodes
) -> Round:
    """A round of ours with several layer calls in it, such as towers."""
    kind, state = _kind(calls[0]), state_out(whole)
    entered = whole.args[0]
    atoms = nodes.until(whole.began).atoms(len(entered))
    on_atoms = nodes.all_in_order(atoms)
    propagations = _propagations(trace, calls, parts_of(calls, whole), nodes)
    return Round(
        number, whole.name, kind, entered, state, state, propagations, whole, "node", atoms,
        on_atoms, *edge_states(calls[0]),
    )  # fmt: skip


def _propagations(
    trace: Trace, calls: list[CallRecord], parts: list[str], nodes: Nodes,
    ours: PooledNodes | None = None,
) -> tuple[Propagation, ...]:  # fmt: skip
    found: list[Propagation] = []
    for call, part in zip(calls, parts, strict=True):
        module, entered = trace.model.get_submodule(call.name), entered_by(call)
        for place, record in enumerate(call.propagations):
            ends = _ends(trace.data, call, entered, record, nodes)
            if ours is not None and ours.number:
                ends = replace(ends, atoms=ours.alone(), pooled=ours)
            found.append(Propagation(record, place, call, trace, module, ends, len(found), part))
    return tuple(found)


def assemble_readout(recorder: Recorder) -> Readout | None:
    """The last aggregation over the atoms, where one was called."""
    if not recorder.readouts:
        return None
    call = recorder.readouts[-1]
    kind = type(call.module).__name__
    return Readout(call.name, kind, state_in(call), call.output, call.kwargs)


def counts(data: Any) -> tuple[int, int, int]:
    """Numbers of nodes, directed edges and molecules."""
    batch = data.get("batch")
    graphs = int(batch.max()) + 1 if isinstance(batch, Tensor) and len(batch) else 1
    edges = 0 if data.edge_index is None else data.edge_index.shape[1]
    return data.num_nodes, edges, graphs


def entered_by(call: CallRecord) -> Tensor:
    """The states that a round starts from."""
    if type(call.module) is DNAConv:
        return state_in(call)[:, -1]  # the others are those of former rounds
    if _hooked(call):
        return state_in(call)
    found = entering(call)
    return state_in(call) if found is None else found


def _kind(call: CallRecord) -> str:
    """The class of the layer; of one that PyG's stands in, that of PyG's."""
    module = call.module.conv if isinstance(call.module, Enclosing) else call.module
    return type(module).__name__


def _hooked(call: CallRecord) -> bool:
    return isinstance(call.module, MessagePassing | Enclosing)


def _left(trace: Trace, call: CallRecord, entered: Tensor, following: CallRecord | None) -> Tensor:
    """What the round left: seen directly in our networks, else what the next part was given."""
    whole = call.within if isinstance(trace.model, Network) else None
    if whole is not None and (following is None or following.within is not whole):
        return state_out(whole)
    output = state_out(call)
    if not _hooked(call):
        return output
    if following is None:
        given = trace.readout.state if trace.readout else output
        if "jumping" in trace.parts:
            given = trace.parts["jumping"][0].args[0][-1]
    else:
        given = entered_by(following)
    afresh = given.data_ptr() == entered.data_ptr()  # beside this layer, not after it
    return output if afresh or given.shape != output.shape else given


def _ends(
    data: Any, call: CallRecord, entered: Tensor, record: PropagationRecord, nodes: Nodes
) -> Ends:
    """Whether the two rows of the edges count the same nodes, and which atoms those are."""
    module: Any = call.module
    sends = 0 if module.flow == "source_to_target" else 1
    senders = record.size[sends] or len(entered)
    receivers = record.size[1 - sends] or _heard(call, record)
    if senders == receivers and not isinstance(module, HypergraphConv):
        return Ends(nodes.atoms(senders))
    if _are_the_first(call, sends, senders, receivers):
        return Ends(nodes.atoms(senders), apart=True, first=True)
    total, _, graphs = counts(data)
    batch = data.get("batch")
    of = batch if isinstance(batch, Tensor) else torch.zeros(total, dtype=torch.long)
    ends = record.edge_index.cpu()
    to_molecules = senders == total and receivers == graphs
    return Ends(None, True, to_molecules and torch.equal(of.cpu()[ends[sends]], ends[1 - sends]))


def _heard(call: CallRecord, record: PropagationRecord) -> int:
    """How many nodes have an aggregate."""
    heard = record.aggregated
    return len(heard if isinstance(heard, Tensor) else state_out(call))


def _are_the_first(call: CallRecord, sends: int, senders: int, receivers: int) -> bool:
    """Whether a layer was given two states, those of the receivers the first of the senders'."""
    given = call.args[0] if call.args else call.kwargs.get("x")
    if sends or not isinstance(given, tuple) or len(given) != 2 or receivers >= senders:
        return False
    x, heard = given
    both = isinstance(x, Tensor) and isinstance(heard, Tensor)
    return both and len(heard) == receivers and torch.equal(x[:receivers], heard)
