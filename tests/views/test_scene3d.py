"""Molecules in space as plain data; colours are the trace's own numbers."""

import math

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.chem import whole_of
from mpnn_lab.views import decode, encode, stage_view
from mpnn_lab.views.scene3d import Colours, read_colours, solid, state_colours, widest_state
from tests.molecules import ASPIRIN


def traced(smiles=ASPIRIN, **fields):
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8), ml.Layer("GCNConv", 4)], **fields)
    trace = ml.trace(spec.build(seed=1), smiles)
    return trace, stage_view(trace)


def step_named(view, chapter, name):
    return next(
        k for k, s in enumerate(view.steps)
        if s.name == name and view.chapters[s.chapter].title == chapter
    )  # fmt: skip


def test_a_molecule_goes_through_the_wire():
    whole = whole_of("CCO a name")
    read = decode(encode(solid(whole)))
    assert read["name"] == "a name"
    assert read["elements"] == list("CCOHHHHHH")
    assert read["atom_labels"] == ["C0", "C1", "O2"]
    assert read["bond_descriptions"][1] == "C1-O2, single bond"
    assert np.allclose(read["positions"], whole.geometry.positions, atol=1e-6)
    assert (read["bonds"].shape, read["drawn"], read["reason"]) == ((8, 2), True, "")


@pytest.mark.parametrize("number", [1, 2])
def test_colours_after_a_round_are_its_states(number):
    trace, view = traced()
    state = trace.rounds[number - 1].state_out.numpy()
    step = step_named(view, f"Round {number}", "update")
    sizes = [math.sqrt(sum(float(x) ** 2 for x in row)) for row in state]
    colours = state_colours(view, step)
    assert colours.values == pytest.approx(sizes, rel=1e-6)
    assert colours.limit == pytest.approx(max(sizes), rel=1e-6)
    assert (colours.signed, colours.words) == (False, "size of new state, ReLU")
    assert len(colours.channels) == state.shape[1]
    third = state_colours(view, step, 3)
    assert third.values == pytest.approx(state[:, 3].tolist())
    assert (third.signed, third.words) == (True, "channel 3 of new state, ReLU")
    assert third.limit == pytest.approx(np.abs(state).max())


def test_features_have_names_and_a_channel_too_many_is_the_size():
    _, view = traced()
    first = state_colours(view, 0, 1)
    assert first.words == f"{view.feature_names[1]} of atom features"
    assert widest_state(view) == len(view.feature_names)
    late = step_named(view, "Round 2", "update")
    assert state_colours(view, late, 7) == state_colours(view, late)


def test_atoms_that_a_pooling_drops_have_no_number():
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4, pool="top k"), ml.Layer("GCNConv", 4)])
    trace = ml.trace(spec.build(seed=1), "CCCCCCO")
    view = stage_view(trace)
    values = state_colours(view, step_named(view, "Round 2", "update")).values
    kept = set(trace.rounds[0].nodes_out.members[0].tolist())
    assert 0 < len(kept) < 7
    assert {a for a, v in enumerate(values) if v is not None} == kept


def test_colours_of_ones_own():
    assert read_colours(None, 3) is None
    given = read_colours(np.array([1.0, -2.0, np.nan]), 3)
    assert given == Colours((1.0, -2.0, None), 2.0, True, "value")
    assert read_colours([0, None, 2], 3).signed is False
    for wrong, words in (
        ([1.0], "1 colours for 3 atoms"), ("red", "a str"), (3, "a int"), (["a"] * 3, "a list"),
        ([True] * 3, "a list"), ([1, 2, math.inf], "infinite"),
    ):  # fmt: skip
        with pytest.raises(ml.InputError, match=words):
            read_colours(wrong, 3)
