"""Every aggregation whose arithmetic is written down, in a layer and as a readout."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import SAGEConv, SimpleConv, aggr

import mpnn_lab as ml
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE

WAYS = {
    "sum": aggr.SumAggregation,
    "mean": aggr.MeanAggregation,
    "max": aggr.MaxAggregation,
    "min": aggr.MinAggregation,
    "mul": aggr.MulAggregation,
    "var": aggr.VarAggregation,
    "std": aggr.StdAggregation,
    "median": aggr.MedianAggregation,
    "quantile": lambda: aggr.QuantileAggregation(0.3),
    "upper quantile": lambda: aggr.QuantileAggregation(0.7, interpolation="higher"),
    "softmax": aggr.SoftmaxAggregation,
    "softmax, t": lambda: aggr.SoftmaxAggregation(t=0.1),
    "softmax, learned": lambda: aggr.SoftmaxAggregation(t=2.0, learn=True),
    "softmax, a t for each channel": lambda: aggr.SoftmaxAggregation(learn=True, channels=6),
    "power mean": lambda: aggr.PowerMeanAggregation(p=3.0),
    "power mean, learned": lambda: aggr.PowerMeanAggregation(p=0.5, learn=True),
    "power mean, one bound": lambda: aggr.PowerMeanAggregation(2.0, clamp_min=None),
    "power mean, 1": aggr.PowerMeanAggregation,
    "several": lambda: aggr.MultiAggregation(["mean", "std", aggr.SoftmaxAggregation(t=3.0)]),
}


class Small(nn.Module):
    """A layer with this aggregation, the same one again as readout."""

    def __init__(self, way):
        super().__init__()
        self.first = nn.Linear(30, 6)
        self.conv = SimpleConv(aggr=way())
        self.pool = way()

    def forward(self, x, edge_index, batch):
        h = torch.tanh(self.first(x))
        h = self.conv(h, edge_index)[:, :6]
        return self.pool(h, batch)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE, "CC", ASPIRIN])
def test_recomputed(way, smiles):
    if smiles in (METHANE, SODIUM_CHLORIDE) and isinstance(WAYS[way](), aggr.QuantileAggregation):
        smiles = "CC"  # PyG's quantiles want at least one message
    model = Small(WAYS[way])
    report = ml.trace(model, ml.featurize(smiles)).verify()
    assert not report.failed, str(report)
    names = {c.name for c in report.passed}
    if smiles == ASPIRIN:
        assert "round 1/aggregate" in names
        assert "readout/readout" in names


def test_a_wrong_aggregate_is_found():
    conv = SAGEConv(30, 4, aggr=aggr.MinAggregation())
    conv.aggr_module.register_forward_hook(lambda m, a, out: out + 1e-3)
    report = ml.trace(conv, ml.featurize(ASPIRIN)).verify()
    assert [c.name for c in report.failed] == ["round 1/aggregate"]
