"""Layers of ours by themselves: against PyG's, and in the options that no preset has."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg
from torch_geometric.utils import scatter

import mpnn_lab as ml
from mpnn_lab.nn.convs import (
    EdgeGINConv,
    FingerprintConv,
    InteractionConv,
    MatrixMultiplicationConv,
    PairMessageConv,
    TensorConv,
    WeaveConv,
)
from tests.molecules import ASPIRIN

DATA = ml.featurize(ASPIRIN)
X, EDGES, E = DATA.x, DATA.edge_index, DATA.edge_attr
SOURCE, TARGET = EDGES
WEIGHT = torch.rand(EDGES.shape[1])
TYPE = E[:, :5].argmax(1)
AGGRS = pytest.mark.parametrize("aggr", ["sum", "mean", "max"])


def mlp():
    return nn.Sequential(nn.Linear(30, 8), nn.ReLU(), nn.Linear(8, 4))


def heard(messages, aggr):
    return scatter(messages, TARGET, dim_size=len(X), reduce=aggr)


@AGGRS
@pytest.mark.parametrize("learn", [False, True])
def test_gin_is_pygs_gin_and_gine(learn, aggr):
    network = mlp()
    ours = EdgeGINConv(network, eps=0.3, learn_eps=learn, aggr=aggr)
    theirs = pyg.GINConv(network, eps=0.3, train_eps=learn, aggr=aggr)
    torch.testing.assert_close(ours(X, EDGES), theirs(X, EDGES))
    ours = EdgeGINConv(network, 30, 10, eps=0.3, learn_eps=learn, aggr=aggr)
    theirs = pyg.GINEConv(network, eps=0.3, train_eps=learn, edge_dim=10, aggr=aggr)
    theirs.lin.load_state_dict(ours.lin.state_dict())
    torch.testing.assert_close(ours(X, EDGES, E), theirs(X, EDGES, E))
    assert isinstance(ours.eps, nn.Parameter) == learn


@pytest.mark.parametrize("features", [0, 10])
def test_gin_with_weights_multiplies_each_message(features):
    ours = EdgeGINConv(nn.Identity(), 30, features, eps=-1.0, weighted=True)
    given = {"edge_attr": E} if features else {}
    made = ours(X, EDGES, edge_weight=WEIGHT, **given)
    sent = (X[SOURCE] + ours.lin(E)).relu() if features else X[SOURCE]
    torch.testing.assert_close(made, heard(WEIGHT[:, None] * sent, "sum"))
    assert ours.reads == (("edge_attr",) if features else ()) + ("edge_weight",)


def test_gin_is_given_what_it_reads():
    with pytest.raises(ml.InputError, match="edge_attr: given; this layer reads states alone"):
        EdgeGINConv(mlp())(X, EDGES, E)
    with pytest.raises(ml.InputError, match="edge_weight: not given"):
        EdgeGINConv(mlp(), weighted=True)(X, EDGES)
    with pytest.raises(ValueError, match="node_features_dim"):
        EdgeGINConv(mlp(), edge_features_dim=10)


@AGGRS
def test_a_matrix_for_each_label(aggr):
    ours = MatrixMultiplicationConv(30, 6, 5, aggr=aggr)
    theirs = pyg.FastRGCNConv(30, 6, 5, aggr="sum", root_weight=False, bias=False)
    theirs.weight = ours.weight
    if aggr == "sum":
        torch.testing.assert_close(ours(X, EDGES, TYPE), theirs(X, EDGES, TYPE))
    each = torch.stack([x @ ours.weight[k] for x, k in zip(X[SOURCE], TYPE, strict=True)])
    torch.testing.assert_close(ours(X, EDGES, TYPE), heard(each, aggr), rtol=1e-4, atol=1e-5)


@AGGRS
@pytest.mark.parametrize("most", [1, 2, 5])
def test_fingerprints_share_the_last_matrix(most, aggr):
    conv = FingerprintConv(30, 6, 10, max_degree=most, aggr=aggr)
    m = heard(torch.cat([X[SOURCE], E], 1), aggr)
    degree = TARGET.bincount(minlength=len(X)).clamp(1, most)
    each = [conv.lins[d - 1].weight @ row for d, row in zip(degree.tolist(), m, strict=True)]
    torch.testing.assert_close(conv(X, EDGES, E), torch.stack(each).sigmoid())
    with pytest.raises(ValueError, match="max_degree is 0"):
        FingerprintConv(30, 6, 10, max_degree=0)


@AGGRS
def test_messages_are_put_together_as_asked(aggr):
    both = torch.cat([X[SOURCE], X[TARGET], E], 1)
    pair = PairMessageConv(30, 6, 10, hidden=7, aggr=aggr)
    torch.testing.assert_close(pair(X, EDGES, E), heard(pair.nn(both), aggr))
    tensor = TensorConv(30, 6, 10, factors=7, aggr=aggr)
    sent = tensor.lin_fc(tensor.lin_cf(X[SOURCE]) * tensor.lin_df(E)).tanh()
    torch.testing.assert_close(tensor(X, EDGES, E), heard(sent, aggr))
    effect = torch.rand(len(X), 3)
    acts = InteractionConv(30, 6, 10, 3, hidden=7, aggr=aggr)
    m = heard(acts.message_nn(torch.cat([X[TARGET], X[SOURCE], E], 1)), aggr)
    expected = acts.update_nn(torch.cat([X, effect, m], 1))
    torch.testing.assert_close(acts(X, EDGES, E, effect), expected)


@AGGRS
@pytest.mark.parametrize("bias", [False, True])
def test_bonds_with_states(aggr, bias):
    weave = WeaveConv(30, 6, 10, edge_width=7, bias=bias, aggr=aggr)
    out, edges = weave(X, EDGES, E)
    own = weave.lin_0(X).relu()
    torch.testing.assert_close(out, weave.lin_1(torch.cat([own, heard(E, aggr)], 1)).relu())
    ends = weave.lin_3(torch.cat([X[TARGET], X[SOURCE]], 1)).relu()
    expected = weave.lin_4(torch.cat([weave.lin_2(E).relu(), ends], 1)).relu()
    torch.testing.assert_close(edges, expected)
    assert (weave.lin_0.bias is not None) == bias


def test_exact_where_the_message_is_linear():
    spec = ml.ModelSpec(rounds=[ml.Layer("EdgeGINConv", 8, options={"edge_features": False})])
    weighted = spec.rounds[0].replace(options={"edge_features": False, "weighted": True})
    for layer in (spec.rounds[0], weighted, ml.Layer("MatrixMultiplicationConv", 8)):
        p = ml.trace(spec.replace(rounds=[layer]).build(), ASPIRIN).rounds[0].propagations[0]
        for k in range(26):
            matrix = p.edge_matrix(k)
            assert matrix.exact
            made = p.state_in[p.edge_index[0, k]] @ torch.from_numpy(matrix.values)
            torch.testing.assert_close(made, p.messages[k], rtol=1e-4, atol=1e-5)
    bent = ml.trace(ml.ModelSpec(rounds=[ml.Layer("EdgeGINConv", 8)]).build(), ASPIRIN)
    assert not bent.rounds[0].propagations[0].edge_matrix(0).exact


def test_a_message_of_the_bond_alone_does_not_change_with_the_sender():
    trace = ml.trace(ml.ModelSpec(rounds=[ml.Layer("WeaveConv", 8)]).build(), ASPIRIN)
    matrix = trace.rounds[0].propagations[0].edge_matrix(0)
    assert matrix.values.shape == (8, 10)
    assert not matrix.values.any()
