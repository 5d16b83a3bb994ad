"""The graph that a trace holds: as it was given, whatever the model does to its copy."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from tests.brought import graph
from tests.molecules import ASPIRIN


class Meddles(nn.Module):
    """Changes the graph it is given before its layer sees it."""

    def __init__(self, how):
        super().__init__()
        self.conv, self.how = pyg.SimpleConv(), how

    def forward(self, data):
        if self.how == "writes":
            data.x.mul_(2)
        elif self.how == "replaces":
            data.x = data.x + 1
        elif self.how == "adds":
            data.more = data.x
        elif self.how == "asks for gradients":
            data.x.requires_grad_()
        elif self.how == "deletes":
            del data.edge_attr
        return self.conv(data.x, data.edge_index)


@pytest.mark.parametrize("how", ["writes", "replaces", "adds", "asks for gradients", "deletes"])
def test_the_graph_of_a_trace_is_the_one_given(how):
    data = graph(ASPIRIN)
    before = {k: v.clone() for k, v in data.to_dict().items() if isinstance(v, torch.Tensor)}
    own = ml.trace(Meddles(how), data).data
    for held in (data, own):
        assert held.keys() == data.keys()
        assert "more" not in held
        for name, value in before.items():
            assert torch.equal(held[name], value)
            assert not held[name].requires_grad


def test_the_graph_of_a_trace_is_its_own():
    data = graph(ASPIRIN)
    trace = ml.trace(Meddles("leaves"), data)
    x = data.x.clone()
    data.x += 1
    assert torch.equal(trace.data.x, x)
    assert torch.equal(trace.rounds[0].state_in, x)


def test_infinite_messages_are_found_behind_a_mean_and_a_maximum():
    for aggregation in ("mean", "sum", "max"):
        with pytest.raises(ml.TraceError, match="round 1: messages holds"):
            ml.trace(Divides(aggregation), graph(ASPIRIN))


class Divides(pyg.MessagePassing):
    """Sends what is minus infinite along its first edge."""

    def forward(self, x, edge_index):
        return self.propagate(edge_index, x=x).relu()

    def message(self, x_j):
        first = torch.zeros(len(x_j), 1)
        first[0] = -torch.inf
        return x_j + first
