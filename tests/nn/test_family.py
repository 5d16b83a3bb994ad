"""Towers, master node, two channels, padded input: what they ask of the rest of a specification."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.nn.padding import ZeroPad
from tests.molecules import ASPIRIN

GCN, WEAVE = Layer("GCNConv", 12), Layer("WeaveConv", 12)


@pytest.mark.parametrize(
    ("fields", "path", "words"),
    [
        ({"towers": 0}, "towers", "from 1 to 64"),
        ({"towers": 65}, "towers", "from 1 to 64"),
        ({"towers": True}, "towers", "whole number"),
        ({"towers": 5}, "towers", "round 1 has 12 channels, which cannot be divided"),
        ({"towers": 2, "master_node": 4}, "master_node", "with 2 towers"),
        ({"rounds": [WEAVE], "towers": 2}, "towers", "makes new states of the edges"),
        (
            {"rounds": [Layer("GATv2Conv", 12, options={"heads": 4})], "towers": 2},
            "rounds.0",
            "6 cannot be divided among 4 heads, in one of 2 towers",
        ),
        ({"master_node": -1}, "master_node", "from 0 to 2048"),
        ({"master_node": 4096}, "master_node", "from 0 to 2048"),
        ({"master_node": 2.5}, "master_node", "whole number"),
        ({"both_directions": True}, "both_directions", "the update 'none' cannot take"),
        (
            {"both_directions": True, "update": "residual"},
            "both_directions",
            "the update 'residual' cannot take",
        ),
        (
            {"rounds": [WEAVE], "both_directions": True, "update": "gru"},
            "both_directions",
            "makes new states of the edges",
        ),
        ({"both_directions": 1}, "both_directions", "True or False"),
        ({"pad_input": True}, "pad_input", "atoms have 30 features, which are more than the 12"),
        ({"readout": "gate"}, "readout", "there is no readout 'gate'"),
    ],
)
def test_what_does_not_go_together_names_its_field(fields, path, words):
    with pytest.raises(SpecError) as caught:
        ModelSpec(**{"rounds": [GCN], **fields})
    assert str(caught.value).startswith(f"{path}:") or path.startswith("rounds")
    assert caught.value.faults[0].path.startswith(path)
    assert words in str(caught.value)


def test_tied_rounds_whose_edges_change_their_width():
    spec = ModelSpec(rounds=[WEAVE] * 2, tied=True)
    with pytest.raises(SpecError, match=r"tied: WeaveConv makes states of 32.*\n.*edge_width"):
        spec.build()
    same = Layer("WeaveConv", 12, options={"edge_width": 10})
    model = ModelSpec(rounds=[same] * 2, tied=True).build()
    assert ml.trace(model, ASPIRIN).verify()


def test_the_next_round_reads_the_edges_states():
    rounds = [WEAVE, Layer("NNConv", 12), Layer("RGCNConv", 12), Layer("GINEConv", 12)]
    model = ModelSpec(rounds=rounds).build().eval()
    assert model.rounds[1].conv.nn[0].in_features == 32
    assert model.rounds[3].conv.lin.in_channels == 32
    trace = ml.trace(model, ASPIRIN)
    edges = trace.rounds[0].edge_state_out
    for later in (1, 3):
        assert torch.equal(trace.rounds[later].propagations[0].record.kwargs["edge_attr"], edges)
        assert trace.rounds[later].edge_state_out is None
    assert trace.verify()
    assert "round 1/edge state" in {c.name for c in trace.verify().passed}
    made = trace.books[4].ledger["round 4/sum"]
    assert "round 4/bond" in made.args
    assert trace.books[4].ledger["round 4/bond"].args[0] == "round 1/edge state"


def test_types_and_orders_stay_the_bonds_own():
    """A layer by types after one that changes the edges' states reads the types of the bonds."""
    rounds = [WEAVE, Layer("MatrixMultiplicationConv", 12)]
    model = ModelSpec(rounds=rounds).build().eval()
    data = model.spec.featurize("C=CC#N")
    record = ml.trace(model, data).rounds[1].propagations[0].record
    columns = [model.bond_columns.index(n) for n in ("single", "double", "triple", "aromatic")]
    expected = data.edge_attr[:, columns].argmax(1)
    assert torch.equal(record.kwargs["edge_type"], expected)


def test_zeros_after_the_features():
    model = ml.preset("gg-nn", width=40, rounds=1, pad_input=True).build()
    assert isinstance(model.project, ZeroPad)
    data = model.spec.featurize(ASPIRIN)
    state = ml.trace(model, data).rounds[0].state_in
    assert torch.equal(state[:, :30], data.x)
    assert state.shape == (13, 40)
    assert not state[:, 30:].any()
    assert "input/state" in {c.name for c in ml.trace(model, data).verify().passed}


def test_the_line_about_a_model_names_them():
    spec = ml.preset("gg-nn", width=12, both_directions=True)
    assert "in and out" in spec.summary()
    assert "3 towers" in spec.replace(towers=3).summary()
    assert "master node" in spec.replace(master_node=5).summary()
    assert "tower" not in spec.summary()


@pytest.mark.parametrize("update", ["gru", "mlp"])
def test_towers_share_each_its_own_update_where_that_is_tied(update):
    rounds = [Layer("GINConv", 12), Layer("GCNConv", 12)]
    model = ModelSpec(rounds=rounds, update=update, tied_update=True, towers=3).build()
    first, second = (round_.towers for round_ in model.rounds)
    assert all(a.update is b.update for a, b in zip(first, second, strict=True))
    assert first[0].update is not first[1].update
    assert ml.trace(model, ASPIRIN).verify()


def test_a_tower_remembers_the_channels_it_has_had():
    """DNAConv in towers hears, of all states so far, its own part."""
    model = ModelSpec(rounds=[Layer("DNAConv", 12)] * 3, towers=2).build()
    seen = []
    for round_ in model.rounds:
        round_.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    heard = []
    model.rounds[2].towers[1].conv.register_forward_pre_hook(
        lambda _, given: heard.append(given[0])
    )
    data = model.spec.featurize(ASPIRIN)
    model(data)
    assert torch.equal(heard[0], torch.stack([h[:, 6:] for h in seen], dim=1))
    assert ml.trace(model, data).verify()


@pytest.mark.parametrize("name", ["HypergraphConv", "SignedConv"])
def test_what_runs_along_sets_cannot_be_turned_round(name):
    with pytest.raises(SpecError, match=f"^both_directions: round 0's {name} sends along sets"):
        ModelSpec(rounds=[Layer(name, 12)], update="gru", both_directions=True)
