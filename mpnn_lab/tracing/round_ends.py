"""What stands round the layers of our own networks: poolings, jumping knowledge, norms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from mpnn_lab.nn.pool import Pool
from mpnn_lab.tracing.arithmetic import Quantity, state_symbol
from mpnn_lab.tracing.edits import MessageEdit
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms.jumping import jumping
from mpnn_lab.tracing.forms.pooling import PoolCall, Pooled, pooling
from mpnn_lab.tracing.layer_form import ground, ground_of, pooled_ground
from mpnn_lab.tracing.ledger import Ledger, to_array

if TYPE_CHECKING:
    from mpnn_lab.tracing.rounds import Round
    from mpnn_lab.tracing.trace import Trace


def write_pool(trace: Trace, r: Round, ledger: Ledger, state: str) -> Pooled:
    """Enter what ends a round in which atoms drop out or merge."""
    assert r.pool is not None
    assert r.nodes is not None
    assert r.nodes_out is not None
    pool, edge_index = trace.model.get_submodule(r.pool.name), r.pool.args[1].edge_index
    assert isinstance(pool, Pool)
    before = pooled_ground(trace, r.nodes, edge_index.cpu().numpy())
    call = PoolCall(
        pool.module, edge_index, before, pooled_ground(trace, r.nodes_out), r.state_out,
        state_symbol(r.number), len(r.propagations),
    )  # fmt: skip
    return pooling(ledger, pool.name, call, state)


def part_given(trace: Trace, r: Round, name: str) -> Tensor | None:
    """What this part of one of our own networks' rounds gave, where it was recorded."""
    if (whole := r.call.within) is None:
        return None
    calls = trace.parts.get(f"{whole.name}.{name}", ())
    former = [q.call.within for q in trace.rounds[: r.number - 1] if q.call.within is not whole]
    place = len({id(record) for record in former if record and record.name == whole.name})
    given: Tensor | None = calls[place].output if place < len(calls) else None
    return given


def first_of(trace: Trace, r: Round) -> Round:
    """The first layer that the same round of the network calls: `r`, where it calls but one."""
    if r.call.within is None:
        return r
    return next(q for q in trace.rounds if q.call.within is r.call.within)


def scaled_messages(trace: Trace, r: Round, prefix: str) -> dict[str, dict[int, float]]:
    """The messages of a round that a what-if multiplied: row and factor, by their quantity."""
    found: dict[str, dict[int, float]] = {}
    for edit in trace.edits:
        if isinstance(edit, MessageEdit) and edit.round == r.number:
            name = r.propagations[edit.propagation].quantity(prefix, "message")
            found.setdefault(name, {})[edit.edge] = edit.times
    return found


def write_jumping(trace: Trace, ledger: Ledger, results: list[Quantity]) -> str:
    """Enter what the states after all rounds, among `results`, become before the readout."""
    (call,) = trace.parts["jumping"]
    states = []
    for t, given in enumerate(call.args[0], 1):
        array = to_array(given)
        same = (q for q in results if q.values is not None and np.array_equal(q.values, array))
        found = next(same, None)
        if found is not None:
            states.append(ledger.borrow(found))
            continue
        ledger.cannot_check(f"state {t}", "no layer's state is what is put in for this round")
        label = f"state after round {t}"
        states.append(ledger.recorded(f"state {t}", state_symbol(t), label, array, "node"))
    return jumping(ledger, trace.model.get_submodule("jumping"), states, call.output)


def round_ground(trace: Trace, r: Round) -> Ground:
    """What the states of a round stand on: the edges of its first propagation, where it has any.

    Where that runs from atoms to sets of atoms its receivers are not what the states belong to.
    """
    if not r.propagations or not r.propagations[0].between_sets:
        return ground_of(trace, r.propagations)
    pooled = r.nodes is not None and r.nodes.number
    return pooled_ground(trace, r.nodes) if pooled and r.nodes else ground(trace)


def last_ground(trace: Trace) -> Ground:
    """The nodes that the readout is given."""
    nodes = trace.rounds[-1].nodes_out
    return ground(trace) if nodes is None or not nodes.number else pooled_ground(trace, nodes)
