"""Traces of edge networks that make no matrix: messages, exact matrices, tied rounds."""

import numpy as np
import pytest
import torch
from torch import nn
from torch_geometric.data import Data

import mpnn_lab as ml
from mpnn_lab.tracing.keeper import Keeper
from tests.nn.edge_networks import COLUMNS, WAYS, complete, taking

EVAL = [way for way in WAYS if way != "receivers"]


class Tied(nn.Module):
    """Three rounds of one layer over complete graphs with distances."""

    def __init__(self, width=16, hidden=32):
        super().__init__()
        network = nn.Sequential(
            nn.Linear(COLUMNS, hidden), nn.ReLU(), nn.Linear(hidden, width * width)
        )
        self.lin = nn.Linear(6, width)
        self.conv = ml.EdgeNetworkConv(width, width, network, aggr="mean")

    def forward(self, x, edge_index, edge_attr):
        h = self.lin(x)
        prepared = self.conv.prepare(h, edge_index, edge_attr)
        for _ in range(3):
            h = self.conv(h, edge_index, edge_attr, prepared=prepared).relu()
        return h.sum(0)


@pytest.mark.parametrize("way", EVAL)
def test_a_trace_is_the_plain_run_and_its_messages_are_borne_out(way):
    torch.manual_seed(0)
    model = Tied().train()
    x, edge_index, edge_attr = complete(8)
    data = Data(x=x, edge_index=edge_index, edge_attr=edge_attr)
    with taking(way):
        trace = ml.trace(model, data)
        assert model.training
        assert torch.equal(trace.output, model.eval()(x, edge_index, edge_attr))
        report = trace.verify()
    assert report
    checked = {check.name for book in trace.books for check in book.ledger.checks if check.agrees}
    assert {f"round {k}/message" for k in (1, 2, 3)} <= checked
    expected = model.conv.nn(edge_attr).view(-1, 16, 16).detach().numpy()
    for r in trace.rounds:
        propagation = r.propagations[0]
        assert (propagation.record.kwargs["contraction"] is not None) == (way == "senders")
        for k in (0, 17, 55):
            matrix = propagation.edge_matrix(k)
            assert matrix.exact
            np.testing.assert_allclose(matrix.values, expected[k], rtol=1e-5, atol=1e-6)
            h_j = r.state_in[edge_index[0, k]].detach().numpy()
            message = propagation.messages[k].detach().numpy()
            np.testing.assert_allclose(h_j @ expected[k], message, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("way", EVAL)
def test_tied_networks_of_a_specification(way):
    spec = ml.ModelSpec(rounds=[ml.Layer(name="NNConv", width=8)] * 3, tied=True)
    model = spec.build(seed=0).eval()
    data = ml.featurize("CC(=O)Oc1ccccc1C(=O)O")
    with taking(way):
        trace = ml.trace(model, data)
        assert torch.equal(trace.output, model(data))
    assert trace.verify()
    assert all(r.propagations[0].edge_matrix(0).exact for r in trace.rounds)


def test_named_tuples_are_kept_as_what_they_are():
    conv = Tied().conv
    x, edge_index, edge_attr = complete(4)
    with taking("senders"):
        contraction = conv.prepare(torch.randn(4, 16), edge_index, edge_attr).contraction
    kept = Keeper()(contraction)
    assert type(kept) is type(contraction)
    assert torch.equal(kept.hidden, contraction.hidden)
    assert contraction.hidden.requires_grad
    assert not kept.hidden.requires_grad
    assert kept.ends.degrees == [3]
    assert len(x) == 4
