"""Specifications: JSON both ways, faults with their path, seeds."""

import copy
import json
import pickle

import pytest
import torch

from mpnn_lab import InputError, Layer, ModelSpec, SpecError
from tests.molecules import ASPIRIN, KNOWN_LAYERS


def test_json_both_ways():
    spec = ModelSpec(
        rounds=[Layer("NNConv", 8, options={"hidden": 4}), Layer("GATv2Conv", 8, aggr="mean")],
        update="gru",
        readout="set2set",
        head=(8, 4),
        targets=2,
        hydrogens=True,
        edges="radius",
        cutoff=4.5,
        geometry=True,
        distances="raw",
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
        ({"rounds": [{"name": "GCNConv"}], "hydrogens": "no"}, "hydrogens"),
        ({"rounds": [{"name": "GCNConv"}], "tied": "yes"}, "tied"),
        ({"rounds": [{"name": "GCNConv"}], "targets": True}, "targets"),
        ({"rounds": [{"name": "GCNConv"}], "head": ["8"]}, "head.0"),
        ({"rounds": [{"name": "GCNConv", "width": True}]}, "rounds.0.width"),
        ({"rounds": [{"name": "GCNConv"}], "edges": "all"}, "edges"),
        ({"rounds": [{"name": "GCNConv"}], "distances": True}, "distances"),
        ({"rounds": [{"name": "GCNConv"}], "geometry": 1}, "geometry"),
        ({"rounds": [{"name": "GCNConv"}], "edges": "radius", "cutoff": 0}, "cutoff"),
        ({"rounds": [{"name": "GCNConv"}], "edges": "radius", "cutoff": "5"}, "cutoff"),
        ({"rounds": [{"name": "GCNConv"}], "edges": "radius", "cutoff": 1e9}, "cutoff"),
        ({"rounds": [{"name": "GCNConv"}], "cutoff": 3.0}, "cutoff"),
        ({"rounds": [{"name": "GCNConv"}], "distances": "binned"}, "distances"),
        (
            {"rounds": [{"name": "GCNConv"}], "edges": "complete", "virtual_edges": True},
            "virtual_edges",
        ),
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
    with pytest.raises(SpecError, match="Did you mean 'NNConv'"):
        Layer("NoConv")


@pytest.mark.parametrize(
    ("name", "option", "value"),
    [
        ("GATv2Conv", "negative_slope", "a"),
        ("GATv2Conv", "negative_slope", float("nan")),
        ("GATv2Conv", "dropout", 1.5),
        ("GATv2Conv", "dropout", -0.1),
        ("GATv2Conv", "fill_value", "bogus"),
        ("GATv2Conv", "fill_value", float("inf")),
        ("GATv2Conv", "fill_value", True),
        ("GATv2Conv", "concat", "no"),
        ("GATv2Conv", "bias", "no"),
        ("NNConv", "root_weight", "false"),
        ("GCNConv", "normalize", "no"),
        ("GINEConv", "eps", 10**400),
    ],
)
def test_options_out_of_range_are_refused(name, option, value):
    with pytest.raises(SpecError, match=rf"^options\.{option}: .*expected"):
        Layer(name, 8, options={option: value})


@pytest.mark.parametrize("fill", ["sum", "add", "mean", "min", "max", "mul", 0, 0.5])
def test_what_a_loops_features_can_be(fill):
    spec = ModelSpec(rounds=[Layer("GATv2Conv", 8, options={"fill_value": fill})])
    assert spec.build()(spec.featurize(ASPIRIN)).isfinite().all()


def test_what_is_no_option_is_refused_with_its_reason():
    with pytest.raises(SpecError, match="PyG gives loops their weight 2 only beside edge weights"):
        Layer("GCNConv", 8, options={"improved": True})
    with pytest.raises(SpecError, match=r"options\.edge_dim: the molecule's bonds decide it"):
        Layer("GATv2Conv", 8, options={"edge_dim": 3})


def test_options_cannot_be_changed():
    given = {"hidden": 4}
    layer = Layer("NNConv", 8, options=given)
    given["hidden"] = 5
    for change in (
        lambda o: o.update(hidden="x"),
        lambda o: o.clear(),
        lambda o: o.pop("hidden"),
        lambda o: o.setdefault("bias", 3),
        lambda o: o.__setitem__("hidden", 5),
        lambda o: o.__delitem__("hidden"),
        lambda o: o.__ior__({"hidden": 5}),
    ):
        with pytest.raises(SpecError, match="cannot be changed"):
            change(layer.options)
    assert layer.options == {"hidden": 4}
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert twin == layer
        assert hash(twin) == hash(layer)
    assert Layer("NNConv", 8) != layer
    assert len({layer, Layer("NNConv", 8, options={"hidden": 4}), Layer("NNConv", 8)}) == 2


@pytest.mark.parametrize("seed", ["a", 2**70, -1, 1.5, True, None])
def test_a_seed_that_is_none_is_refused(seed):
    spec = ModelSpec(rounds=[Layer("GCNConv", 4)])
    with pytest.raises(InputError, match=r"seed is .*; expected a whole number from 0"):
        spec.build(seed)


@pytest.mark.parametrize("text", [None, 3, {"rounds": []}])
def test_json_that_is_no_text_is_refused(text):
    with pytest.raises(SpecError, match=f"got a {type(text).__name__}; expected the text"):
        ModelSpec.from_json(text)


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
    for fields, said in (
        ({"virtual_edges": True, "distances": "binned"}, "virtual edges · distances binned"),
        ({"edges": "complete"}, "all pairs"),
        ({"edges": "radius", "cutoff": 4.5, "distances": "raw"}, "within 4.5 Å · distances raw"),
    ):
        with_pairs = ModelSpec(rounds=[Layer("GINEConv", 4)], **fields)
        assert with_pairs.summary() == f"GINEConv × 1 · sum · sum · {said}"


def test_what_the_graph_holds_follows_from_what_is_asked():
    rounds = [Layer("NNConv", 4)]
    plain = len(ModelSpec(rounds=rounds).featurizer().bond_columns)
    for fields, more, positions in (
        ({}, 0, False),
        ({"geometry": True}, 0, True),
        ({"distances": "raw"}, 1, True),
        ({"virtual_edges": True}, 1, False),
        ({"edges": "complete", "distances": "raw"}, 2, True),
        ({"edges": "radius"}, 1, True),
        ({"edges": "radius", "distances": "binned"}, 10, True),
    ):
        spec = ModelSpec(rounds=rounds, **fields)
        model, data = spec.build(), spec.featurize("CCO")
        assert len(model.bond_columns) == plain + more == data.edge_attr.shape[1]
        assert spec.positions == positions == ("pos" in data)
        assert model(data).shape == (1, 1)


@pytest.mark.parametrize("name", KNOWN_LAYERS)
def test_tied_rounds_share_one_set_of_weights(name):
    apart = ModelSpec(rounds=[Layer(name, 8)] * 3)
    tied = apart.model_copy(update={"tied": True})
    count = [sum(p.numel() for p in s.build().rounds.parameters()) for s in (apart, tied)]
    assert count[0] == 3 * count[1]
    assert tied.build()(tied.featurize(ASPIRIN)).shape == (1, 1)


def test_a_specification_is_replaced_not_changed():
    spec = ModelSpec(rounds=[Layer("GCNConv", 8)])
    with pytest.raises(SpecError, match=r"readout: a ModelSpec is not changed.*\n.*replace"):
        spec.readout = "max"
    with pytest.raises(SpecError, match="width: a Layer"):
        del spec.rounds[0].width
    assert spec.replace(readout="max").readout == "max"
    assert spec.rounds[0].replace(width=9) == Layer("GCNConv", 9)
    for change in (spec.replace, lambda **new: spec.model_copy(update=new)):
        with pytest.raises(SpecError, match="there is no readout 'nonsense'"):
            change(readout="nonsense")
