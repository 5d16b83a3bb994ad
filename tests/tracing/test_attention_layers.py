"""Layers that weigh their neighbours by attention: recomputed, whatever their options."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE

X, E = 30, 4
PASSED = {"round 1/message", "round 1/aggregate", "round 1/layer"}
LAYERS = {
    "GAT": lambda: pyg.GATConv(X, 5),
    "GAT, heads": lambda: pyg.GATConv(X, 5, heads=3),
    "GAT, mean of heads, own state": lambda: pyg.GATConv(
        X, 5, heads=3, concat=False, residual=True
    ),
    "GAT, no loops, no bias": lambda: pyg.GATConv(X, 5, add_self_loops=False, bias=False),
    "GAT, two matrices, mean": lambda: pyg.GATConv((X, X), 5, aggr="mean", negative_slope=0.01),
    "GAT, against the edges": lambda: pyg.GATConv(X, 5, flow="target_to_source"),
    "GAT, bonds": lambda: pyg.GATConv(X, 5, heads=2, edge_dim=E),
    "GAT, bonds, loops of ones": lambda: pyg.GATConv(X, 5, heads=2, edge_dim=E, fill_value=1.0),
    "GAT, bonds, loops of maxima": lambda: pyg.GATConv(X, 5, edge_dim=E, fill_value="max"),
    "SuperGAT": lambda: pyg.SuperGATConv(X, 5, heads=2),
    "SuperGAT, mean of heads": lambda: pyg.SuperGATConv(X, 5, heads=2, concat=False),
    "SuperGAT, no loops, no bias": lambda: pyg.SuperGATConv(X, 5, add_self_loops=False, bias=False),
    "SuperGAT, SD": lambda: pyg.SuperGATConv(X, 5, heads=2, attention_type="SD"),
    "Transformer": lambda: pyg.TransformerConv(X, 5),
    "Transformer, heads": lambda: pyg.TransformerConv(X, 5, heads=3),
    "Transformer, mean of heads, gate": lambda: pyg.TransformerConv(
        X, 5, heads=3, concat=False, beta=True
    ),
    "Transformer, gate, no bias": lambda: pyg.TransformerConv(X, 5, heads=2, beta=True, bias=False),
    "Transformer, no own state": lambda: pyg.TransformerConv(X, 5, heads=2, root_weight=False),
    "Transformer, bonds": lambda: pyg.TransformerConv(X, 5, heads=2, edge_dim=E),
    "Transformer, bonds, gate, maximum": lambda: pyg.TransformerConv(
        X, 5, heads=2, edge_dim=E, beta=True, aggr="max"
    ),
    "RGAT": lambda: pyg.RGATConv(X, 5, 4),
    "RGAT, heads, bonds": lambda: pyg.RGATConv(X, 5, 4, heads=3, edge_dim=E),
    "RGAT, mean of heads, no bias": lambda: pyg.RGATConv(
        X, 5, 4, heads=3, concat=False, bias=False
    ),
    "RGAT, bases": lambda: pyg.RGATConv(X, 5, 4, num_bases=2),
    "RGAT, blocks": lambda: pyg.RGATConv(X, 5, 4, heads=2, num_blocks=5, negative_slope=0.01),
    "AGNN": lambda: pyg.AGNNConv(),
    "AGNN, no loops": lambda: pyg.AGNNConv(add_self_loops=False),
    "AGNN, fixed, maximum": lambda: pyg.AGNNConv(requires_grad=False, aggr="max"),
}


def run(layer, smiles):
    torch.manual_seed(3)
    data = ml.featurize(smiles)
    given = {}
    if getattr(layer, "edge_dim", None):
        given["edge_attr"] = torch.rand(data.num_edges, E)
    if isinstance(layer, pyg.RGATConv):
        given["edge_type"] = torch.randint(0, 4, (data.num_edges,))
    return ml.trace(layer, data, forward=lambda m, d: m(d.x, d.edge_index, **given))


def sharpened(name):
    """With larger weights than the first ones, so that the attention is far from even."""
    torch.manual_seed(2)
    layer = LAYERS[name]()
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(torch.randn_like(parameter) / 2)
    return layer


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE, ASPIRIN])
def test_recomputed(name, smiles):
    trace = run(sharpened(name), smiles)
    report = trace.verify()
    assert {c.name for c in report.passed} >= PASSED
    assert not report.failed, str(report)
    stage_view(trace)


@pytest.mark.parametrize("name", LAYERS)
def test_the_shares_of_the_incoming_messages_are_its_weights(name):
    p = run(sharpened(name), ASPIRIN).rounds[0].propagations[0]
    weights = p.weights if p.weights.dim() == 2 else p.weights[:, None]
    sums = torch.zeros(13, weights.shape[1]).index_add(0, p.edge_index[1 - p.sends], weights)
    torch.testing.assert_close(sums, torch.ones_like(sums))


@pytest.mark.parametrize("name", LAYERS)
def test_a_wrong_share_is_found(name):
    layer = sharpened(name)
    if isinstance(layer, pyg.GATConv):
        layer.register_edge_update_forward_hook(lambda m, i, out: out * 1.01)
        found = "alpha"
    else:
        layer.register_message_forward_hook(lambda m, i, out: out * 1.01)
        found = "message"
    assert f"round 1/{found}" in {c.name for c in run(layer, ASPIRIN).verify().failed}


def test_states_of_length_nothing_have_no_direction():
    layer, data = pyg.AGNNConv(), ml.featurize(ASPIRIN)
    data.x[:3] = 0
    report = ml.trace(layer, data, forward=lambda m, d: m(d.x, d.edge_index)).verify()
    assert "round 1/message" in {c.name for c in report.passed}
    assert not report.failed


def test_the_attention_that_a_transformer_leaves_is_compared():
    report = run(pyg.TransformerConv(X, 5, heads=2), ASPIRIN).verify()
    assert "round 1/alpha" in {c.name for c in report.passed}


def test_bonds_without_a_matrix_are_not_claimed():
    layer, data = pyg.TransformerConv(X, 5), ml.featurize("CO")
    bonds = torch.rand(data.num_edges, 1, 5)
    trace = ml.trace(layer, data, forward=lambda m, d: m(d.x, d.edge_index, bonds))
    report = trace.verify()
    assert "round 1/message" in {c.name for c in report.unchecked}
    assert not report.failed


@pytest.mark.parametrize(
    ("options", "smiles"),
    [
        ({}, METHANE),
        ({}, SODIUM_CHLORIDE),
        ({}, ASPIRIN),
        ({"add_self_loops": False, "bias": False}, ASPIRIN),  # without edges PyG's own fails
        ({"aggr": "sum"}, ASPIRIN),
    ],
)
def test_feast_of_one_matrix(options, smiles):
    report = run(pyg.FeaStConv(X, 5, **options), smiles).verify()
    assert {c.name for c in report.passed} >= PASSED
    assert not report.failed


def test_the_shares_of_the_matrices_are_feasts_weights():
    layer = pyg.FeaStConv(X, 5, heads=3)
    trace = run(layer, ASPIRIN)
    report = trace.verify()
    assert {c.name for c in report.passed} >= PASSED
    assert not report.failed
    p = trace.rounds[0].propagations[0]
    h = trace.rounds[0].state_in
    shares = [
        torch.softmax((h[j] - h[i]) @ layer.u.weight.T + layer.c, 0) for j, i in p.edge_index.T
    ]
    torch.testing.assert_close(p.weights, torch.stack(shares))
    assert p.weight_axes == ("edge", "head")
    stage_view(trace)


@pytest.mark.parametrize(
    "options",
    [
        {"attention_mechanism": "within-relation"},
        {"attention_mode": "multiplicative-self-attention", "dim": 2},
        {"mod": "additive"},
        {"mod": "scaled"},
        {"mod": "f-additive"},
        {"mod": "f-scaled"},
    ],
)
def test_what_is_not_written_down_is_not_claimed(options):
    torch.manual_seed(2)
    layer = pyg.RGATConv(X, 5, 4, heads=2, **options)
    nn.init.constant_(layer.l2, 1 / 5)  # PyG leaves it as the memory was
    trace = run(layer, ASPIRIN)
    report = trace.verify()
    assert {"round 1/message", "round 1/layer"} <= {c.name for c in report.unchecked}
    assert not report.failed
    assert trace.rounds[0].propagations[0].weights is not None


def test_attention_comes_before_the_factors_of_the_degrees():
    layer, data = pyg.FAConv(X), ml.featurize(ASPIRIN)
    p = ml.trace(layer, data, forward=lambda m, d: m(d.x, d.x, d.edge_index)).rounds[0]
    _, (_, alpha) = layer.eval()(data.x, data.x, data.edge_index, return_attention_weights=True)
    torch.testing.assert_close(p.propagations[0].weights, alpha)


def test_shares_that_the_messages_belie_are_not_given_as_weights():
    layer = sharpened("SuperGAT")
    assert run(layer, ASPIRIN).rounds[0].propagations[0].weights is not None
    layer.register_message_forward_hook(lambda m, i, out: out * 1.01)
    assert run(layer, ASPIRIN).rounds[0].propagations[0].weights is None
