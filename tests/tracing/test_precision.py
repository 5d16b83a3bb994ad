"""Runs in numbers of few digits: recomputed as exactly as these allow, shown like any other."""

from contextlib import nullcontext

import numpy as np
import pytest
import torch
from torch_geometric.nn import GCNConv, GINConv

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN

AUTOCAST = torch.autocast("cpu", torch.bfloat16)
WAYS = {
    "bfloat16": (lambda model: model.bfloat16(), nullcontext(), 0.0625),
    "half": (lambda model: model.half(), nullcontext(), 0.0078125),
    "autocast": (lambda model: model, AUTOCAST, 0.0625),
    "float32": (lambda model: model, nullcontext(), 1e-5),
    "float64": (lambda model: model.double(), nullcontext(), 1e-5),
}
SEVERAL = ("GCNConv", "NNConv", "GATConv", "GINConv", "GMMConv", "PNAConv", "ARMAConv",
           "GatedGraphConv", "GENConv", "CGConv")  # fmt: skip


def traced(name, way):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 12)] * 2, update="gru", readout="set2set")
    model = WAYS[way][0](spec.build(seed=1).eval())
    with WAYS[way][1]:
        return ml.trace(model, ASPIRIN)


@pytest.mark.parametrize("way", ["bfloat16", "half", "autocast"])
@pytest.mark.parametrize("name", SEVERAL)
def test_rounding_is_no_difference(name, way):
    trace = traced(name, way)
    report = trace.verify()
    assert not report.failed, str(report)
    assert report.passed
    stage_view(trace)
    for r in trace.rounds:
        for p in r.propagations:
            matrix = p.edge_matrix(0)
            assert matrix.values.dtype == np.float32
            assert np.isfinite(matrix.values).all()


@pytest.mark.parametrize("way", WAYS)
def test_agreement_is_by_the_coarsest_numbers(way):
    assert traced("GCNConv", way).precision.tolerance == WAYS[way][2]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_wrong_by_more_is_found(way):
    """A layer whose aggregate is a tenth too large."""
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 12)])
    model = WAYS[way][0](spec.build(seed=1).eval())
    model.rounds[0].conv.register_propagate_forward_hook(lambda m, i, o: o * 1.1)
    with WAYS[way][1]:
        trace = ml.trace(model, ASPIRIN)
    assert "round 1/layer" in {check.name for check in trace.verify().failed}


@pytest.mark.parametrize("way", ["bfloat16", "half", "autocast"])
def test_matrices_are_worked_out_in_float32(way):
    """The Jacobian of GAT's message in float32, at the rounded weights and states."""
    trace = traced("GATConv", way)
    p = trace.rounds[0].propagations[0]
    layer, x = p.module.float(), p.state_in.float()
    edge, j = 3, int(p.edge_index[0, 3])
    given = dict(zip(("edge_index", "edge_attr"), p.call.args[1:], strict=False)) | p.call.kwargs
    found = []
    layer.register_message_forward_hook(lambda m, i, o: found.append(o))

    def message(row):
        states = x.index_put((torch.tensor(j),), row)
        layer(states, given["edge_index"], edge_attr=given["edge_attr"].float())
        return found.pop()[edge].flatten()

    expected = torch.autograd.functional.jacobian(message, x[j]).T
    matrix = p.edge_matrix(edge)
    assert not matrix.exact
    torch.testing.assert_close(torch.from_numpy(matrix.values), expected, rtol=1e-4, atol=1e-6)


class Brought(torch.nn.Module):
    """Turns autocast on itself."""

    def __init__(self):
        super().__init__()
        self.first = GCNConv(len(ml.Featurizer().atom_columns), 8)
        self.then = GINConv(torch.nn.Linear(8, 8))

    def forward(self, x, edge_index):
        with torch.autocast("cpu", torch.bfloat16):
            return self.then(self.first(x, edge_index).relu(), edge_index)


def test_a_model_that_turns_autocast_on_itself():
    trace = ml.trace(Brought(), ml.featurize(ASPIRIN))
    assert trace.precision.tolerance == 0.0625
    assert trace.verify(), str(trace.verify())
    assert trace.rounds[0].propagations[0].edge_matrix(0).exact
    stage_view(trace)


@pytest.mark.parametrize("readout", ["lstm", "gru", "median", "set transformer", "set2set"])
def test_readouts_under_autocast(readout):
    model = ml.ModelSpec(rounds=[ml.Layer("GINConv", 8)], readout=readout).build(seed=1)
    with AUTOCAST:
        trace = ml.trace(model, ASPIRIN)
    report = trace.verify()
    assert not report.failed, str(report)
