"""What is left out follows from what is sent, to the last bit: worked out here number by number."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.exporting.lean import lean
from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.views import stage_view
from mpnn_lab.views.wire import LeftOut
from tests.molecules import ASPIRIN


def view_of(name="NNConv", update="gru", width=6, smiles=ASPIRIN):
    spec = ml.ModelSpec(
        rounds=[ml.Layer(name, width)] * 2, update=update, readout="set2set", head=(6,)
    )
    return stage_view(ml.trace(spec.build(seed=3), smiles))


def moved(value, by):
    """The float32 number so many places further up."""
    value = np.float32(value)
    for _ in range(abs(by)):
        value = np.nextafter(value, np.float32(math.copysign(math.inf, by)))
    return value


def filled(view):
    """Every value of a lean view, made by loops over Python's own floats."""
    values = {}
    along = {p.messages: p for r in view.rounds for p in r.propagations}
    along |= {p.aggregated: p for r in view.rounds for p in r.propagations}
    known = {q.name: q for q in view.quantities}
    for q in view.quantities:
        if not isinstance(q.values, LeftOut):
            values[q.name] = q.values
            continue
        out = np.zeros(q.values.shape, np.float32)
        off = np.zeros(out.shape, np.int64) if q.values.off is None else q.values.off
        for at in np.ndindex(out.shape):
            folded = int(off[at])
            by = -(folded + 1) // 2 if folded % 2 else folded // 2
            out[at] = moved(one(q, at, values, known, along.get(q.name)), by)
        values[q.name] = out
    return values


def one(q, at, values, known, p):
    row, channel = at[0], at[-1]

    def cell(name):
        held = values[name]
        if known[name].per != "model":
            return float(held[at])
        return float(held.reshape(-1)[0] if held.size == 1 else held[at[1:]])

    match q.op:
        case "linear" if values[q.args[0]] is None:
            x = values[known[q.args[0]].args[0]][p.source[row]]
            W = values[known[q.args[1]].args[0]][p.kind[row]]
            return added(float(a) * float(w) for a, w in zip(x, W[:, channel], strict=True))
        case "linear":
            x, W = values[q.args[0]][row], values[q.args[1]][:, channel]
            total = added(float(a) * float(w) for a, w in zip(x, W, strict=True))
            return total + cell(q.args[2]) if len(q.args) > 2 else total
        case "sum_incoming":
            (edges,) = np.nonzero(p.target == row)
            return added(float(values[q.args[0]][(e, *at[1:])]) for e in edges)
        case "add":
            return added(cell(a) for a in q.args)
        case "multiply":
            return math.prod(cell(a) for a in q.args)
        case "interpolate":
            z, n, h = (cell(a) for a in q.args)
            return (1 - z) * n + z * h
        case "relu":
            return max(0.0, cell(q.args[0]))
        case "sigmoid":
            return 1 / (1 + math.exp(-cell(q.args[0])))
        case "tanh":
            return math.tanh(cell(q.args[0]))
    raise AssertionError(f"{q.op} is left out")


def added(terms):
    total = 0.0
    for term in terms:
        total += term
    return total


@pytest.mark.parametrize(
    ("name", "update"), [("NNConv", "gru"), ("GCNConv", "residual"), ("GATv2Conv", "mlp"),
                         ("GINEConv", "none"), ("RGCNConv", "gru")],
)  # fmt: skip
def test_every_number_comes_back_bit_for_bit(name, update):
    view = view_of(name, update)
    less = lean(view)
    again = filled(less)
    count = 0
    for q in view.quantities:
        if q.name not in again:
            continue
        if q.values is None:
            assert again[q.name] is None
            continue
        np.testing.assert_array_equal(again[q.name], q.values, err_msg=q.name)
        count += isinstance(next(k for k in less.quantities if k.name == q.name).values, LeftOut)
    assert count > 5


def test_what_of_an_edge_network_is_still_sent():
    less = lean(view_of())
    sent = {q.name for q in less.quantities if isinstance(q.values, np.ndarray)}
    made = {n for n in sent if not n.endswith(("weight", "bias", "scale", "shift"))}
    assert {"input/features", "round 1/matrices", "round 2/matrices"} <= made
    assert not {n for n in made if "gru" in n or n.endswith(("message", "aggregate", "state"))}


def test_parameters_that_nothing_is_spelled_out_with_are_left_out():
    """The weights of a wide edge network are too many for the stage: what they make is given."""
    view = view_of(width=64, smiles="CCO")
    less = lean(view)
    gone = {q.name for q in view.quantities} - {q.name for q in less.quantities}
    assert gone == {"round 1/NN(e) bias", "round 2/NN(e) bias"}
    assert not any(gone & set(q.args) for q in less.quantities)
    small = view_of(smiles="CCO")
    assert [q.name for q in lean(small).quantities] == [q.name for q in small.quantities]


def test_a_value_that_another_browser_might_round_otherwise_is_sent():
    """The argument is chosen so that its sigmoid lies between two float32 numbers."""
    low = np.float32(0.7)
    middle = (float(low) + float(np.nextafter(low, np.float32(1)))) / 2
    x = np.array([[math.log(middle / (1 - middle))]])
    view = view_of()
    for shift, kept in ((0.0, True), (1e-4, False)):
        wide = np.asarray(x + shift, np.float32)
        near = abs(1 / (1 + math.exp(-float(wide[0, 0]))) - middle) < 1e-15
        made = (1 / (1 + np.exp(-wide.astype(np.float64)))).astype(np.float32)
        quantities = (
            Quantity("a", "a", "a", "graph", ("channel",), wide, recorded=False),
            Quantity("b", "b", "b", "graph", ("channel",), made, "sigmoid", ("a",), recorded=False),
        )
        _, b = lean(replace(view, quantities=quantities)).quantities
        assert isinstance(b.values, np.ndarray) == (kept and near)


def test_numbers_far_off_are_sent():
    view = view_of()
    x = np.ones((1, 2), np.float32)
    quantities = (
        Quantity("a", "a", "a", "graph", ("channel",), x),
        Quantity("b", "b", "b", "graph", ("channel",), 3 * x, "relu", ("a",)),
        Quantity("c", "c", "c", "graph", ("channel",), np.nextafter(x, 2), "relu", ("a",)),
    )
    _, b, c = lean(replace(view, quantities=quantities)).quantities
    assert isinstance(b.values, np.ndarray)
    assert c.values.off.tolist() == [[2, 2]]
    assert c.values.off.dtype == np.uint8
