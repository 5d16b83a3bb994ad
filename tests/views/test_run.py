"""The whole run as plain data: the trace's own numbers, and what a page without a kernel gets."""

import numpy as np
import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.views import decode, encode, stage_view
from mpnn_lab.views.run import power, run_view
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE


def traced(layer="NNConv", smiles=ASPIRIN, **fields):
    spec = ml.ModelSpec(rounds=[ml.Layer(layer, 8)] * 2, **fields)
    return ml.trace(spec.build(), smiles)


def test_every_number_is_the_traces():
    trace = traced(readout="set2set")
    view = run_view(trace)
    found = trace.smoothing()
    assert view.titles == view.smoothing.titles == found.titles
    assert view.smoothing.energy == tuple(found.energy)
    assert view.smoothing.distance == tuple(found.distance)
    assert view.attention.quantities == ("readout/a1", "readout/a2", "readout/a3")
    assert view.colours.said[0].startswith("Atoms of one colour have equal states in every round")
    assert view.receptive is None
    assert view.note == ""
    known = {q.name for q in stage_view(trace).quantities}
    assert known.issuperset(view.attention.quantities)


def test_receptive_fields_go_along_where_they_are_asked_for():
    trace = traced(smiles="CC(=O)O")
    view = decode(encode(stage_view(trace, receptive=True)))["run"]["receptive"]
    assert view["atoms"].tolist() == [0, 1, 2, 3]
    for atom in range(4):
        field = trace.receptive_field(atom)
        np.testing.assert_array_equal(view["norms"][atom], field.norms)
        np.testing.assert_array_equal(view["heard"][atom], field.heard)
        np.testing.assert_array_equal(view["distance"][atom], field.distance)


@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE])
def test_a_number_that_does_not_exist_is_none(smiles):
    trace = traced("GINConv", smiles)
    view = decode(encode(stage_view(trace)))["run"]["smoothing"]
    assert (None in view["distance"]) == (smiles == METHANE)


def test_the_pair_is_told_apart_by_what_the_network_reads():
    line = run_view(traced("NNConv")).colours.said[-1]
    assert "told apart by their bonds' features" in line
    assert " and " in line.split("gives")[1]
    assert "the same for both" in run_view(traced("GCNConv")).colours.said[-1]
    state = torch.get_rng_state()
    run_view(traced("GCNConv"))
    assert (torch.get_rng_state() == state).all()


def test_fields_that_cannot_be_computed_are_said_to_be_missing(monkeypatch):
    from mpnn_lab.limits import Limits
    from mpnn_lab.tracing import receptive

    monkeypatch.setattr(receptive, "LIMITS", Limits(jacobian_cells=10))
    view = run_view(traced(), receptive=True)
    assert view.receptive is None
    assert "at most 10" in view.note


def test_colours_that_do_not_know_enough_are_said_not_to():
    words = run_view(traced("ChebConv")).colours.said[0]
    assert words.startswith("Round 1: states of one colour differ by 0.")
    assert "reads what the colours do not know" in words
    pooled = ml.ModelSpec(rounds=[ml.Layer("GraphConv", 8, pool="edge"), ml.Layer("GraphConv", 8)])
    said = run_view(ml.trace(pooled.build(), ASPIRIN)).colours.said
    assert "Colours end where a pooling begins: its nodes are no atoms." in said
    assert power(7.2e-6) == "7.2×10⁻⁶"
    assert power(0.142) == "0.14"
