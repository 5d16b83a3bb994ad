"""Layers whose message is the neighbour's state: recomputed, and their matrices exact."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, METHANE

X = 30
LAYERS = {
    "simple": lambda: pyg.SimpleConv(),
    "simple, mean and own state": lambda: pyg.SimpleConv("mean", combine_root="sum"),
    "simple, side by side": lambda: pyg.SimpleConv(combine_root="cat"),
    "simple, self-loops": lambda: pyg.SimpleConv(combine_root="self_loop"),
    "SAGE": lambda: pyg.SAGEConv(X, 5),
    "SAGE, maximum, no own state": lambda: pyg.SAGEConv(X, 5, aggr="max", root_weight=False),
    "GraphConv": lambda: pyg.GraphConv(X, 5),
    "GraphConv, mean, no bias": lambda: pyg.GraphConv(X, 5, aggr="mean", bias=False),
    "GIN": lambda: pyg.GINConv(
        nn.Sequential(nn.Linear(X, 8), nn.ReLU(), nn.Linear(8, 5)), train_eps=True
    ),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_recomputed_with_exact_matrices(name, weighted, smiles):
    layer, data = LAYERS[name](), ml.featurize(smiles)
    takes_weights = isinstance(layer, pyg.GraphConv | pyg.SimpleConv)
    weight = torch.rand(data.num_edges) if weighted and takes_weights else None

    def forward(m, d):
        return m(d.x, d.edge_index) if weight is None else m(d.x, d.edge_index, weight)

    trace = ml.trace(layer, data, forward=forward)
    report = trace.verify()
    assert {"round 1/message", "round 1/aggregate", "round 1/layer"} <= {
        c.name for c in report.passed
    }
    assert not report.failed
    p = trace.rounds[0].propagations[0]
    for k in range(p.edge_index.shape[1]):
        matrix = p.edge_matrix(k)
        assert matrix.exact
        made = trace.rounds[0].state_in[p.edge_index[0, k]] @ torch.tensor(matrix.values)
        torch.testing.assert_close(made, p.messages[k])
    stage_view(trace)
