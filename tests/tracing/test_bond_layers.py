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
}
WITH_BONDS = {
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
def test_the_crystal_layers_message_is_not_claimed(option, smiles, bonds):
    layer = pyg.CGConv(X, dim=E if bonds else 0, **option)
    _, passed, unchecked = traced(layer, smiles, *(["edge_attr"] if bonds else []))
    assert passed >= ALL - {"round 1/message"}
    assert "round 1/message" in unchecked


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
