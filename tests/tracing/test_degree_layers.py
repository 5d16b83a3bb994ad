"""Layers weighted by degrees: recomputed, also through several propagations, or not claimed."""

import pytest
import torch
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, METHANE

X = 30
ONCE = {
    "LG": lambda: pyg.LGConv(),
    "LG, not normalised": lambda: pyg.LGConv(normalize=False),
    "LG, maximum, other flow": lambda: pyg.LGConv(aggr="max", flow="target_to_source"),
    "ClusterGCN": lambda: pyg.ClusterGCNConv(X, 5),
    "ClusterGCN, own state more": lambda: pyg.ClusterGCNConv(X, 5, diag_lambda=0.7, bias=False),
    "GCN2": lambda: pyg.GCN2Conv(X, 0.1),
    "GCN2, theta": lambda: pyg.GCN2Conv(X, 0.2, theta=0.5, layer=2),
    "GCN2, two matrices": lambda: pyg.GCN2Conv(X, 0.2, shared_weights=False),
    "GCN2, theta, two matrices": lambda: pyg.GCN2Conv(
        X, 0.2, theta=0.5, layer=2, shared_weights=False, add_self_loops=False
    ),
    "GCN2, not normalised": lambda: pyg.GCN2Conv(X, 0.1, normalize=False),
    "FA": lambda: pyg.FAConv(X),
    "FA, no first state, no loops": lambda: pyg.FAConv(X, eps=0.0, add_self_loops=False),
    "FA, given weights": lambda: pyg.FAConv(X, normalize=False, dropout=0.5),
    "LE": lambda: pyg.LEConv(X, 5),
    "LE, mean, no bias": lambda: pyg.LEConv(X, 5, bias=False, aggr="mean"),
}
SEVERAL = {
    "SG": lambda: pyg.SGConv(X, 5),
    "SG, 3, no loops": lambda: pyg.SGConv(X, 5, K=3, add_self_loops=False, bias=False),
    "SSG": lambda: pyg.SSGConv(X, 5, alpha=0.1, K=3),
    "SSG, once": lambda: pyg.SSGConv(X, 5, alpha=0.3, add_self_loops=False),
    "TAG": lambda: pyg.TAGConv(X, 5),
    "TAG, not normalised": lambda: pyg.TAGConv(X, 5, K=2, normalize=False, bias=False),
    "APPNP": lambda: pyg.APPNP(3, 0.1),
    "APPNP, once, mean": lambda: pyg.APPNP(1, 0.1, aggr="mean", add_self_loops=False),
    "APPNP, not normalised": lambda: pyg.APPNP(2, 0.1, dropout=0.5, normalize=False),
    "Cheb": lambda: pyg.ChebConv(X, 5, K=4),
    "Cheb, 2": lambda: pyg.ChebConv(X, 5, K=2, bias=False),
    "Cheb, walk": lambda: pyg.ChebConv(X, 5, K=3, normalization="rw"),
    "MixHop": lambda: pyg.MixHopConv(X, 5),
    "MixHop, powers": lambda: pyg.MixHopConv(X, 5, powers=[3, 1], add_self_loops=False, bias=False),
}
FIRST_STATES = pyg.GCN2Conv | pyg.FAConv
NO_WEIGHTS = pyg.ClusterGCNConv | pyg.FAConv


def traced(layer, data, weight=None, **more):
    if isinstance(layer, pyg.FAConv) and not layer.normalize:
        weight = torch.rand(data.num_edges)
    if weight is not None:
        more["edge_weight"] = weight
    if isinstance(layer, FIRST_STATES):
        more["x_0"] = torch.randn(data.x.shape)
    return ml.trace(layer, data, forward=lambda m, d: m(d.x, edge_index=d.edge_index, **more))


def both_ways(data):
    """A random weight for every bond, the same in both directions."""
    return (torch.rand(data.num_edges // 2) + 0.1)[data.edge_bond]


@pytest.mark.parametrize("name", [*ONCE, *SEVERAL])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_recomputed(name, weighted, smiles):
    layer, data = {**ONCE, **SEVERAL}[name](), ml.featurize(smiles)
    weights = both_ways(data) if weighted and not isinstance(layer, NO_WEIGHTS) else None
    trace = traced(layer, data, weights)
    report = trace.verify()
    places = range(len(trace.rounds[0].propagations))
    expected = {
        f"round 1/{ml.tracing.numbered(what, place)}"
        for what in ("message", "aggregate")
        for place in places
    }
    assert expected | {"round 1/layer"} <= {c.name for c in report.passed}
    assert not report.failed, str(report)
    assert all(c.name.startswith(("input/", "prediction/")) for c in report.unchecked), str(report)
    stage_view(trace)


@pytest.mark.parametrize("name", [n for n in (*ONCE, *SEVERAL) if not n.startswith(("FA", "LE"))])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_matrices_of_all_messages_are_exact(name, smiles):
    trace = traced({**ONCE, **SEVERAL}[name](), ml.featurize(smiles))
    for place, p in enumerate(trace.rounds[0].propagations):
        for k, sender in enumerate(p.edge_index[p.sends]):
            matrix = p.edge_matrix(k)
            assert matrix.exact
            assert matrix.start == ("step" if place else "layer")
            made = p.state_in[sender] @ torch.tensor(matrix.values)
            torch.testing.assert_close(made, p.messages[k])


@pytest.mark.parametrize("name", ["FA", "LE"])
def test_other_messages_have_a_jacobian(name):
    assert (
        not traced(ONCE[name](), ml.featurize("CO")).rounds[0].propagations[0].edge_matrix(0).exact
    )


@pytest.mark.parametrize("largest", [1.5, torch.tensor(1.8)])
@pytest.mark.parametrize("normalization", ["sym", "rw", None])
def test_given_eigenvalues(largest, normalization):
    layer, data = pyg.ChebConv(X, 5, K=3, normalization=normalization), ml.featurize(ASPIRIN)
    report = traced(layer, data, both_ways(data), lambda_max=largest).verify()
    assert {"round 1/c_ij", "round 1/layer"} <= {c.name for c in report.passed}
    assert not report.failed, str(report)


def test_weights_of_one_direction_only():
    """Chebyshev's degrees count what goes out, which the arithmetic has no word for."""
    data = ml.featurize(ASPIRIN)
    report = traced(pyg.ChebConv(X, 5, K=3), data, torch.rand(data.num_edges)).verify()
    assert "round 1/c_ij" in {c.name for c in report.unchecked}
    assert "round 1/layer" in {c.name for c in report.passed}
    assert not report.failed


def test_factors_from_a_cache_are_not_claimed():
    layer, data = pyg.APPNP(2, 0.1, cached=True), ml.featurize(ASPIRIN)
    layer(data.x, data.edge_index, torch.rand(data.num_edges))
    report = traced(layer, data).verify()
    assert "round 1/c_ij" in {c.name for c in report.unchecked}
    assert "round 1/layer" in {c.name for c in report.passed}
    assert not report.failed


@pytest.mark.parametrize(
    "layer",
    [
        pyg.ClusterGCNConv(X, 5, flow="target_to_source"),
        pyg.FAConv(X, flow="target_to_source"),
        pyg.ChebConv(X, 5, K=3, flow="target_to_source"),
        pyg.ChebConv(X, 5, K=1),
        pyg.TAGConv(X, 5, K=0),
        pyg.LGConv(decomposed_layers=2),
    ],
    ids=str,
)
def test_what_is_not_written_down_is_not_claimed(layer):
    trace = traced(layer, ml.featurize(ASPIRIN))
    report = trace.verify()
    assert "round 1/layer" in {c.name for c in report.unchecked}
    assert not report.failed
