"""Specifications: JSON both ways, faults with their path, seeds."""

import json

import pytest
import torch

from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.nn import LAYERS
from tests.molecules import ASPIRIN


def test_json_both_ways():
    spec = ModelSpec(
        rounds=[Layer("NNConv", 8, options={"hidden": 4}), Layer("GATv2Conv", 8, aggr="mean")],
        update="gru",
        readout="set2set",
        head=(8, 4),
        targets=2,
        hydrogens=True,
    )
    assert ModelSpec.from_json(spec.to_json()) == spec
    assert json.loads(spec.to_json())["rounds"][0]["options"] == {"hidden": 4}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"rounds": []}, "rounds"),
        ({"rounds": [{"name": "GCNConv"}] * 65}, "rounds"),
        ({"rounds": [{"name": "NoConv"}]}, "rounds.0.name"),
        ({"rounds": [{"name": "GCNConv", "width": 0}]}, "rounds.0.width"),
        ({"rounds": [{"name": "GCNConv", "width": -1}]}, "rounds.0.width"),
        ({"rounds": [{"name": "GCNConv", "width": 10**9}]}, "rounds.0.width"),
        ({"rounds": [{"name": "GCNConv", "options": {"heads": 2}}]}, "rounds.0.options.heads"),
        ({"rounds": [{"name": "NNConv", "options": {"hidden": 0}}]}, "rounds.0.options.hidden"),
        ({"rounds": [{"name": "GCNConv", "options": {"bias": 3}}]}, "rounds.0.options.bias"),
        ({"rounds": [{"name": "GINEConv", "options": {"eps": "1"}}]}, "rounds.0.options.eps"),
        ({"rounds": [{"name": "NNConv", "options": {"hidden": True}}]}, "rounds.0.options.hidden"),
        (
            {"rounds": [{"name": "GATv2Conv", "width": 7, "options": {"heads": 2}}]},
            "rounds.0.width",
        ),
        ({"rounds": [{"name": "GCNConv", "colour": "red"}]}, "rounds.0.colour"),
        ({"rounds": [{"name": "GCNConv"}], "update": "lstm"}, "update"),
        ({"rounds": [{"name": "GCNConv"}], "rubbish": 1}, "rubbish"),
        ({"rounds": [{"name": "GCNConv"}], "head": [0]}, "head"),
        ({"rounds": [{"name": "GCNConv"}, {"name": "GINEConv"}], "tied": True}, "rounds.1"),
        (
            {
                "rounds": [{"name": "GCNConv", "width": 8}, {"name": "GCNConv", "width": 9}],
                "update": "gru",
            },
            "rounds.1.width",
        ),
        ([], "specification"),
    ],
)
def test_faults_name_the_field(fields, path):
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_json(json.dumps(fields))
    assert str(caught.value).startswith(path), str(caught.value)


def test_python_arguments_are_checked_alike():
    with pytest.raises(SpecError, match=r"^width: "):
        Layer("GCNConv", -1)
    with pytest.raises(SpecError, match=r"^update: "):
        ModelSpec(rounds=[Layer("GCNConv", 4)], update="lstm")
    with pytest.raises(SpecError, match="The layers are NNConv"):
        Layer("NoConv")


@pytest.mark.parametrize("text", ["", "{", "[" * 10_000, '{"rounds":' * 10_000, " " * 2_000_000])
def test_hostile_json_is_a_spec_error(text):
    with pytest.raises(SpecError):
        ModelSpec.from_json(text)


def test_the_seed_alone_draws_the_weights():
    spec = ModelSpec(rounds=[Layer("NNConv", 4)], readout="set2set")
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first = spec.build(seed=3).state_dict()
    assert torch.equal(torch.get_rng_state(), before)
    torch.rand(5)
    again, other = spec.build(seed=3).state_dict(), spec.build(seed=4).state_dict()
    assert all(torch.equal(first[k], again[k]) for k in first)
    assert any(not torch.equal(first[k], other[k]) for k in first)


def test_summary_reads_like_the_header():
    spec = ModelSpec(rounds=[Layer("NNConv", 4)] * 3, update="gru", readout="set2set")
    assert spec.summary() == "NNConv × 3 · sum · GRU · set2set"


@pytest.mark.parametrize("name", LAYERS)
def test_tied_rounds_share_one_set_of_weights(name):
    apart = ModelSpec(rounds=[Layer(name, 8)] * 3)
    tied = apart.model_copy(update={"tied": True})
    count = [sum(p.numel() for p in s.build().rounds.parameters()) for s in (apart, tied)]
    assert count[0] == 3 * count[1]
    assert tied.build()(tied.featurize(ASPIRIN)).shape == (1, 1)
