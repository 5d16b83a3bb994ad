"""Layers that read bonds: recomputed in all their options, or not claimed."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, METHANE

X, E, OUT = 30, 10, 5
ALL = {"round 1/message", "round 1/aggregate", "round 1/layer"}


def mlp(width, *parts):
    return nn.Sequential(nn.Linear(width, 8), *parts, nn.ReLU(), nn.Linear(8, OUT))


def settled(layer):
    """With running statistics, temperatures and biases that are not the ones they start from."""
    with torch.no_grad():
        for name, values in [*layer.named_parameters(), *layer.named_buffers()]:
            if name.endswith("running_var"):
                values.uniform_(0.5, 2.0)
            elif values.is_floating_point() and not name.endswith(("weight", "scaler")):
                values.add_(torch.randn(values.shape) * 0.3)
    return layer


def traced(layer, smiles, *given):
    """The layer's trace on a molecule, with these columns of it (or tensors) after the edges."""
    data = ml.featurize(smiles)
    rest = [data[g] if isinstance(g, str) else g for g in given]
    trace = ml.trace(settled(layer), data, forward=lambda m, d: m(d.x, d.edge_index, *rest))
    report = trace.verify()
    assert not report.failed, str(report)
    stage_view(trace)
    return trace, {c.name for c in report.passed}, {c.name for c in report.unchecked}


WITHOUT_BONDS = {
    "gates": lambda: pyg.ResGatedGraphConv(X, OUT),
    "gates by tanh, no own state": lambda: pyg.ResGatedGraphConv(
        X, OUT, act=nn.Tanh(), root_weight=False, bias=False, aggr="mean"
    ),
    "gates, leaky": lambda: pyg.ResGatedGraphConv(X, OUT, act=nn.LeakyReLU(0.3)),
    "differences": lambda: pyg.EdgeConv(mlp(2 * X)),
    "differences, sum, batch norm": lambda: pyg.EdgeConv(mlp(2 * X, nn.BatchNorm1d(8)), aggr="add"),
    "differences, batch norm without weights": lambda: pyg.EdgeConv(
        mlp(2 * X, nn.BatchNorm1d(8, affine=False)), aggr="mean"
    ),
    "differences, flow turned about": lambda: pyg.EdgeConv(mlp(2 * X), flow="target_to_source"),
    "general": lambda: pyg.GeneralConv(X, OUT),
    "general, own state as it is": lambda: pyg.GeneralConv(X, X, bias=False, aggr="mean"),
    "general, own state through a matrix": lambda: pyg.GeneralConv(X, X, skip_linear=True),
    "general, heads, both ends": lambda: pyg.GeneralConv(X, OUT, heads=3, directed_msg=False),
    "general, attention": lambda: pyg.GeneralConv(X, OUT, heads=3, attention=True),
    "general, of length one": lambda: pyg.GeneralConv(X, OUT, l2_normalize=True),
    "general, attention by product": lambda: pyg.GeneralConv(
        X, OUT, heads=2, attention=True, attention_type="dot_product", directed_msg=False
    ),
    "GEN": lambda: pyg.GENConv(X, OUT),
    "GEN, as wide as before": lambda: pyg.GENConv(X, X, norm="layer", num_layers=3),
    "GEN, no norm": lambda: pyg.GENConv(X, OUT, norm=None, bias=True, expansion=1),
    "GEN, message norm": lambda: pyg.GENConv(X, OUT, msg_norm=True, learn_msg_scale=True),
    "GEN, several aggregates": lambda: pyg.GENConv(X, OUT, aggr=["mean", "max"]),
    "GEN, one layer": lambda: pyg.GENConv(X, OUT, num_layers=1),
    "gated": lambda: pyg.GatedGraphConv(X, 1),
    "gated, wider": lambda: pyg.GatedGraphConv(X + 4, 1, bias=False, aggr="mean"),
    "by degree": lambda: pyg.MFConv(X, OUT),
    "by degree, two at most": lambda: pyg.MFConv(X, OUT, max_degree=2, bias=False, aggr="mean"),
    "by degree, flow turned about": lambda: pyg.MFConv(X, OUT, flow="target_to_source"),
}
WITH_BONDS = {
    "general": lambda: pyg.GeneralConv(X, OUT, E),
    "general, heads, both ends": lambda: pyg.GeneralConv(
        X, OUT, E, heads=2, directed_msg=False, bias=False
    ),
    "general, attention": lambda: pyg.GeneralConv(X, OUT, E, heads=2, attention=True),
    "general, attention by product": lambda: pyg.GeneralConv(
        X, OUT, E, heads=2, attention=True, attention_type="dot_product"
    ),
    "GEN": lambda: pyg.GENConv(X, OUT, edge_dim=E),
    "GEN, bonds as wide as states": lambda: pyg.GENConv(X, E, edge_dim=E, eps=1e-2),
    "GEN, learned temperature": lambda: pyg.GENConv(X, OUT, edge_dim=E, t=0.3, learn_t=True),
    "GEN, half a gradient": lambda: pyg.GENConv(X, OUT, edge_dim=E, aggr="softmax_sg", t=2.0),
    "GEN, power": lambda: pyg.GENConv(X, OUT, edge_dim=E, aggr="power", p=2.0),
    "GEN, learned power": lambda: pyg.GENConv(X, OUT, edge_dim=E, aggr="power", learn_p=True),
    "GEN, sum": lambda: pyg.GENConv(X, OUT, edge_dim=E, aggr="add"),
    "gates": lambda: pyg.ResGatedGraphConv(X, OUT, edge_dim=E),
    "gates, no own state": lambda: pyg.ResGatedGraphConv(
        X, OUT, edge_dim=E, root_weight=False, bias=False, aggr="max"
    ),
}


@pytest.mark.parametrize("name", WITHOUT_BONDS)
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_recomputed_without_bond_features(name, smiles):
    _, passed, _ = traced(WITHOUT_BONDS[name](), smiles)
    assert passed >= ALL


@pytest.mark.parametrize("name", WITH_BONDS)
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_recomputed_with_bond_features(name, smiles):
    _, passed, _ = traced(WITH_BONDS[name](), smiles, "edge_attr")
    assert passed >= ALL


@pytest.mark.parametrize("option", [{}, {"batch_norm": True}, {"aggr": "mean", "bias": False}])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
@pytest.mark.parametrize("bonds", [False, True])
def test_the_crystal_layer(option, smiles, bonds):
    layer = pyg.CGConv(X, dim=E if bonds else 0, **option)
    _, passed, _ = traced(layer, smiles, *(["edge_attr"] if bonds else []))
    assert passed >= ALL


@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
@pytest.mark.parametrize("aggr", ["add", "max"])
def test_gates_with_edge_weights(smiles, aggr):
    weight = torch.rand(ml.featurize(smiles).num_edges)
    _, passed, _ = traced(pyg.GatedGraphConv(X, 1, aggr=aggr), smiles, weight)
    assert passed >= ALL


@pytest.mark.parametrize("update", ["none", "residual", "gru"])
@pytest.mark.parametrize(
    "name", ["ResGatedGraphConv", "GeneralConv", "GENConv", "EdgeConv", "GatedGraphConv", "MFConv"]
)
def test_recomputed_in_every_round_of_a_network(name, update):
    options = {"num_layers": 1} if name == "GatedGraphConv" else {}
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 12, options=options)] * 2, update=update)
    report = ml.trace(spec.build(seed=1).eval(), ASPIRIN).verify()
    assert not report.failed, str(report)
    assert not report.unchecked, str(report)


def kinds_of_edges(smiles):
    """Some type below five for each edge, alike in both directions."""
    return ml.featurize(smiles).edge_bond % 5


def assert_exact(trace):
    """Every matrix takes the sender's state to its message."""
    for p in trace.rounds[0].propagations:
        for k in range(p.edge_index.shape[1]):
            matrix = p.edge_matrix(k)
            assert matrix.exact
            made = trace.rounds[0].state_in[p.edge_index[p.sends, k]] @ torch.tensor(matrix.values)
            torch.testing.assert_close(made, p.messages[k].flatten(), rtol=1e-4, atol=1e-5)


RELATIONS = [
    {},
    {"aggr": "add", "bias": False},
    {"num_bases": 3, "root_weight": False},
    {"num_blocks": 5, "aggr": "add"},
    {"num_blocks": 2},
]


@pytest.mark.parametrize("option", RELATIONS)
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_relations_in_one_propagation(option, smiles):
    layer = pyg.FastRGCNConv(X, 10, 5, **option)
    trace, passed, _ = traced(layer, smiles, kinds_of_edges(smiles))
    assert passed >= ALL
    assert_exact(trace)


@pytest.mark.parametrize("option", RELATIONS)
def test_relations_in_turn_send_the_states_as_they_are(option):
    layer = pyg.RGCNConv(X, 10, 5, **option)
    trace, _, _ = traced(layer, ASPIRIN, kinds_of_edges(ASPIRIN))
    assert len(trace.rounds[0].propagations) == 5
    assert_exact(trace)


@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
@pytest.mark.parametrize(
    "name", ["gated", "gated, wider", "gated, weights", "general", "by degree"]
)
def test_exact_matrices(name, smiles):
    rest = [torch.rand(ml.featurize(smiles).num_edges)] if name == "gated, weights" else []
    layer = {
        "gated": pyg.GatedGraphConv(X, 1),
        "gated, wider": pyg.GatedGraphConv(X + 4, 1),
        "gated, weights": pyg.GatedGraphConv(X, 1),
        "general": pyg.GeneralConv(X, OUT, heads=2, bias=False),
        "by degree": pyg.MFConv(X, OUT),
    }[name]
    trace, _, _ = traced(layer, smiles, *rest)
    assert_exact(trace)


@pytest.mark.parametrize("option", [{"bias": True}, {"attention": True}, {"directed_msg": False}])
def test_what_is_added_or_attended_has_no_exact_matrix(option):
    trace, _, _ = traced(pyg.GeneralConv(X, OUT, **{"bias": False, **option}), ASPIRIN)
    assert not trace.rounds[0].propagations[0].edge_matrix(0).exact


NOT_WRITTEN = {
    "gates of another kind": lambda: pyg.ResGatedGraphConv(X, OUT, act=nn.Softplus()),
    "differences through another kind": lambda: pyg.EdgeConv(mlp(2 * X, nn.Softplus())),
    "statistics of the molecule itself": lambda: pyg.EdgeConv(
        mlp(2 * X, nn.BatchNorm1d(8, track_running_stats=False))
    ),
}


@pytest.mark.parametrize("name", NOT_WRITTEN)
def test_what_is_not_written_down_is_not_claimed(name):
    _, _, unchecked = traced(NOT_WRITTEN[name](), ASPIRIN)
    assert unchecked & {"round 1/message", "round 1/layer"}


@pytest.mark.parametrize("name", ["WeaveConv", "PPFConv", "DNAConv"])
def test_numbers_of_layer_and_update_are_told_apart(name):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8)] * 2, update="mlp")
    assert ml.trace(spec.build(), ASPIRIN).verify()
