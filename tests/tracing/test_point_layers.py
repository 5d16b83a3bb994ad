"""The arithmetic of layers that read positions: all of it recomputed, whatever their networks."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg
from torch_geometric.data import Data

import mpnn_lab as ml
from tests.molecules import ASPIRIN


class Brought(nn.Module):
    """A layer of PyG's as somebody would use it."""

    def __init__(self, conv):
        super().__init__()
        self.conv = conv

    def forward(self, x, pos, edge_index, normal=None):
        named = {} if normal is None else {"normal": normal}
        return self.conv(x, pos=pos, edge_index=edge_index, **named)


def mlp(width_in, width):
    return nn.Sequential(nn.Linear(width_in, 6), nn.ReLU(), nn.Linear(6, width))


CONVS = {
    "PointNet": lambda: pyg.PointNetConv(mlp(7, 5), mlp(5, 3)),
    "PointNet, no networks": lambda: pyg.PointNetConv(),
    "PointNet, mean": lambda: pyg.PointNetConv(mlp(7, 5), aggr="mean", add_self_loops=False),
    "PointNet, global alone": lambda: pyg.PointNetConv(None, mlp(7, 3)),
    "PPF": lambda: pyg.PPFConv(mlp(8, 5), mlp(5, 3)),
    "PPF, no networks": lambda: pyg.PPFConv(add_self_loops=False),
    "transformer": lambda: pyg.PointTransformerConv(4, 5, mlp(3, 5), mlp(5, 5)),
    "transformer, plain": lambda: pyg.PointTransformerConv(4, 5),
    "transformer, no loops": lambda: pyg.PointTransformerConv(4, 5, add_self_loops=False),
    "point GNN": lambda: pyg.PointGNNConv(mlp(4, 3), mlp(7, 5), mlp(5, 4)),
    "point GNN, sum": lambda: pyg.PointGNNConv(mlp(4, 3), mlp(7, 5), mlp(5, 4), aggr="sum"),
}


def graph(kind):
    data = ml.featurize(ASPIRIN, geometry=True)
    named = {"normal": torch.randn(13, 3)} if "PPF" in kind else {}
    return Data(x=torch.randn(13, 4), pos=data.pos, edge_index=data.edge_index, **named)


@pytest.mark.parametrize("kind", CONVS)
def test_message_aggregate_and_layer_are_recomputed(kind):
    model, data = Brought(CONVS[kind]()), graph(kind)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model(data.x, data.pos, data.edge_index, data.get("normal")))
    report = trace.verify()
    assert not report.failed, str(report)
    passed = {c.name for c in report.passed}
    assert {"round 1/message", "round 1/aggregate", "round 1/layer"} <= passed


@pytest.mark.parametrize("kind", ["PointNet", "PPF", "transformer", "point GNN"])
def test_other_positions_than_those_of_the_run_are_noticed(kind):
    """The recomputation reads the positions; it does not take the message's word for them."""
    trace = ml.trace(Brought(CONVS[kind]()), graph(kind))
    for r in trace.rounds:
        r.call.kwargs["pos"] = r.call.kwargs["pos"] + torch.randn(13, 3)
    failed = {c.name for c in trace.verify().failed}
    assert "round 1/message" in failed


def test_shares_of_the_point_transformer_are_its_weights():
    trace = ml.trace(Brought(CONVS["transformer"]()), graph("transformer"))
    p = trace.rounds[0].propagations[0]
    assert p.weights.shape == p.messages.shape
    assert p.weight_axes == ("edge", "channel")
    total = torch.zeros(13, 5).index_add_(0, p.edge_index[1], p.weights)
    torch.testing.assert_close(total, torch.ones(13, 5))


def test_networks_that_are_no_modules_are_not_claimed():
    model = Brought(pyg.PointNetConv(torch.tanh))
    report = ml.trace(model, graph("PointNet")).verify()
    assert not report.failed
    reasons = {c.name: c.reason for c in report.unchecked}
    assert reasons["round 1/message"] == "no arithmetic is written down for PointNetConv"


def test_positions_are_in_angstrom_on_the_stage():
    model = ml.ModelSpec(rounds=[ml.Layer("PointNetConv", 4)]).build()
    entries = ml.trace(model, "CCO").books[1].ledger.entries
    units = {e.quantity.name.split("/")[1]: e.quantity.unit for e in entries}
    assert units["p"] == units["d_ij"] == "Å"
