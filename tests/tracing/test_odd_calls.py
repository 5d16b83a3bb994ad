"""Layers called in other ways than our own networks call them: still right, or said in words."""

import threading

import pytest
import torch
from rdkit import Chem
from torch import nn
from torch_geometric import nn as pyg
from torch_geometric.data import Data
from torch_geometric.nn import GCNConv, MessagePassing
from torch_geometric.utils import from_smiles

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN
from tests.tracing.models import build

X, COLUMNS = 30, 10


def graph(smiles=ASPIRIN):
    return ml.featurize(smiles)


@pytest.mark.parametrize(
    "layer",
    [
        GCNConv(X, 1),
        pyg.SAGEConv(X, 4),
        pyg.GATv2Conv(X, 4),
        pyg.GINConv(nn.Linear(X, 4)),
        pyg.ChebConv(X, 4, K=3),
        pyg.TransformerConv(X, 4),
        pyg.PNAConv(X, 4, ["mean", "max"], ["identity"], deg=torch.tensor([0, 4, 5, 4])),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_a_layer_alone(layer):
    data = graph()
    data.edge_attr = None
    trace = ml.trace(layer, data)
    assert torch.equal(trace.output, layer.eval()(data.x, data.edge_index))
    assert trace.readout is None
    assert not trace.verify().failed
    assert stage_view(trace).header.predictions == ()


@pytest.mark.parametrize("positional", [True, False])
@pytest.mark.parametrize("improved", [True, False])
def test_degree_factors_of_given_weights(positional, improved):
    layer, data = GCNConv(X, 4, improved=improved), graph()
    data.weight = torch.rand(data.num_edges) + 0.5

    def forward(m, d):
        if positional:
            return m(d.x, d.edge_index, d.weight)
        return m(d.x, d.edge_index, edge_weight=d.weight)

    report = ml.trace(layer, data, forward=forward).verify()
    assert report, str(report)
    assert any(c.name == "round 1/c_ij" for c in report.passed)


def test_no_weights_is_the_same_as_none_given():
    model = pyg.GCN(X, 8, num_layers=2)
    data = graph()
    data.edge_attr = None
    report = ml.trace(model, data).verify()
    assert {"round 1/c_ij", "round 2/c_ij"} <= {c.name for c in report.passed}


@pytest.mark.parametrize(
    "layer",
    [
        pyg.GATv2Conv((X, X), 4),
        pyg.NNConv(X, 4, nn.Linear(COLUMNS, X * 4)),
        pyg.GINEConv(nn.Linear(X, 4), edge_dim=COLUMNS),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_senders_and_receivers_with_states_of_their_own_are_not_judged_by_one_state(layer):
    data = graph()
    other = torch.randn_like(data.x)
    with_edges = not isinstance(layer, pyg.GATv2Conv)

    def forward(m, d):
        extra = (d.edge_attr,) if with_edges else ()
        return m((d.x, other), d.edge_index, *extra)

    report = ml.trace(layer, data, forward=forward).verify()
    assert not report.failed, str(report)
    assert any(c.name == "round 1/layer" for c in report.unchecked)


def test_bonds_are_the_molecules_whatever_order_the_edges_have():
    mol = Chem.MolFromSmiles("O=C1CCC1")
    data = from_smiles("O=C1CCC1")
    data = Data(x=torch.randn(5, 3), edge_index=data.edge_index, edge_bond=torch.zeros(10).long())
    for p in ml.trace(GCNConv(3, 4), data, mol=mol).rounds[0].propagations:
        for (s, t), bond, role in zip(
            p.edge_index.T.tolist(), p.edge_origin, p.edge_role, strict=True
        ):
            between = mol.GetBondBetweenAtoms(s, t)
            assert bond == (-1 if between is None else between.GetIdx())
            assert role == ("self-loop" if s == t else "bond")


def test_edges_that_are_no_bonds():
    data = graph("CCO")
    data.edge_index = torch.tensor([[0, 0, 1, 1, 2, 2], [1, 2, 0, 2, 0, 1]])
    data.edge_attr = data.edge_bond = data.edge_kind = data.kind_attr = None
    trace = ml.trace(pyg.SAGEConv(X, 4), data)
    assert trace.rounds[0].propagations[0].edge_role.count("other") == 2
    view = stage_view(trace)
    assert sorted(view.rounds[0].propagations[0].bond.tolist()) == [-1, -1, 0, 0, 1, 1]


def test_a_molecule_that_belies_the_graph_is_refused():
    model = build()
    data = model.spec.featurize("CCO")
    with pytest.raises(ml.TraceError, match="mol is CCN; the graph was made of CCO"):
        ml.trace(model, data, mol=ml.read_molecule("CCN"))
    with pytest.raises(ml.TraceError, match="its atoms in another order"):
        ml.trace(model, data, mol="OCC")
    assert ml.trace(model, data, mol="CCO").mol.GetNumAtoms() == 3


def test_layers_that_are_never_called():
    class Idle(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.out = GCNConv(X, 4), nn.Linear(X, 1)

        def forward(self, x, edge_index):
            return self.out(x)

    with pytest.raises(ml.TraceError, match="without calling any"):
        ml.trace(Idle(), graph())


def test_what_was_bound_is_said_with_the_models_own_error():
    class Choosy(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = GCNConv(X, 4)

        def forward(self, x, edge_index, edge_attr=None):
            if edge_attr is not None:
                raise AttributeError("no edge features, please")
            return self.conv(x, edge_index)

    with pytest.raises(AttributeError, match="no edge features") as caught:
        ml.trace(Choosy(), graph())
    assert "x, edge_index, edge_attr" in caught.value.__notes__[0]
    assert ml.trace(Choosy(), graph(), forward=lambda m, d: m(d.x, d.edge_index)).verify()


class Scaled(MessagePassing):
    """Messages times a factor that is no parameter."""

    def __init__(self, factor):
        super().__init__(aggr="add")
        self.factor = factor

    def forward(self, x, edge_index):
        return self.propagate(edge_index, x=x)

    def message(self, x_j):
        return x_j * (self.factor[0] if isinstance(self.factor, list) else self.factor)


@pytest.mark.parametrize("factor", [torch.tensor(1.0), [1.0]])
def test_jacobians_follow_attributes_that_are_no_weights(factor):
    model, data = Scaled(factor), graph("CCO")
    for value in (1.0, 5.0):
        if isinstance(factor, list):
            factor[0] = value
        else:
            factor.fill_(value)
        matrix = ml.trace(model, data).rounds[0].propagations[0].edge_matrix(0)
        assert matrix.values[0, 0] == value


def test_jacobians_of_a_run_in_inference_mode():
    model = build("GATv2Conv")
    with torch.inference_mode():
        inside = ml.trace(model, ASPIRIN).rounds[0].propagations[0].edge_matrix(3)
    outside = ml.trace(model, ASPIRIN).rounds[0].propagations[0].edge_matrix(3)
    torch.testing.assert_close(torch.tensor(inside.values), torch.tensor(outside.values))


@pytest.mark.parametrize("k", ["a", 1.0, True, -1, 10**6])
def test_a_message_of_no_number(k):
    propagation = ml.trace(build(), ASPIRIN).rounds[0].propagations[0]
    with pytest.raises(ml.TraceError, match="there is no message"):
        propagation.edge_matrix(k)


def test_runs_in_other_threads_are_not_recorded_and_traces_wait_for_each_other():
    model = build()
    data = model.spec.featurize(ASPIRIN)
    expected = model.eval()(data)
    stop, faults = threading.Event(), []

    def run(call):
        try:
            while not stop.is_set():
                call()
        except Exception as fault:
            faults.append(fault)

    others = [
        threading.Thread(target=run, args=(call,))
        for call in (lambda: model(data), lambda: ml.trace(model, data))
    ]
    for thread in others:
        thread.start()
    try:
        for _ in range(20):
            trace = ml.trace(model, data)
            assert len(trace.rounds) == len(model.spec.rounds)
            assert torch.equal(trace.output, expected)
            assert trace.verify()
    finally:
        stop.set()
        for thread in others:
            thread.join()
    assert not faults
