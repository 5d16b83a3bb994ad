"""Rounds of several layer calls: each part by name, recomputed, and nothing else claimed."""

from typing import get_args

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.views import stage_view
from mpnn_lab.views.stage import SubStep
from tests.molecules import ASPIRIN, METHANE

SEVERAL = {
    "towers": {"towers": 3},
    "channels": {"both_directions": True},
    "master": {"master_node": 5},
    "towers of channels": {"towers": 2, "both_directions": True},
    "channels and master": {"both_directions": True, "master_node": 20},
}


def build(layer, **fields):
    rounds = [ml.Layer(layer, 12)] * 2
    return ml.ModelSpec(rounds=rounds, **{"update": "gru", **fields}).build(seed=1).eval()


@pytest.mark.parametrize("several", SEVERAL)
@pytest.mark.parametrize("layer", ["NNConv", "GATv2Conv", "APPNP", "GCN2Conv", "RGCNConv"])
def test_any_layer_can_be_the_part(layer, several):
    model = build(layer, tied=layer != "GATv2Conv", **SEVERAL[several])
    for smiles in (METHANE, "CC(C)=O"):
        trace = ml.trace(model, smiles)
        assert torch.equal(trace.output, model(trace.data))
        report = trace.verify()
        assert not report.failed, str(report)
        assert not report.unchecked, str(report)
        assert len(trace.rounds) == 2
        stage_view(trace)


@pytest.mark.parametrize("several", ["towers", "channels", "master"])
def test_a_changed_weight_is_found_out(several):
    """What is recomputed is held against the run: spoil one weight of the trace's own copy."""
    model = build("NNConv", **SEVERAL[several])
    trace = ml.trace(model, ASPIRIN)
    part = {
        "towers": lambda m: m.rounds[1].towers[2].conv.lin.weight,
        "channels": lambda m: m.rounds[1].conv.against.lin.weight,
        "master": lambda m: m.rounds[1].master.write.lin.weight,
    }[several](trace.model)
    with torch.no_grad():
        part[0, 0] += 0.5
    failed = {c.name for c in trace.verify().failed}
    where = {
        "towers": "round 2/tower 3/", "channels": "round 2/against/", "master": "round 2/to the",
    }[several]  # fmt: skip
    assert failed
    assert all(name.startswith(where) for name in failed), failed


def test_parts_by_name():
    trace = ml.trace(build("NNConv", towers=2, both_directions=True), ASPIRIN)
    parts = [p.part for p in trace.rounds[0].propagations]
    assert parts == ["tower 1/along", "tower 1/against", "tower 2/along", "tower 2/against"]
    assert [p.number for p in trace.rounds[0].propagations] == [0, 1, 2, 3]
    assert trace.rounds[0].propagations[3].label == "tower 2, against"
    view = stage_view(trace)
    assert [p.label for p in view.rounds[0].propagations] == [p.replace("/", ", ") for p in parts]
    assert [p.hop for p in view.rounds[0].propagations] == [0] * 4
    names = {q.name for q in view.quantities}
    for p in view.rounds[1].propagations:
        assert {p.messages, p.aggregated} <= names


def test_steps_of_a_layer_in_a_tower_are_hops():
    spec = ml.ModelSpec(rounds=[ml.Layer("APPNP", 12, options={"K": 2})], towers=2)
    view = stage_view(ml.trace(spec.build(), ASPIRIN))
    assert [p.hop for p in view.rounds[0].propagations] == [0, 1, 0, 1]
    labels = ["tower 1, step 1", "tower 1, step 2", "tower 2, step 1", "tower 2, step 2"]
    assert [p.label for p in view.rounds[0].propagations] == labels


@pytest.mark.parametrize("several", ["towers", "channels", "master"])
def test_edge_matrices_are_the_parts_own(several):
    trace = ml.trace(build("NNConv", **SEVERAL[several]), ASPIRIN)
    for p in trace.rounds[1].propagations:
        matrix = p.edge_matrix(3)
        assert matrix.exact
        sender = int(p.record.edge_index[p.sends, 3])
        made = p.state_in[sender] @ torch.from_numpy(matrix.values)
        torch.testing.assert_close(made, p.messages[3], rtol=1e-4, atol=1e-5)


def test_attention_in_each_tower():
    trace = ml.trace(build("GATv2Conv", towers=3), ASPIRIN)
    for p in trace.rounds[0].propagations:
        shares = torch.zeros(13, 1).index_add_(0, p.edge_index[1], p.weights.reshape(-1, 1))
        torch.testing.assert_close(shares, torch.ones(13, 1))
    named = [p.weights for p in stage_view(trace).rounds[0].propagations]
    assert len(set(named)) == 3


def test_the_master_is_a_node_of_the_stage():
    view = stage_view(ml.trace(build("NNConv", master_node=5), ASPIRIN))
    assert view.node_atoms.tolist() == [*range(13), -1]
    assert view.node_labels[-1] == "master"
    _, read, write = view.rounds[0].propagations
    assert {read.roles[r] for r in read.role} == {"master"}
    assert set(read.source.tolist()) == set(write.target.tolist()) == {13}
    assert write.aggregated is None
    steps = [(s.name, s.propagation) for s in view.steps if s.round == 0]
    assert ("update", 2) in steps
    assert {name for name, _ in steps} <= set(get_args(SubStep))
    plain = stage_view(ml.trace(build("NNConv"), ASPIRIN))
    assert plain.node_atoms.tolist() == list(range(13))


def test_a_master_for_each_molecule_of_a_batch():
    model = build("NNConv", master_node=5)
    trace = ml.trace(model, collate([model.spec.featurize(s) for s in ("CCO", METHANE, "CC")]))
    assert trace.verify()
    read = trace.rounds[0].propagations[1]
    assert read.edge_index.tolist() == [[6, 6, 6, 7, 8, 8], [0, 1, 2, 3, 4, 5]]
    assert trace.books[1].ledger["round 1/to the master/master state"].values.shape == (3, 5)


def test_a_wrapper_in_a_tower_is_not_claimed():
    trace = ml.trace(build("DirGNNConv", towers=2), ASPIRIN)
    report = trace.verify()
    assert not report.failed
    assert "round 1/tower 2/state" in {c.name for c in report.unchecked}
    assert [p.part for p in trace.rounds[0].propagations][:2] == [
        "tower 1/conv_in", "tower 1/conv_out",
    ]  # fmt: skip
    stage_view(trace)


@pytest.mark.parametrize("name", ["DirGNNConv", "AntiSymmetricConv", "GPSConv"])
@pytest.mark.parametrize("norm", ["none", "message"])
def test_layers_within_layers_where_activation_comes_first(name, norm):
    """What a round left is its own state, not what the next layer was given of it."""
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 12, block="res+", norm=norm)] * 2)
    trace = ml.trace(spec.build(), ASPIRIN)
    report = trace.verify()
    assert report, str(report)
    assert torch.equal(trace.rounds[-1].state_out, trace.readout.state)
    half = trace.rounds[len(trace.rounds) // 2 - 1]
    assert torch.equal(half.state_out, trace.parts["rounds.0"][0].output[0])
    assert "what the model does" not in str(report)


@pytest.mark.parametrize(
    "fields", [{"master_node": 5}, {"towers": 2}, {"both_directions": True}], ids=str
)
def test_a_layer_that_is_called_again_within_one_round(fields):
    layer = ml.Layer("AntiSymmetricConv", 12, options={"num_iters": 3})
    spec = ml.ModelSpec(rounds=[layer], update="gru", **fields)
    trace = ml.trace(spec.build(), ASPIRIN)
    assert trace.verify()
    labels = [p.label for p in trace.rounds[0].propagations]
    assert len(set(labels)) == len(labels)
    stage_view(trace)
