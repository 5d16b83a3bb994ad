"""Every aggregation of the registry, in layers and as a readout."""

import inspect

import pytest
import torch
from torch_geometric.nn import Aggregation, aggr

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn import AGGREGATORS, LAYERS
from tests.molecules import ASPIRIN, DRUGS, METHANE, SODIUM_CHLORIDE

INDEX = torch.tensor([0, 0, 0, 1, 1, 1, 1, 2, 3])
SHUFFLED = torch.tensor([2, 0, 1, 5, 6, 3, 4, 7, 8])
"""The same rows in another order within each group."""
NOT_OURS = {
    "DegreeScalerAggregation": "what PNAConv does within",
    "MultiAggregation": "several",
    "MedianAggregation": "median",
}


@pytest.mark.parametrize("name", AGGREGATORS)
def test_width_and_order(name):
    entry = AGGREGATORS[name]
    module, x = entry.build(12).eval(), torch.randn(9, 12)
    out = module(x, INDEX, dim_size=4)
    assert out.shape == (4, 12 * entry.widens)
    assert out.isfinite().all()
    same = torch.allclose(out, module(x[SHUFFLED], INDEX, dim_size=4), atol=1e-5)
    assert same != entry.order


@pytest.mark.parametrize("readout", AGGREGATORS)
@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE, "CC", ASPIRIN])
def test_as_a_readout_trained_for_a_step_and_traced(readout, smiles):
    model = ModelSpec(rounds=[Layer("GCNConv", 12)], readout=readout).build(seed=1)
    data = model.spec.featurize(smiles)
    model(collate([data, model.spec.featurize(DRUGS[1])])).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model.eval()(data))
    report = trace.verify()
    assert report, str(report)


@pytest.mark.parametrize(
    ("layer", "way"),
    [(n, a) for n, entry in LAYERS.items() if entry.aggr is not None for a in entry.aggrs],
)
@pytest.mark.parametrize("smiles", [METHANE, "CO", ASPIRIN])
def test_every_layer_with_every_aggregation_it_allows(layer, way, smiles):
    model = ModelSpec(rounds=[Layer(layer, 12, aggr=way)] * 2, update="residual").build(seed=1)
    data = model.spec.featurize(smiles)
    model(collate([data, model.spec.featurize(DRUGS[1])])).sum().backward()
    trace = ml.trace(model, data)
    assert trace.output.isfinite().all()
    report = trace.verify()
    assert not report.failed, str(report)


def test_every_aggregation_of_pygs_is_there():
    built = {type(entry.build(8)).__name__ for entry in AGGREGATORS.values()}
    known = {n for n in aggr.__all__ if issubclass(getattr(aggr, n), Aggregation)} - {"Aggregation"}
    assert known - built <= set(NOT_OURS)
    assert {"MultiAggregation", "MedianAggregation"} <= built


def test_names_that_are_not_there():
    with pytest.raises(SpecError, match=r"^readout: there is no readout 'typical'"):
        ModelSpec(rounds=[Layer("GCNConv", 8)], readout="typical")
    with pytest.raises(SpecError, match="aggr: there is no aggregation 'typical'"):
        Layer("GCNConv", 8, aggr="typical")
    with pytest.raises(SpecError, match="cannot aggregate its messages by 'lstm'"):
        Layer("GCNConv", 8, aggr="lstm")


def test_formulas_name_what_is_aggregated():
    for entry in AGGREGATORS.values():
        assert "x_" in entry.formula
        assert inspect.signature(entry.build)
