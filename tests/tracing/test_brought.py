"""Models of the user's own: bound by name, seen as far as they can be, nothing claimed."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import GCNConv, SAGEConv, global_add_pool
from torch_geometric.nn.aggr import Set2Set, SumAggregation
from torch_geometric.nn.models import AttentiveFP

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.views import stage_view
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
    assert {
        f"round {n}/{what}" for n in (1, 2) for what in ("message", "aggregate", "layer")
    } <= checked
    assert {
        "round 1/state",
        "round 2/state",
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


def test_a_model_that_writes_on_its_input_and_its_buffers():
    """The run is the plain one, the caller's graph stays, buffers move on by one run."""

    class Rough(Brought):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("runs", torch.zeros(()))

        def forward(self, x, edge_index, batch):
            self.runs += 1
            x.mul_(2)
            return super().forward(torch.relu_(x), edge_index, batch) * self.runs

    model, twin, data = Rough(), Rough(), brought_data()
    twin.load_state_dict(model.state_dict())
    x = data.x.clone()
    batch = torch.zeros(13, dtype=torch.long)
    expected = twin.eval()(x.clone(), data.edge_index, batch)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, expected)
    assert torch.equal(data.x, x)
    assert model.runs == 1
    data.x.zero_()
    assert torch.equal(trace.data.x, x)
    assert not trace.verify().failed


def test_pygs_own_models_are_shown_or_refused_in_a_sentence():
    data = ml.featurize(ASPIRIN)
    net = AttentiveFP(30, 8, 1, edge_dim=10, num_layers=2, num_timesteps=2)
    batch = torch.zeros(13, dtype=torch.long)
    forward = lambda m, d: m(d.x, d.edge_index, d.edge_attr, batch)  # noqa: E731
    trace = ml.trace(net, data, forward=forward)
    assert torch.equal(trace.output, forward(net.eval(), data))
    assert not trace.verify().failed
    assert stage_view(trace).steps


def test_half_precision_and_a_single_number():
    class Single(Brought):
        def forward(self, x, edge_index, batch):
            return super().forward(x, edge_index, batch).sum()

    trace = ml.trace(Single(), brought_data())
    assert trace.verify()
    assert stage_view(trace).header.predictions[0].value == trace.output.item()
    half, data = Brought().bfloat16(), brought_data()
    data.x = data.x.bfloat16()
    assert ml.trace(half, data).output.dtype == torch.bfloat16


def test_nothing_is_said_of_the_training_of_a_model_of_ones_own():
    header = stage_view(ml.trace(Brought(), brought_data())).header
    assert header.training == "unknown"
    assert header.status == "your own model"


def test_a_batch_is_too_much_for_the_stage():
    model = build()
    batch = collate([model.spec.featurize(s) for s in (ASPIRIN, "CCO")])
    with pytest.raises(ml.InputError, match="shows one molecule"):
        stage_view(ml.trace(model, batch))
