"""Writes the arithmetic of a whole run into ledgers: input, rounds, readout, prediction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mpnn_lab.nn import Network
from mpnn_lab.nn import Round as NetworkRound
from mpnn_lab.tracing.arithmetic import Per, Quantity, state_symbol
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms import SEVERAL, LayerCall, form_of, given_to
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.jumping import jumping
from mpnn_lab.tracing.forms.parts import chain, linear
from mpnn_lab.tracing.forms.pooling import PoolCall, Pooled, pooling
from mpnn_lab.tracing.forms.readout import readout, shares
from mpnn_lab.tracing.forms.update import update
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.nodes import Nodes
from mpnn_lab.tracing.recorder import PropagationRecord

if TYPE_CHECKING:
    from mpnn_lab.tracing.rounds import Round
    from mpnn_lab.tracing.trace import Trace


@dataclass(frozen=True)
class Book:
    """The ledger of one chapter, and the name of the state (or result) it leaves.

    `pooled` says how the round's pooling made it, where it ends in one.
    """

    title: str
    ledger: Ledger
    result: str
    pooled: Pooled | None = None


def keep_books(trace: Trace) -> tuple[Book, ...]:
    """One book for the input, one a round, one for the readout and one for the prediction."""
    books = [_input(trace)]
    for r in trace.rounds:
        books.append(_round(trace, r, books[-1]))
    if "jumping" in trace.parts:
        books.append(_jumping(trace, books))
    if trace.readout is not None:
        books.append(_readout(trace, books[-1]))
    books.append(_prediction(trace, books[-1]))
    return tuple(books)


def _ground(
    trace: Trace, nodes: Nodes, edge_index: Any = None, kind: Any = None, sends: int = 0
) -> Ground:
    graph = trace.rounds[0].nodes.graph
    empty = np.zeros(0, dtype=np.int64)
    ends = edge_index.cpu().numpy() if edge_index is not None else np.stack([empty, empty])
    graphs = int(graph.max()) + 1 if len(graph) else 1
    before, after = nodes.members
    return Ground(
        ends[sends], ends[1 - sends], empty if kind is None else kind, nodes.graph, graphs,
        before, after, nodes.kept, nodes.number,
    )  # fmt: skip


def _input(trace: Trace) -> Book:
    ledger = Ledger("input", _ground(trace, trace.rounds[0].nodes))
    features = trace.data.get("x")
    first = trace.rounds[0].state_in
    if not isinstance(features, Tensor) or features.dim() != 2:
        with ledger.step("project"):
            ledger.cannot_check("state", "the graph has no matrix x of atom features")
            state = ledger.recorded("state", state_symbol(0), "first state", first, "node")
        return Book("Input", ledger, state)
    with ledger.step("features"):
        x = ledger.recorded("features", "x_i", "atom features", features, "node", ("feature",))
    if isinstance(trace.model, Network):
        with ledger.step("project"):
            given = trace.parts["project"][0].output
            state = linear(
                ledger, "state", state_symbol(0), "first state", x, trace.model.project, "W", given
            )
    elif first.shape == features.shape and bool((first == features).all()):
        state = x
    else:
        with ledger.step("project"):
            ledger.cannot_check("state", "what the model does before its first layer is not known")
            state = _opaque(ledger, "state", state_symbol(0), "first state", x, recorded=first)
    return Book("Input", ledger, state)


def _round(trace: Trace, r: Round, before: Book) -> Book:
    exact = r.propagations[0].exact_matrices if r.propagations else None
    table, kind = exact if exact is not None else (None, None)
    grounds = tuple(
        _ground(trace, r.nodes, p.edge_index, None if place else kind, p.sends)
        for place, p in enumerate(r.propagations)
    )
    ledger = Ledger(f"round {r.number}", grounds[0] if grounds else _ground(trace, r.nodes))
    state = ledger.borrow(before.ledger[before.result])
    module = _module(trace, r.layer)
    call = LayerCall(
        module, state, [p.record for p in r.propagations], r.output, grounds, table,
        ledger.ground.kind, given_to(r.call),
    )  # fmt: skip
    form = form_of(module) if _is_plain(trace, r) else generic
    layer = form(ledger, call)
    parent = _module(trace, r.layer.rpartition(".")[0])
    symbol = state_symbol(r.number)
    if isinstance(parent, NetworkRound):
        normalised = _part(trace, r, "norm")
        recorded = r.state_out if r.pool is None else r.pool.args[0]
        new = update(ledger, parent, layer, state, recorded, symbol, normalised)
        if r.pool is None:
            return Book(f"Round {r.number}", ledger, new)
        pooled = _pool(trace, r, parent.pool, ledger, new)
        return Book(f"Round {r.number}", ledger, pooled.state, pooled)
    if r.state_out is r.output:
        return Book(f"Round {r.number}", ledger, layer)
    with ledger.step("update"):
        ledger.cannot_check("state", "what the model does between its layers is not known")
        out = _opaque(ledger, "state", symbol, "new state", layer, state, recorded=r.state_out)
    return Book(f"Round {r.number}", ledger, out)


def _pool(trace: Trace, r: Round, pool: Any, ledger: Ledger, state: str) -> Pooled:
    """What ends a round in which atoms drop out or merge."""
    assert r.pool is not None
    edge_index = r.pool.args[1].edge_index
    call = PoolCall(
        pool.module, edge_index, _ground(trace, r.nodes, edge_index), _ground(trace, r.nodes_out),
        r.state_out, state_symbol(r.number), sum(p.messages is not None for p in r.propagations),
    )  # fmt: skip
    return pooling(ledger, pool.name, call, state)


def _part(trace: Trace, r: Round, name: str) -> Any:
    """What this part of one of our own networks' rounds gave, where it was recorded."""
    calls = trace.parts.get(f"{r.layer.rpartition('.')[0]}.{name}", ())
    place = sum(q.layer == r.layer for q in trace.rounds[: r.number - 1])
    return calls[place].output if place < len(calls) else None


def _is_plain(trace: Trace, r: Round) -> bool:
    """Propagations from atoms to atoms, in plain sight: what the forms are written for."""
    nodes, count = len(r.nodes), len(r.propagations)
    return (
        (count == 1 or (count > 1 and type(_module(trace, r.layer)) in SEVERAL))
        and all(_shows_all(p.record, nodes) for p in r.propagations)
        and len(r.state_in) == nodes
        and len(r.output) == nodes
        and _sends_what_it_hears(r)
    )


def _shows_all(record: PropagationRecord, nodes: int) -> bool:
    aggregated = record.aggregated
    heard = isinstance(aggregated, Tensor) and len(aggregated) == nodes
    return heard and record.messages is not None


def _sends_what_it_hears(r: Round) -> bool:
    """Whether senders and receivers have one state; a pair (x_j, x_i) of two may be given."""
    first = r.call.args[0] if r.call.args else r.call.kwargs.get("x")
    if not isinstance(first, tuple):
        return True
    one, other = first
    return isinstance(other, Tensor) and one.shape == other.shape and torch.equal(one, other)


def _opaque(
    ledger: Ledger, name: str, symbol: str, label: str, *args: str, recorded: Tensor
) -> str:
    """A state made by something that is not written down."""
    return ledger.derive(name, symbol, label, "opaque", *args, recorded=recorded, axes=("channel",))


def _module(trace: Trace, name: str) -> nn.Module:
    modules: dict[str, nn.Module] = dict(trace.model.named_modules())
    return modules[name]


def _jumping(trace: Trace, books: list[Book]) -> Book:
    """What the states after all rounds become before the readout."""
    ledger = Ledger("jumping", _ground(trace, trace.rounds[0].nodes))
    (call,) = trace.parts["jumping"]
    module, states = _module(trace, "jumping"), []
    results = [book.ledger[book.result] for book in books[1:]]
    for t, given in enumerate(call.args[0], 1):
        same = (q for q in results if q.values is not None and _equal(q.values, given))
        found = next(same, None)
        if found is not None:
            states.append(ledger.borrow(found))
            continue
        ledger.cannot_check(f"state {t}", "no layer's state is what is put in for this round")
        label = f"state after round {t}"
        states.append(ledger.recorded(f"state {t}", state_symbol(t), label, given, "node"))
    return Book("Jumping knowledge", ledger, jumping(ledger, module, states, call.output))


def _equal(values: NDArray[np.float32], given: Tensor) -> bool:
    return np.array_equal(values, given.detach().cpu().float().numpy())


def _readout(trace: Trace, before: Book) -> Book:
    found = trace.readout
    assert found is not None
    ledger = Ledger("readout", _ground(trace, trace.rounds[-1].nodes_out))
    state = ledger.borrow(before.ledger[before.result])
    if not np.array_equal(ledger.rows(state), found.state.cpu().numpy()):
        ledger.cannot_check("state", "the readout was given something else than the last state")
        state = ledger.recorded("state", "x_i", "what the readout is given", found.state, "node")
    if "readout.assigned" in trace.parts:
        shares(
            ledger, _module(trace, found.layer), state, trace.parts["readout.assigned"][0].output
        )
    result = readout(ledger, _module(trace, found.layer), state, found.output)
    return Book("Readout", ledger, result)


def _prediction(trace: Trace, before: Book) -> Book:
    ledger = Ledger("prediction", _ground(trace, trace.rounds[-1].nodes_out))
    given: Quantity = before.ledger[before.result]
    x = ledger.borrow(given)
    model = trace.model
    with ledger.step("predict"):
        if isinstance(model, Network):
            raw = trace.parts["head"][0].output
            y = chain(ledger, "head", "y", "what the head gives", model.head, x, raw)
            unit = model.record.unit if model.record is not None else ""
            scale = ledger.weight("scale", "s", "scale of the target", model.scale, ("target",))
            shift = ledger.weight("shift", "t", "mean of the target", model.shift, ("target",))
            derive = partial(ledger.derive, axes=("target",), unit=unit)
            scaled = derive("scaled", "s y", "times its spread", "multiply", y, scale)
            result = derive(
                "prediction", "ŷ", "prediction", "add", scaled, shift, recorded=trace.output
            )
        else:
            ledger.cannot_check(
                "prediction", "what the model does after its last layer is not known"
            )
            rows = trace.output.reshape(len(trace.output) if trace.output.dim() else 1, -1)
            per: Per = "node" if len(rows) == ledger.ground.nodes else "graph"
            result = ledger.derive(
                "prediction",
                "ŷ",
                "prediction",
                "opaque",
                x,
                recorded=rows,
                axes=("target",),
                per=per,
            )
    return Book("Prediction", ledger, result)
