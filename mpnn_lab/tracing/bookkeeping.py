"""Writes the arithmetic of a whole run into ledgers: input, rounds, readout, prediction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from mpnn_lab.nn import Network
from mpnn_lab.nn import Round as NetworkRound
from mpnn_lab.tracing.arithmetic import Per, Quantity, state_symbol
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms import SEVERAL, LayerCall, form_of, given_to
from mpnn_lab.tracing.forms.generic import axes_of, generic
from mpnn_lab.tracing.forms.parts import chain, linear, written
from mpnn_lab.tracing.forms.readout import readout
from mpnn_lab.tracing.forms.update import update
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.recorder import PropagationRecord

if TYPE_CHECKING:
    from mpnn_lab.tracing.rounds import Propagation, Round, RowsOf
    from mpnn_lab.tracing.trace import Trace


@dataclass(frozen=True)
class Book:
    """The ledger of one chapter, and the names of the states it starts from and leaves."""

    title: str
    ledger: Ledger
    result: str
    entered: str = ""


def keep_books(trace: Trace) -> tuple[Book, ...]:
    """One book for the input, one a round, one for the readout and one for the prediction."""
    books = [_input(trace)]
    for r in trace.rounds:
        books.append(_round(trace, r, books))
    if trace.readout is not None:
        books.append(_readout(trace, books[-1]))
    books.append(_prediction(trace, books[-1]))
    return tuple(books)


def _graph(trace: Trace) -> np.ndarray[Any, np.dtype[np.int64]]:
    batch = trace.data.get("batch")
    if isinstance(batch, Tensor):
        return batch.cpu().numpy()
    return np.zeros(trace.data.num_nodes, dtype=np.int64)


def _ground(trace: Trace, p: Propagation | None = None, kind: Any = None) -> Ground:
    """The edges of a propagation; the graph of each node that hears."""
    graph = _graph(trace)
    graphs = int(graph.max()) + 1 if len(graph) else 1
    empty = np.zeros(0, dtype=np.int64)
    if p is None:
        return Ground(empty, empty, empty, graph, graphs)
    if p.ends.molecules:
        graph = np.arange(graphs)
    elif p.ends.atoms is not None:
        graph = graph[p.ends.atoms.numpy()]
    elif isinstance(p.aggregated, Tensor):
        graph = np.zeros(len(p.aggregated), dtype=np.int64)
    ends = p.edge_index.cpu().numpy()
    kinds = empty if kind is None else kind
    return Ground(ends[p.sends], ends[1 - p.sends], kinds, graph, graphs)


def _input(trace: Trace) -> Book:
    ledger = Ledger("input", _ground(trace))
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


def _round(trace: Trace, r: Round, books: list[Book]) -> Book:
    exact = r.propagations[0].exact_matrices if r.propagations else None
    table, kind = exact if exact is not None else (None, None)
    grounds = tuple(
        _ground(trace, p, None if place else kind) for place, p in enumerate(r.propagations)
    )
    ledger = Ledger(f"round {r.number}", grounds[0] if grounds else _ground(trace))
    state = _entered(ledger, trace, r, books)
    result = (
        _layer(trace, r, ledger, state, grounds, table) if r.hooked else _unseen(ledger, r, state)
    )
    return Book(f"Round {r.number}", ledger, result, state)


def _layer(
    trace: Trace, r: Round, ledger: Ledger, state: str, grounds: tuple[Ground, ...], table: Any
) -> str:
    """The arithmetic of a layer, and of what the model does with what it gives."""
    module = _module(trace, r.layer)
    call = LayerCall(
        module, state, [p.record for p in r.propagations], r.output, grounds, table,
        ledger.ground.kind, given_to(r.call), _per(r.per),
    )  # fmt: skip
    form = form_of(module) if _is_plain(trace, r) else generic
    layer = form(ledger, call)
    parent = _module(trace, r.layer.rpartition(".")[0])
    symbol = state_symbol(r.number)
    if isinstance(parent, NetworkRound):
        return update(ledger, parent, layer, state, r.state_out, symbol)
    if r.state_out is r.output:
        return layer
    with ledger.step("update"):
        ledger.cannot_check("state", "what the model does between its layers is not known")
        return _opaque(ledger, "state", symbol, "new state", layer, state, recorded=r.state_out)


def _entered(ledger: Ledger, trace: Trace, r: Round, books: list[Book]) -> str:
    """The state that a round starts from: the last one, a former round's, or another."""
    last = books[-1]
    given = r.state_in.detach().cpu().float().numpy()
    if r.number == 1 or np.array_equal(last.ledger.rows(last.result), given):
        return ledger.borrow(last.ledger[last.result])
    for book, former in zip(books[1:], trace.rounds, strict=False):
        if r.state_in.data_ptr() == former.state_in.data_ptr():
            return ledger.borrow(book.ledger[book.entered])
    ledger.cannot_check("entering", "what the model does between its layers is not known")
    with ledger.step("update"):
        symbol, per = f"{state_symbol(r.number - 1)}'", _per(r.per)
        axes = axes_of(r.state_in)
        return ledger.recorded("entering", symbol, "state that enters", given, per, axes)


def _unseen(ledger: Ledger, r: Round, state: str) -> str:
    """A round whose messages do not pass through PyG's propagate: its states alone."""
    why = "they do not pass through PyG's propagate: only what modules take and give is seen"
    ledger.cannot_check("message", why)
    module, words = r.call.module, "what the module gives"
    symbol, given = state_symbol(r.number), (*r.call.args, *r.call.kwargs.values())
    with ledger.step("update"):
        if len(given) == 1 and r.state_in.dim() == 2 and written(module):
            return chain(ledger, "layer", symbol, words, module, state, r.output)
        ledger.cannot_check("layer", f"no arithmetic is written down for {r.kind}")
        return ledger.derive(
            "layer", symbol, words, "opaque", state,
            recorded=r.output, axes=axes_of(r.output), per=_per(r.per),
        )  # fmt: skip


def _per(rows: RowsOf) -> Per:
    return "edge" if rows == "other" else rows


def _is_plain(trace: Trace, r: Round) -> bool:
    """Propagations among the nodes of one graph, in plain sight: what the forms are written for."""
    nodes, count = len(r.state_in), len(r.propagations)
    return (
        (count == 1 or (count > 1 and type(_module(trace, r.layer)) in SEVERAL))
        and all(_shows_all(p.record, nodes) and not p.ends.apart for p in r.propagations)
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


def _readout(trace: Trace, before: Book) -> Book:
    found = trace.readout
    assert found is not None
    ledger = Ledger("readout", _ground(trace))
    state = ledger.borrow(before.ledger[before.result])
    if not np.array_equal(ledger.rows(state), found.state.cpu().numpy()):
        ledger.cannot_check("state", "the readout was given something else than the last state")
        state = ledger.recorded("state", "x_i", "what the readout is given", found.state, "node")
    result = readout(ledger, _module(trace, found.layer), state, found.output)
    return Book("Readout", ledger, result)


def _prediction(trace: Trace, before: Book) -> Book:
    ledger = Ledger("prediction", _ground(trace))
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
