"""Every aggregation of the registry, in layers and as a readout."""

import inspect

import pytest
import torch
from torch_geometric.nn import Aggregation, aggr

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn import AGGREGATORS, LAYERS
from mpnn_lab.nn.aggregators import IN_LAYERS, LEARNED
from tests.molecules import ASPIRIN, DRUGS, METHANE, SODIUM_CHLORIDE

INDEX = torch.tensor([0, 0, 0, 1, 1, 1, 1, 2, 3])
SHUFFLED = torch.tensor([2, 0, 1, 5, 6, 3, 4, 7, 8])
"""The same rows in another order within each group."""
NOT_OURS = {
    "MultiAggregation": "several",
    "MedianAggregation": "median",
}


@pytest.mark.parametrize("name", AGGREGATORS)
def test_width_and_order(name):
    entry = AGGREGATORS[name]
    module, x = entry.build(12).eval(), torch.randn(9, 12)
    if name == "sort":  # whose order matters where last channels tie alone
        x[:, -1] = 0
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
    [(n, a) for n, e in LAYERS.items() if e.aggr is not None for a in e.aggrs if a in IN_LAYERS],
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


PLAIN_ROWS = [name for name, entry in LAYERS.items() if entry.messages]


@pytest.mark.parametrize("layer", PLAIN_ROWS)
def test_messages_are_as_wide_as_the_layer_says(layer):
    """Else an aggregation with weights would not fit where states change their width."""
    entry = LAYERS[layer]
    width = 24 if entry.keeps_width else 12
    spec = ModelSpec(rounds=[Layer("GCNConv", 24), Layer(layer, width, aggr="gru")])
    trace = ml.trace(spec.build(), "CO")
    for p in trace.rounds[-1].propagations:
        assert p.messages.shape[1:] == ({"in": 24, "out": width}[entry.messages],)


@pytest.mark.parametrize("way", LEARNED)
def test_every_layer_with_messages_in_plain_rows_takes_it(way):
    for layer in PLAIN_ROWS:
        if way not in LAYERS[layer].aggrs:
            continue
        model = ModelSpec(rounds=[Layer(layer, 12, aggr=way)], update="residual").build(seed=1)
        data = model.spec.featurize("CC(=O)O")
        out = model(data)
        out.sum().backward()
        assert out.isfinite().all(), layer
        if layer in ("GCNConv", "RGCNConv", "TAGConv"):
            assert not ml.trace(model, data).verify().failed, layer


@pytest.mark.parametrize("way", LEARNED)
@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE, "CO", ASPIRIN])
def test_aggregations_with_weights_within_a_layer(way, smiles):
    model = ModelSpec(rounds=[Layer("GraphConv", 12, aggr=way)] * 2).build(seed=1)
    graphs = [model.spec.featurize(s) for s in (smiles, *DRUGS[:2])]
    for graph in (graphs[0], collate(graphs[:2])):
        model.train()(graph).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)
    trace = ml.trace(model, graphs[0])
    assert torch.equal(trace.output, model.eval()(graphs[0]))
    assert not trace.verify().failed
    together = model(collate(graphs))
    torch.testing.assert_close(together[0], trace.output[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("way", LEARNED)
def test_each_atom_aggregates_its_own_messages(way):
    """Against the same module given one atom's messages at a time, in the order of the edges."""
    model = ModelSpec(rounds=[Layer("GINConv", 12, aggr=way)]).build(seed=1).double().eval()
    module = model.rounds[0].conv.aggr_module
    p = ml.trace(model, "CC(=O)O").rounds[0].propagations[0]
    for atom in range(4):
        own = p.messages[p.edge_index[1] == atom]
        zero = torch.zeros(len(own), dtype=torch.long)
        alone = getattr(module, "inner", module)(own, zero, dim_size=1)[0]
        torch.testing.assert_close(p.aggregated[atom], alone)


def test_an_lstm_hears_the_messages_of_an_atom_one_by_one():
    model = ModelSpec(rounds=[Layer("GINConv", 12, aggr="lstm")]).build(seed=1).double().eval()
    lstm = model.rounds[0].conv.aggr_module.inner.lstm
    p = ml.trace(model, ASPIRIN).rounds[0].propagations[0]
    for atom in range(13):
        h = c = torch.zeros(12).double()
        for m in p.messages[p.edge_index[1] == atom]:
            gates = lstm.weight_ih_l0 @ m + lstm.weight_hh_l0 @ h
            i, f, g, o = (gates + lstm.bias_ih_l0 + lstm.bias_hh_l0).chunk(4)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        torch.testing.assert_close(p.aggregated[atom], h)


@pytest.mark.parametrize("readout", AGGREGATORS)
def test_molecules_together_are_as_alone(readout):
    model = ModelSpec(rounds=[Layer("GCNConv", 12)], readout=readout).build(seed=1).double().eval()
    graphs = [model.spec.featurize(s) for s in (*DRUGS, METHANE, SODIUM_CHLORIDE)]
    graphs = [g.apply(lambda t: t.double() if t.is_floating_point() else t) for g in graphs]
    alone = torch.cat([model(g) for g in graphs])
    torch.testing.assert_close(model(collate(graphs)), alone, rtol=1e-5, atol=1e-7)


def test_every_aggregation_of_pygs_is_there():
    modules = [entry.build(8) for entry in AGGREGATORS.values()]
    built = {type(getattr(module, "inner", module)).__name__ for module in modules}
    known = {n for n in aggr.__all__ if issubclass(getattr(aggr, n), Aggregation)} - {"Aggregation"}
    assert known - built <= set(NOT_OURS)
    assert {"MultiAggregation", "MedianAggregation"} <= built


def test_names_that_are_not_there():
    with pytest.raises(SpecError, match=r"^readout: there is no readout 'typical'"):
        ModelSpec(rounds=[Layer("GCNConv", 8)], readout="typical")
    with pytest.raises(SpecError, match="aggr: there is no aggregation 'typical'"):
        Layer("GCNConv", 8, aggr="typical")
    with pytest.raises(SpecError, match="cannot aggregate its messages by 'set2set'"):
        Layer("GCNConv", 8, aggr="set2set")
    with pytest.raises(SpecError, match="cannot aggregate its messages by 'lstm'"):
        Layer("GATv2Conv", 8, aggr="lstm")


def test_formulas_name_what_is_aggregated():
    for entry in AGGREGATORS.values():
        assert "x_" in entry.formula
        assert inspect.signature(entry.build)


def test_a_readout_that_cannot_take_the_states_says_so():
    with pytest.raises(SpecError, match=r"^readout: patch transformer refused states of 3"):
        ModelSpec(rounds=[Layer("GCNConv", 3)], readout="patch transformer").build()
