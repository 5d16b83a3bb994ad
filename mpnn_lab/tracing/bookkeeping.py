"""Writes the arithmetic of a whole run into ledgers: input, rounds, readout, prediction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor, nn
from torch_geometric import nn as pyg

from mpnn_lab.nn import Network
from mpnn_lab.nn import Round as NetworkRound
from mpnn_lab.nn.padding import ZeroPad
from mpnn_lab.nn.towers import Towers
from mpnn_lab.tracing.arithmetic import Per, Quantity, state_symbol
from mpnn_lab.tracing.compound import Compound
from mpnn_lab.tracing.forms.clusters import shares
from mpnn_lab.tracing.forms.generic import axes_of
from mpnn_lab.tracing.forms.parts import chain, linear, written
from mpnn_lab.tracing.forms.pooling import Pooled
from mpnn_lab.tracing.forms.readout import readout
from mpnn_lab.tracing.forms.update import before_layer, update
from mpnn_lab.tracing.forms.weave import EDGE_STATE
from mpnn_lab.tracing.forms.wrappers import why_not, wrapped
from mpnn_lab.tracing.layer_form import ground, write_layer
from mpnn_lab.tracing.ledger import Ledger, to_array
from mpnn_lab.tracing.round_ends import (
    first_of,
    last_ground,
    part_given,
    round_ground,
    scaled_messages,
    write_jumping,
    write_pool,
)

if TYPE_CHECKING:
    from mpnn_lab.tracing.rounds import Round, RowsOf
    from mpnn_lab.tracing.trace import Trace

READ = ("h_0", "features", "states")
"""What readouts of ours are given beside the last states."""


@dataclass(frozen=True)
class Book:
    """The ledger of one chapter, and the names of the states it starts from and leaves.

    `edges` holds the edges' states, where a layer has made them anew, `master` a master
    node's. `pooled` says how the round's pooling made its state, where it ends in one.
    """

    title: str
    ledger: Ledger
    result: str
    entered: str = ""
    edges: Quantity | None = None
    master: Quantity | None = None
    pooled: Pooled | None = None


def keep_books(trace: Trace) -> tuple[Book, ...]:
    """One book for the input, one a round, one for the readout and one for the prediction."""
    books = [_input(trace)]
    for r in trace.rounds:
        books.append(_round(trace, r, books))
    if "jumping" in trace.parts:
        ledger = Ledger("jumping", ground(trace), trace.precision)
        results = [book.ledger[book.result] for book in books[1:]]
        books.append(Book("Jumping knowledge", ledger, write_jumping(trace, ledger, results)))
    if trace.readout is not None:
        books.append(_readout(trace, books))
    books.append(_prediction(trace, books[-1]))
    return tuple(books)


def _input(trace: Trace) -> Book:
    ledger = Ledger("input", ground(trace), trace.precision)
    features = trace.data.get("x")
    first = trace.rounds[0].state_in
    if not isinstance(features, Tensor) or features.dim() != 2:
        with ledger.step("project"):
            ledger.cannot_check("state", "the graph has no matrix x of atom features")
            state = ledger.recorded("state", state_symbol(0), "first state", first, "node")
        return Book("Input", ledger, state)
    with ledger.step("features"):
        x = ledger.recorded("features", "x_i", "atom features", features, "node", ("feature",))
    if isinstance(trace.model, Network) and isinstance(trace.model.project, ZeroPad):
        with ledger.step("project"):
            missing = np.zeros((len(features), trace.model.project.zeros))
            zeros = ledger.recorded("zeros", "0", "zeros", missing, "node", shown=False)
            state = ledger.derive(
                "state", state_symbol(0), "first state: features and zeros", "concatenate", x,
                zeros, recorded=trace.parts["project"][0].output, axes=("channel",),
            )  # fmt: skip
    elif isinstance(trace.model, Network):
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
    before = books[-1]
    ledger = Ledger(f"round {r.number}", round_ground(trace, r), trace.precision)
    ledger.scaled = scaled_messages(trace, r, ledger.prefix)
    state = _entered(ledger, trace, r, books)
    master = before.master
    if isinstance(r.call.module, NetworkRound | Towers):
        parts = Compound(trace, r, ledger, before.edges, master)
        result, master = parts.write(r.call, state, state_symbol(r.number)), parts.master
    elif r.hooked:
        result = _layer(trace, r, ledger, state, books)
    else:
        result = _unseen(ledger, r, state)
    edges = ledger.get(f"{ledger.prefix}/{EDGE_STATE}") or before.edges
    pooled = None if r.pool is None else write_pool(trace, r, ledger, result)
    result = result if pooled is None else pooled.state
    return Book(f"Round {r.number}", ledger, result, state, edges, master, pooled)


def _layer(trace: Trace, r: Round, ledger: Ledger, state: str, books: list[Book]) -> str:
    """The arithmetic of a layer, and of what the model does with what it gives."""
    before = books[-1]
    layer = write_layer(
        trace, ledger, r.call, r.propagations, state, before.edges, per=_per(r.per)
    )  # fmt: skip
    holder = r.layer.rpartition(".")[0]
    parent = _module(trace, holder)
    outer = _module(trace, holder.rpartition(".")[0])
    symbol = state_symbol(r.number)
    if isinstance(outer, NetworkRound) and not isinstance(parent, NetworkRound):
        if type(parent) is pyg.DirGNNConv and r.layer.endswith(".conv_in"):
            return state  # the other direction comes first
        made = wrapped(ledger, parent, state, layer, before.ledger)
        parent, layer = (parent, layer) if made is None else (outer, made)
    if isinstance(parent, NetworkRound):
        last = books[first_of(trace, r).number - 1]
        own = ledger.borrow(last.ledger[last.result]) if parent.before else state
        recorded = r.state_out if r.pool is None else r.pool.args[0]
        return update(ledger, parent, layer, own, recorded, symbol, part_given(trace, r, "norm"))
    if r.state_out is r.output:
        return layer
    with ledger.step("update"):
        ledger.cannot_check("state", why_not(parent))
        return _opaque(ledger, "state", symbol, "new state", layer, state, recorded=r.state_out)


def _before(trace: Trace, layer: str) -> bool:
    """Whether the round that holds this layer activates the states before it."""
    parts = layer.split(".")
    holders = (_module(trace, ".".join(parts[:k])) for k in range(len(parts)))
    return any(isinstance(m, NetworkRound) and m.before for m in holders)


def _entered(ledger: Ledger, trace: Trace, r: Round, books: list[Book]) -> str:
    """The state that a round starts from: the last one, a former round's, or another."""
    last = books[-1]
    changed = _before(trace, r.layer)
    if changed and r.call.within is not None and first_of(trace, r).number == r.number:
        own, holder = ledger.borrow(last.ledger[last.result]), _module(trace, r.call.within.name)
        return before_layer(ledger, holder, own, r.state_in, part_given(trace, r, "norm"))
    given = to_array(r.state_in)
    if (r.number == 1 and not changed) or np.array_equal(last.ledger.rows(last.result), given):
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


def _opaque(
    ledger: Ledger, name: str, symbol: str, label: str, *args: str, recorded: Tensor
) -> str:
    """A state made by something that is not written down."""
    return ledger.derive(name, symbol, label, "opaque", *args, recorded=recorded, axes=("channel",))


def _module(trace: Trace, name: str) -> nn.Module:
    modules: dict[str, nn.Module] = dict(trace.model.named_modules())
    return modules[name]


def _readout(trace: Trace, books: list[Book]) -> Book:
    found, before = trace.readout, books[-1]
    assert found is not None
    ledger = Ledger("readout", last_ground(trace), trace.precision)
    state = ledger.borrow(before.ledger[before.result])
    if not np.array_equal(ledger.rows(state), to_array(found.state)):
        ledger.cannot_check("state", "the readout was given something else than the last state")
        state = ledger.recorded("state", "x_i", "what the readout is given", found.state, "node")
    share, edges, module = None, found.given.get("edge_index"), _module(trace, found.layer)
    if "readout.assigned" in trace.parts:
        assigned = trace.parts["readout.assigned"][0].output
        share = shares(ledger, module, state, assigned, edges)
    given = {
        name: _known(ledger, books, name, value if isinstance(value, tuple) else (value,))
        for name, value in found.given.items()
        if name in READ
    }
    result = readout(ledger, module, state, found.output, given, share, edges)
    return Book("Readout", ledger, result)


def _known(
    ledger: Ledger, books: list[Book], name: str, values: tuple[Tensor, ...]
) -> tuple[str, ...]:
    """Names of the states, or features, that these are; recorded where they are none of those."""
    states = [book.ledger[book.result] for book in books]
    features = books[0].ledger.get("input/features")
    found = []
    for t, value in enumerate(values):
        # Of equal ones that of the same round.
        candidates = [*states[t:], *states[:t], *([features] if features else [])]
        array = to_array(value)
        same = (q for q in candidates if q.values is not None and np.array_equal(q.values, array))
        quantity = next(same, None)
        found.append(
            ledger.borrow(quantity)
            if quantity is not None
            else ledger.recorded(f"{name} {t}", "x_i", "given to the readout", array, "node")
        )
    return tuple(found)


def _prediction(trace: Trace, before: Book) -> Book:
    ledger = Ledger("prediction", last_ground(trace), trace.precision)
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
