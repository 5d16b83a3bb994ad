"""Models of the user's own: bound by name, seen as far as they can be, nothing claimed."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import GCNConv, SAGEConv, global_add_pool
from torch_geometric.nn.aggr import Set2Set, SumAggregation

import mpnn_lab as ml
from tests.molecules import ASPIRIN
from tests.tracing.models import build


class Brought(nn.Module):
    """A module of a user's own: its layers, its names, its readout."""

    def __init__(self) -> None:
        super().__init__()
        self.first = GCNConv(30, 8)
        self.second = SAGEConv(8, 8)
        self.pool = SumAggregation()
        self.out = nn.Linear(8, 1)

    def forward(self, x, edge_index, batch):
        h = torch.relu(self.first(x, edge_index))
        h = torch.relu_(self.second(h, edge_index))
        return self.out(self.pool(h, batch))


def brought_data():
    data = ml.featurize(ASPIRIN)
    data.x = data.x[:, :30]
    return data


def test_a_brought_model_is_bound_by_name_and_claims_nothing():
    model, data = Brought(), brought_data()
    trace = ml.trace(model, data)
    batch = torch.zeros(13, dtype=torch.long)
    assert torch.equal(trace.output, model.eval()(data.x, data.edge_index, batch))
    assert [r.kind for r in trace.rounds] == ["GCNConv", "SAGEConv"]
    assert [r.layer for r in trace.rounds] == ["first", "second"]
    report = trace.verify()
    assert report
    checked = {c.name for c in report.passed}
    unchecked = {c.name for c in report.unchecked}
    assert {"round 1/message", "round 1/aggregate", "round 1/layer", "round 2/aggregate"} <= checked
    assert {
        "round 1/state",
        "round 2/message",
        "round 2/layer",
        "prediction/prediction",
    } <= unchecked
    assert all(c.reason for c in report.unchecked)
    torch.testing.assert_close(trace.rounds[0].state_out, torch.relu(trace.rounds[0].output))
    assert torch.equal(trace.readout.state, trace.rounds[1].state_out)
    same = ml.trace(model, data, forward=lambda m, d: m(d.x, d.edge_index, batch))
    assert torch.equal(same.output, trace.output)


def test_what_forward_lacks_is_named():
    class Needs(Brought):
        def forward(self, x, edge_index, temperature):
            return super().forward(x * temperature, edge_index, None)

    with pytest.raises(ml.TraceError, match="needs temperature"):
        ml.trace(Needs(), brought_data())
    with pytest.raises(ml.TraceError, match="no message-passing layer"):
        ml.trace(nn.Linear(30, 1), brought_data())
    with pytest.raises(ml.TraceError, match="expected a torch_geometric Data"):
        ml.trace(Brought(), ASPIRIN)


def test_pooling_functions_and_set2set_are_readouts_or_say_why():
    class Pooled(Brought):
        def forward(self, x, edge_index, batch):
            return self.out(global_add_pool(self.first(x, edge_index), batch))

    assert ml.trace(Pooled(), brought_data()).readout is None
    model = build()
    assert ml.trace(model, ASPIRIN).readout.kind == Set2Set.__name__
