"""Coefficients, labelled axes and edge matrices of layers with several of something."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg
from torch_geometric.utils import softmax

import mpnn_lab as ml
from mpnn_lab.tracing.jacobian import edge_jacobian
from tests.molecules import ASPIRIN
from tests.tracing.test_mixed_layers import BONDS, EVERY, RELATIONS, layer_of, run

X, E = 30, 10


def alone(layer, smiles=ASPIRIN, **given):
    data = ml.featurize(smiles)
    given = {k: data[v] if isinstance(v, str) else v for k, v in given.items()}
    return ml.trace(layer, data, forward=lambda m, d: m(d.x, d.edge_index, **given))


def test_kernels():
    layer = layer_of("GMM")
    p = run(layer, ASPIRIN, "GMM").rounds[0].propagations[0]
    e = ml.featurize(ASPIRIN).edge_attr
    for k in range(4):
        apart = ((e - layer.mu[k]) / layer.sigma[k]) ** 2
        torch.testing.assert_close(p.weights[:, k], torch.exp(-apart.sum(1) / 2))
    assert p.weight_axes == ("edge", "kernel")


def test_combination_weights_are_the_receivers():
    layer = layer_of("EG, several")
    trace = run(layer, ASPIRIN, "EG, several")
    p, h = trace.rounds[0].propagations[0], trace.rounds[0].state_in
    own = layer.comb_lin(h).view(len(h), 2, 7 * 2)
    torch.testing.assert_close(p.weights, own[p.edge_index[1]])
    assert p.weight_axes == ("edge", "head", "base")


@pytest.mark.parametrize("name", ["PDN", "ARMA, stacks and steps"])
def test_factors_of_the_degrees(name):
    for p in run(layer_of(name), ASPIRIN, name).rounds[0].propagations:
        assert p.weights.shape == p.edge_index.shape[1:]
        assert p.weight_axes == ("edge",)


@pytest.mark.parametrize("t", [0.1, 1.0, 3.0])
def test_shares_of_a_softmax_aggregation(t):
    layer = pyg.GENConv(X, X, t=t, bias=True)
    p = alone(layer).rounds[0].propagations[0]
    expected = softmax(t * p.messages, p.edge_index[1])
    torch.testing.assert_close(p.weights, expected, rtol=1e-4, atol=1e-6)
    assert p.weight_axes == ("edge", "channel")


def test_attention_comes_before_the_shares_of_the_aggregation():
    p = alone(pyg.GATConv(X, 4, heads=2, aggr="softmax")).rounds[0].propagations[0]
    assert p.weights.shape == (p.edge_index.shape[1], 2)
    assert p.weight_axes == ("edge", "head")


@pytest.mark.parametrize("layer", [pyg.SAGEConv(X, 4), pyg.GINConv(nn.Linear(X, 4))], ids=str)
def test_no_coefficients(layer):
    p = alone(layer).rounds[0].propagations[0]
    assert p.weights is None
    assert p.weight_axes == ()


def test_coefficients_that_the_messages_belie_are_not_given():
    layer = layer_of("GMM")
    layer.register_message_forward_hook(lambda m, i, out: out * 1.01)
    assert run(layer, ASPIRIN, "GMM").rounds[0].propagations[0].weights is None


@pytest.mark.parametrize(
    ("name", "axes", "labels"),
    [
        ("PNA, towers", ("edge", "tower", "channel"), [""]),
        ("ARMA, stacks and steps", ("edge", "stack", "channel"), ["step 1", "step 2", "step 3"]),
        ("RGCN", ("edge", "channel"), [f"relation {r}" for r in range(4)]),
        ("FiLM", ("edge", "channel"), [f"relation {r}" for r in range(4)]),
        ("FiLM, one relation", ("edge", "channel"), [""]),
        ("gated, steps", ("edge", "channel"), ["step 1", "step 2", "step 3"]),
        ("GMM", ("edge", "channel"), [""]),
    ],
)
def test_axes_and_propagations_have_names(name, axes, labels):
    propagations = run(layer_of(name), ASPIRIN, name).rounds[0].propagations
    assert [p.label for p in propagations] == labels
    for p in propagations:
        assert p.axes == axes
        assert p.messages.dim() == len(axes)
    heads = alone(pyg.GATConv(X, 4, heads=2)).rounds[0].propagations[0]
    assert heads.axes == ("edge", "head", "channel")


LINEAR = {
    *("GMM", "GMM, sum, bare", "GMM, against the edges", "PDN", "PDN, no loops", "EG"),
    *("PDN, not normalised", "PDN, against the edges", "PDN without bonds", "EG, several"),
    *("EG, no loops, bare", "EG, against the edges", "ARMA", "ARMA, stacks and steps", "WL"),
    *("ARMA, shared, tanh", "ARMA, no activation", "SAGE, of length one", "gated, steps"),
    *("gated, steps, mean", "variance preserving", "RGCN", "RGCN, bases", "RGCN, blocks, bare"),
}


@pytest.mark.parametrize("name", EVERY)
def test_exact_where_the_message_is_linear_in_every_propagation(name):
    """Where it is not, a state twice as large gives another message than twice the first."""
    trace = run(layer_of(name), ASPIRIN, name)
    for p in trace.rounds[0].propagations:
        if not p.edge_index.shape[1]:
            continue
        assert p.edge_matrix(0).exact == (name in LINEAR)
        for k, j in enumerate(p.edge_index[p.sends]):
            matrix = p.edge_matrix(k) if name in LINEAR else None
            if matrix is not None:
                made = p.state_in[j] @ torch.tensor(matrix.values)
                torch.testing.assert_close(made, p.messages[k].flatten(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", LINEAR)
def test_exact_matrices_are_the_derivatives(name):
    """Of the first propagation and of each relation's, by autograd through the layer itself."""
    trace = run(layer_of(name), "C[NH+]=O", name)
    for place, p in enumerate(trace.rounds[0].propagations):
        if place and name not in RELATIONS:
            continue
        for k in range(p.edge_index.shape[1]):
            sender = int(p.edge_index[p.sends, k])
            slopes = edge_jacobian(p.module, p.call, place, k, sender)
            assert not slopes.exact
            matrix = torch.tensor(p.edge_matrix(k).values)
            torch.testing.assert_close(torch.tensor(slopes.values), matrix, rtol=1e-4, atol=1e-6)


def shortened(layer, steps):
    """The same layer after so many steps only: PyG's own way to the states in between."""
    weights = layer.state_dict()
    if isinstance(layer, pyg.GatedGraphConv):
        short = pyg.GatedGraphConv(layer.out_channels, steps, aggr=layer.aggr,
                                   bias=layer.rnn.bias)  # fmt: skip
        weights["weight"] = weights["weight"][:steps]
    else:
        short = pyg.ARMAConv(X, layer.out_channels, 1, steps, layer.shared_weights, layer.act,
                             bias=layer.bias is not None)  # fmt: skip
        for key in ("root_weight", "bias"):
            if key in weights and not layer.shared_weights:
                weights[key] = weights[key][:steps]
        if not layer.shared_weights:
            weights["weight"] = weights["weight"][: max(1, steps - 1)]
    short.load_state_dict(weights)
    return short


@pytest.mark.parametrize("shared", [False, True])
def test_the_steps_start_from_the_states_of_shorter_layers(shared):
    gated = pyg.GatedGraphConv(X + 1, 3)
    arma = pyg.ARMAConv(X, 6, 1, 3, shared, nn.Tanh())
    data = ml.featurize(ASPIRIN)
    for layer in (gated, arma):
        propagations = alone(layer).rounds[0].propagations
        for steps in (1, 2):
            expected = shortened(layer, steps)(data.x, data.edge_index)
            torch.testing.assert_close(propagations[steps].state_in, expected)
            assert propagations[steps].edge_matrix(0).start == "step"
            assert propagations[steps].edge_matrix(0).values.shape[0] == expected.shape[1]


def test_hops_start_from_powers_of_the_matrix_of_factors():
    trace = alone(pyg.TAGConv(X, 4, K=3))
    h = trace.rounds[0].state_in
    for p in trace.rounds[0].propagations:
        torch.testing.assert_close(p.state_in, h)
        factors = torch.zeros(13, 13).index_put((p.edge_index[1], p.edge_index[0]), p.weights)
        h = factors @ h


def test_kinds_share_their_matrices():
    """Bonds of equal features have one matrix; the edges' weights are those of a few degrees."""
    p = run(layer_of("GMM"), ASPIRIN, "GMM").rounds[0].propagations[0]
    kinds = len(ml.featurize(ASPIRIN).edge_attr.unique(dim=0))
    assert p.exact_matrices[0].shape == (kinds, X, 6)
    assert set(BONDS) <= set(EVERY)


def test_one_matrix_of_feast_is_exact_and_several_are_not():
    for heads, exact in ((1, True), (2, False)):
        p = alone(pyg.FeaStConv(X, 4, heads=heads)).rounds[0].propagations[0]
        matrix = p.edge_matrix(3)
        assert matrix.exact == exact
        if exact:
            made = p.state_in[p.edge_index[0, 3]] @ torch.tensor(matrix.values)
            torch.testing.assert_close(made, p.messages[3])
