"""Shares of the atoms in a readout: the run's own, or a reason why there are none."""

import pytest
import torch
from torch_geometric.utils import softmax

import mpnn_lab as ml
from mpnn_lab.tracing.attention import readout_shares
from tests.molecules import ASPIRIN


def traced(readout, **fields):
    spec = ml.ModelSpec(rounds=[ml.Layer("GINConv", 8)] * 2, readout=readout, **fields)
    return ml.trace(spec.build(), ASPIRIN)


def test_set2sets_attention_at_each_step_makes_the_readout():
    trace = traced("set2set")
    found = readout_shares(trace)
    assert [q.name for q in found.quantities] == ["readout/a1", "readout/a2", "readout/a3"]
    for q in found.quantities:
        assert q.values.shape == (13,)
        assert float(q.values.sum()) == pytest.approx(1, abs=1e-6)
    heard = found.quantities[-1].values @ trace.readout.state.numpy()
    assert heard == pytest.approx(trace.readout.output[0, 8:].numpy(), rel=1e-5)
    assert found.summed
    assert not found.note


def test_an_attentional_readout_is_written_down_and_shows_its_shares():
    trace = traced("attentional")
    (q,) = readout_shares(trace).quantities
    h, module = trace.readout.state, trace.model.readout
    expected = softmax(module.gate_nn(h), torch.zeros(13, dtype=torch.long))
    assert q.values == pytest.approx(expected.detach().numpy(), rel=1e-5)
    report = trace.verify()
    assert report
    assert not report.unchecked


@pytest.mark.parametrize(
    ("readout", "columns"), [("softmax", 8), ("gated", 8), ("dmon pooling", 4)]
)
def test_shares_by_channel_and_by_cluster(readout, columns):
    found = readout_shares(traced(readout))
    (q,) = found.quantities
    assert q.values.shape == (13, columns)
    assert found.summed == (readout == "softmax")
    if found.summed:
        assert q.values.sum(0) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("readout", "words"),
    [("sum", "every atom counts alike"), ("mean", "alike"), ("max", "no attention"),
     ("set transformer", "SetTransformerAggregation is recomputed as a whole")],
)  # fmt: skip
def test_a_readout_without_shares_says_so(readout, words):
    found = readout_shares(traced(readout))
    assert not found.quantities
    assert words in found.note


def test_a_model_without_a_readout_says_so():
    class Bare(torch.nn.Module):
        def __init__(self):
            super().__init__()
            from torch_geometric.nn import GCNConv

            self.conv = GCNConv(9, 4)

        def forward(self, x, edge_index):
            return self.conv(x, edge_index).sum(0)

    data = ml.featurize("CC")
    data.x = torch.randn(2, 9)
    assert "No readout" in readout_shares(ml.trace(Bare(), data)).note
