"""Colours beside states: equal where the theory says so, and said with the run's own numbers."""

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.tracing.alike import coloured_states, different
from tests.molecules import ASPIRIN

TOLUENE = "Cc1ccccc1"


def traced(layer, smiles=TOLUENE, **fields):
    return ml.trace(ml.ModelSpec(rounds=[ml.Layer(layer, 8)] * 3, **fields).build(), smiles)


@pytest.mark.parametrize("layer", ["GCNConv", "GINConv", "NNConv", "GATv2Conv", "GINEConv"])
def test_atoms_of_one_colour_are_in_one_state(layer):
    trace = traced(layer, update="gru")
    found = coloured_states(trace)
    assert found.features
    assert found.bonds
    assert found.equal == (True,) * 4
    assert found.colours[3][[2, 3]].tolist() == found.colours[3][[6, 5]].tolist()
    states = [trace.parts["project"][0].output, *(r.state_out for r in trace.rounds)]
    for t, h in enumerate(states):
        expected = ml.wl_colours(trace.data, t, features=True, bonds=True)
        assert found.colours[t].tolist() == expected.tolist()
        assert found.size[t] == pytest.approx(float(h.abs().max()))
        assert found.states[t] <= len(set(expected.tolist()))
        gap = max(
            float((h[i] - h[j]).abs().max())
            for i in range(7)
            for j in range(7)
            if expected[i] == expected[j]
        )
        assert found.spread[t] == pytest.approx(gap, abs=1e-12)


def test_a_layer_that_reads_further_in_a_round_shows_in_the_numbers():
    found = coloured_states(traced("ChebConv", ASPIRIN))
    assert found.equal[0]
    assert not all(found.equal)


def test_different_states_are_counted_but_for_rounding():
    rows = np.array([[1.0, 2.0], [1.0, 2.0 + 1e-7], [1.0, 2.1], [0.0, 0.0]])
    assert different(rows) == 3
    assert different(np.zeros((3, 2))) == 1
    assert different(np.zeros((0, 2))) == 0


def test_colours_end_before_a_pooling():
    spec = ml.ModelSpec(
        rounds=[ml.Layer("GraphConv", 8), ml.Layer("GraphConv", 8, pool="edge"),
                ml.Layer("GraphConv", 8)],
    )  # fmt: skip
    found = coloured_states(ml.trace(spec.build(), ASPIRIN))
    assert found.colours.shape == (2, 13)
