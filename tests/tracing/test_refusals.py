"""What cannot be traced is refused in words."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import GCNConv, SAGEConv

import mpnn_lab as ml
from tests.molecules import ASPIRIN

NETWORKS = [lambda n: nn.Linear(n, 4), lambda n: nn.Sequential(nn.Linear(n, 4), nn.Linear(4, 4))]


@pytest.mark.parametrize(
    ("model", "what"),
    [
        (None, "got None to trace, a NoneType; expected a torch.nn.Module"),
        (3, "got 3 to trace, a int"),
        ("x", "got 'x' to trace, a str"),
        (ml.featurize("CCO"), "to trace, a Data"),
        (GCNConv, "got the class GCNConv to trace"),
        ([GCNConv(2, 2)], r"a list; expected"),
    ],
    ids=str,
)
def test_what_is_no_network(model, what):
    with pytest.raises(ml.TraceError, match=what) as caught:
        ml.trace(model, ml.featurize(ASPIRIN))
    assert "trace(" in caught.value.mend


@pytest.mark.parametrize("make", NETWORKS, ids=["one", "several"])
def test_what_reads_no_edges(make):
    data = ml.featurize(ASPIRIN)
    with pytest.raises(ml.TraceError, match="holds no message-passing layer of PyG's"):
        ml.trace(make(data.num_features), data)


@pytest.mark.parametrize("node", [13, 99, -1])
@pytest.mark.parametrize("conv", [GCNConv, SAGEConv])
def test_an_edge_to_a_node_that_is_not_there(conv, node):
    data = ml.featurize(ASPIRIN)
    data.edge_index = data.edge_index.clone()
    data.edge_index[0, 5] = node
    for model, forward in (
        (conv(data.num_features, 4), None),
        (conv(data.num_features, 4), lambda m, d: m(d.x, d.edge_index)),
    ):
        with pytest.raises(ml.TraceError, match=f"edge_index names node {node}; there are 13"):
            ml.trace(model, data, forward=forward)


def test_an_edge_of_our_own_network():
    model = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build()
    data = model.spec.featurize(ASPIRIN)
    data.edge_index = torch.full_like(data.edge_index, 99)
    with pytest.raises(ml.LabError, match="edge_index names node 99"):
        ml.trace(model, data)
