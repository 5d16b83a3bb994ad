"""Every option of a layer that changes its arithmetic: the form follows, and verifies."""

import pytest
import torch

import mpnn_lab as ml
from tests.molecules import ASPIRIN, SODIUM_CHLORIDE

OPTIONS = [
    ("NNConv", {"root_weight": False}),
    ("NNConv", {"bias": False}),
    ("GINEConv", {"train_eps": True, "eps": 0.5}),
    ("GCNConv", {"add_self_loops": False}),
    ("GCNConv", {"normalize": False}),
    ("GCNConv", {"bias": False}),
    ("GATv2Conv", {"heads": 4}),
    ("GATv2Conv", {"heads": 2, "concat": False}),
    ("GATv2Conv", {"residual": True}),
    ("GATv2Conv", {"share_weights": True}),
    ("GATv2Conv", {"add_self_loops": False}),
    ("GATv2Conv", {"negative_slope": 0.01, "bias": False}),
    ("GATv2Conv", {"fill_value": "max"}),
]


@pytest.mark.parametrize(("name", "options"), OPTIONS)
@pytest.mark.parametrize("aggr", [None, "mean", "max"])
def test_forms_follow_the_options(name, options, aggr):
    layer = ml.Layer(name, 8, aggr=aggr, activation="elu", options=options)
    model = ml.ModelSpec(rounds=[layer] * 2, update="residual", readout="mean").build(seed=2)
    for smiles in (ASPIRIN, SODIUM_CHLORIDE):
        trace = ml.trace(model, smiles)
        report = trace.verify()
        assert report, str(report)
        assert not report.unchecked
        assert torch.equal(trace.output, model.eval()(model.spec.featurize(smiles)))


@pytest.mark.parametrize("activation", ["none", "relu", "elu", "silu", "tanh"])
@pytest.mark.parametrize("update", ["none", "residual", "gru"])
def test_activations_and_updates(activation, update):
    layer = ml.Layer("GCNConv", 8, activation=activation, dropout=0.3)
    trace = ml.trace(ml.ModelSpec(rounds=[layer] * 2, update=update, head=()).build(), ASPIRIN)
    report = trace.verify()
    assert report, str(report)
    assert not report.unchecked
