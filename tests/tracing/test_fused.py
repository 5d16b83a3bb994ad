"""Adjacencies along which PyG makes no messages: made if the bits stay the same, else said so."""

import sys
import warnings

import pytest
import torch
from torch import nn
from torch_geometric import EdgeIndex
from torch_geometric import nn as pyg
from torch_geometric.nn import MessagePassing
from torch_geometric.utils import to_edge_index, to_torch_coo_tensor, to_torch_csr_tensor

import mpnn_lab as ml
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN

X, OUT = 30, 4
LAYERS = {
    "SAGE": lambda: pyg.SAGEConv(X, OUT),
    "SAGE, maximum": lambda: pyg.SAGEConv(X, OUT, aggr="max"),
    "GIN": lambda: pyg.GINConv(nn.Linear(X, OUT)),
    "GraphConv": lambda: pyg.GraphConv(X, OUT),
    "GCN": lambda: pyg.GCNConv(X, OUT),
    "LG": lambda: pyg.LGConv(),
    "TAG": lambda: pyg.TAGConv(X, OUT),
    "GAT": lambda: pyg.GATConv(X, OUT, heads=2),
    "Transformer": lambda: pyg.TransformerConv(X, OUT),
    "EG": lambda: pyg.EGConv(X, 8),
    "PDN": lambda: pyg.PDNConv(X, OUT, 10, 8),
    "gated": lambda: pyg.GatedGraphConv(X, 2),
    "WL": lambda: pyg.WLConvContinuous(),
    "simple": lambda: pyg.SimpleConv("mean"),
}


@pytest.fixture(autouse=True)
def _beta():
    """Torch says of its sparse matrices that they are in beta."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*[Ss]parse")
        yield


@pytest.fixture(autouse=True)
def _generated_anew(monkeypatch):
    """PyG generates a class's propagate once, and without the fused path where its first instance
    had none, as one with an aggregation module has: other tests may have made such a one."""
    for make in LAYERS.values():
        cls = type(make())
        monkeypatch.setattr(cls, "collect", cls.collect)
        monkeypatch.setattr(cls, "propagate", MessagePassing.propagate)
        name = f"{cls.__module__}_{cls.__name__}_propagate"
        monkeypatch.delitem(sys.modules, name, raising=False)


def adjacency(kind, values=False):
    """Aspirin's edges, each way of writing them down; with weights, where asked for."""
    data = ml.featurize(ASPIRIN)
    weight = (data.edge_bond % 3 + 1.0) if values else None
    turned = data.edge_index.flip(0)  # the rows of a sparse adjacency receive
    if kind == "CSR":
        return data, to_torch_csr_tensor(turned, weight, size=(13, 13))
    if kind == "COO":
        return data, to_torch_coo_tensor(turned, weight, size=(13, 13))
    edges = EdgeIndex(data.edge_index, sparse_size=(13, 13))
    return data, edges.sort_by("col")[0] if kind == "sorted" else edges


def runs(layer, data, edges):
    try:
        return layer.eval()(data.x, edges)
    except (
        RuntimeError,
        NotImplementedError,
        AttributeError,
        ValueError,
        AssertionError,
        TypeError,
    ):
        return None  # PyG's own layer does not take it


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("kind", ["CSR", "COO", "sorted", "unsorted"])
def test_the_run_is_the_plain_one_and_nothing_is_claimed_in_silence(name, kind):
    layer = LAYERS[name]()
    data, edges = adjacency(kind)
    expected = runs(layer, data, edges)
    if expected is None:
        assert (name, kind) in {("WL", "CSR"), ("WL", "COO"), ("PDN", "CSR"), ("PDN", "COO")}
        return
    hooks = [len(layer._propagate_forward_pre_hooks), len(layer._message_forward_hooks)]
    trace = ml.trace(layer, data, mol=ASPIRIN, forward=lambda m, d: m(d.x, edges))
    assert [len(layer._propagate_forward_pre_hooks), len(layer._message_forward_hooks)] == hooks
    assert torch.equal(trace.output, expected)
    report = trace.verify()
    assert not report.failed, str(report)
    plain = LAYERS[name]()
    plain.load_state_dict(layer.state_dict())
    ends = ml.trace(plain, data, forward=lambda m, d: m(d.x, d.edge_index)).rounds[0].propagations
    for p, other in zip(trace.rounds[0].propagations, ends, strict=True):
        assert set(map(tuple, p.edge_index.T.tolist())) == set(
            map(tuple, other.edge_index.T.tolist())
        )
        assert set(p.edge_role) <= {"bond", "self-loop"}
        if p.messages is None:
            (why,) = {c.reason for c in report.unchecked if c.name.startswith("round 1/message")}
            assert "without making them" in why
        else:
            assert p.messages.shape[0] == p.edge_index.shape[1]
            assert p.edge_matrix(0).values.shape[0] == X
    encode(stage_view(trace))


@pytest.mark.parametrize("kind", ["CSR", "COO", "sorted"])
@pytest.mark.parametrize("name", ["SAGE", "GIN", "SAGE, maximum"])
def test_same_bits_are_shown_with_their_messages(name, kind):
    layer = LAYERS[name]()
    data, edges = adjacency(kind)
    trace = ml.trace(layer, data, forward=lambda m, d: m(d.x, edges))
    assert {"round 1/message", "round 1/aggregate", "round 1/layer"} <= {
        c.name for c in trace.verify().passed
    }


def test_other_bits_are_not_shown_but_checked_as_they_are():
    """GCN's sparse product sums in another order."""
    layer = LAYERS["GCN"]()
    data, edges = adjacency("CSR", values=True)
    trace = ml.trace(layer, data, forward=lambda m, d: m(d.x, edges))
    p = trace.rounds[0].propagations[0]
    assert torch.equal(trace.output, layer(data.x, edges))
    report = trace.verify()
    if p.messages is None:
        assert {"round 1/aggregate", "round 1/layer"} <= {c.name for c in report.passed}
        with pytest.raises(ml.TraceError, match="there is no message"):
            p.edge_matrix(0)
    assert not report.failed
    layer.register_message_and_aggregate_forward_hook(lambda m, i, out: out * 1.01)
    wrong = ml.trace(layer, data, forward=lambda m, d: m(d.x, edges)).verify()
    assert "round 1/aggregate" in {c.name for c in wrong.failed}


@pytest.mark.parametrize("kind", ["CSR", "COO"])
def test_weights_in_the_adjacency_are_the_edges(kind):
    layer = LAYERS["GraphConv"]()
    data, edges = adjacency(kind, values=True)
    trace = ml.trace(layer, data, forward=lambda m, d: m(d.x, edges))
    p = trace.rounds[0].propagations[0]
    assert not trace.verify().failed
    if p.messages is not None:
        torch.testing.assert_close(p.weights, to_edge_index(edges)[1])


def test_an_adjacency_of_the_graph_is_bound_by_name():
    class Brought(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.runs = pyg.SAGEConv(X, OUT), nn.Parameter(torch.ones(1))
            self.register_buffer("count", torch.zeros(()))

        def forward(self, x, adj_t):
            self.count += 1
            return self.conv(x, adj_t).sum(0, keepdim=True) * self.runs

    data, data.adj_t = adjacency("CSR")
    model = Brought()
    trace = ml.trace(model, data)
    assert model.count == 1
    assert trace.rounds[0].propagations[0].messages is not None
    assert trace.verify()
