"""Layers that no form is written for: shown as they ran, on their own edges, with no claim."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, METHANE

LAYERS = {
    "ChebConv": lambda: pyg.ChebConv(8, 8, K=3),
    "TAGConv": lambda: pyg.TAGConv(8, 8),
    "APPNP": lambda: pyg.APPNP(K=4, alpha=0.1),
    "GatedGraphConv": lambda: pyg.GatedGraphConv(8, num_layers=3),
    "SAGEConv": lambda: pyg.SAGEConv(8, 8),
    "GATConv": lambda: pyg.GATConv(8, 4, heads=2),
    "PNAConv": lambda: pyg.PNAConv(
        8, 8, ["mean", "max"], ["identity"], deg=torch.tensor([0, 5, 5, 3]), towers=2
    ),
    "TransformerConv": lambda: pyg.TransformerConv(8, 4, heads=2),
    "SimpleConv": lambda: pyg.SimpleConv(),
    "MixHopConv": lambda: pyg.MixHopConv(8, 4, powers=[0, 1, 2]),
    "ARMAConv": lambda: pyg.ARMAConv(8, 8, num_stacks=2, num_layers=2),
}


class Brought(nn.Module):
    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.first = nn.Linear(30, 8)
        self.conv = layer

    def forward(self, x, edge_index):
        out = self.conv(torch.tanh(self.first(x)), edge_index)
        return (out[0] if isinstance(out, tuple) else out).sum(0, keepdim=True)[:, :1]


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("smiles", [ASPIRIN, METHANE])
def test_each_propagation_keeps_its_own_edges_and_numbers(name, smiles):
    data = ml.featurize(smiles)
    model = Brought(LAYERS[name]())
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model.eval()(data.x, data.edge_index))
    report = trace.verify()
    assert not report.failed, str(report)
    assert all(c.reason for c in report.unchecked)
    view = stage_view(trace)
    known = {q.name: q for q in view.quantities}
    r, shown = trace.rounds[0], view.rounds[0]
    assert len(shown.propagations) == len(r.propagations) > 0
    for p, drawn in zip(r.propagations, shown.propagations, strict=True):
        assert (known[drawn.messages].values == p.messages.numpy()).all()
        assert drawn.source.tolist() == p.edge_index[0].tolist()
        if drawn.aggregated is not None:
            assert (known[drawn.aggregated].values == p.aggregated.numpy()).all()
    for step in view.steps:
        assert set(step.quantities) <= known.keys()
    encode(view)


def test_a_layer_that_shows_no_messages():
    class Colours(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.conv = nn.Linear(30, 8), pyg.WLConvContinuous()

        def forward(self, x, edge_index):
            return self.conv(self.first(x), edge_index).sum().reshape(1, 1)

    trace = ml.trace(Colours(), ml.featurize(ASPIRIN))
    assert stage_view(trace).rounds[0].kind == "WLConvContinuous"


def test_a_layer_that_gives_its_attention_too():
    class Attentive(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = pyg.GATv2Conv(30, 8)

        def forward(self, x, edge_index):
            out, _ = self.conv(x, edge_index, return_attention_weights=True)
            return out.mean(0, keepdim=True)[:, :1]

    trace = ml.trace(Attentive(), ml.featurize(ASPIRIN))
    assert trace.rounds[0].output.shape == (13, 8)
    assert trace.verify()
    assert stage_view(trace).steps


def test_atoms_given_by_number_and_place():
    """No matrix x: the states begin where the model's first layer begins."""

    class ByNumber(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed, self.conv = nn.Embedding(100, 8), pyg.GCNConv(8, 8)

        def forward(self, z, edge_index):
            return self.conv(self.embed(z), edge_index).sum(0, keepdim=True)[:, :1]

    data = ml.featurize(ASPIRIN)
    data.z = torch.tensor([a.GetAtomicNum() for a in data.mol.GetAtoms()])
    del data.x
    data.num_nodes = len(data.z)
    trace = ml.trace(ByNumber(), data)
    assert trace.verify()
    assert stage_view(trace).chapters[0].title == "Input"


@pytest.mark.parametrize("name", ["RGCNConv", "FiLMConv"])
def test_relations_are_called_by_their_bonds_and_the_update_comes_last(name):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 4)])
    trace = ml.trace(spec.build(), "CC(=O)O")
    view = stage_view(trace)
    (shown,) = view.rounds
    assert [p.label for p in shown.propagations] == [
        f"{bond} bonds" for bond in ("single", "double", "triple", "aromatic", "other")
    ]
    for p in shown.propagations:
        assert p.relation
        assert all(
            p.label.startswith(view.molecule.bond_labels[b].partition(" ")[0]) for b in p.bond
        )
    steps = [s for s in view.steps if s.round == 0]
    assert [s.propagation for s in steps] == [p for p in range(5) for _ in range(3)] + [-1]
    assert steps[-1].name == "update"
    for q in view.quantities:
        assert q.symbol.count("(") == q.symbol.count(")")
        assert q.symbol.count("{") == q.symbol.count("}")


def test_the_states_of_bonds_are_made_in_the_open():
    """No rectified number whose own sum is out of sight, and no step between the updates."""
    view = stage_view(ml.trace(ml.ModelSpec(rounds=[ml.Layer("WeaveConv", 4)]).build(), "CCO"))
    steps = [s for s in view.steps if s.round == 0]
    assert [s.name for s in steps] == ["message", "aggregate", "update", "edge update"]
    known = {q.name: q for q in view.quantities}
    rectified = [known[n] for n in steps[-1].quantities if known[n].op == "relu"]
    assert len(rectified) == 3
    for q in rectified:
        assert known[q.args[0]].op == "linear"
        assert q.args[0] in steps[-1].quantities


@pytest.mark.parametrize("norm", ["none", "layer"])
def test_a_round_whose_activation_comes_first_starts_from_the_state_itself(norm):
    rounds = [ml.Layer("GENConv", 4, block="res+", norm=norm)] * 2
    trace = ml.trace(ml.ModelSpec(rounds=rounds).build(), "CCO")
    view = stage_view(trace)
    known = {q.name: q for q in view.quantities}
    assert view.rounds[0].state_in == "input/state"
    assert view.rounds[1].state_in == view.rounds[0].state_out
    for r, shown in zip(trace.rounds, view.rounds, strict=True):
        before, after = (torch.tensor(known[n].values) for n in (shown.state_in, shown.state_out))
        torch.testing.assert_close(after, before + r.output)


@pytest.mark.parametrize("name", ["powermean", "variance preserving"])
def test_an_aggregation_in_several_steps_shows_its_messages_and_calls_each_by_its_own_letter(name):
    spec = ml.ModelSpec(rounds=[ml.Layer("SAGEConv", 4, aggr=name)], readout=name)
    view = stage_view(ml.trace(spec.build(), "CC(=O)O"))
    known = {q.name: q for q in view.quantities}
    for over, step in (
        ("incoming", next(s for s in view.steps if s.name == "aggregate")),
        ("nodes", next(s for s in view.steps if s.name == "readout")),
    ):
        made = [known[n] for n in step.quantities]
        assert any(q.op.endswith(f"_{over}") for q in made)
        assert len({q.symbol for q in made}) == len(made)
        assert all(known[a].symbol != q.symbol for q in made for a in q.args)
        if name == "powermean":
            assert sum("between 0.0001 and 100" in q.label for q in made) == 2


def test_an_aggregation_is_called_as_the_registry_calls_it():
    rounds = [ml.Layer("PNAConv", 4), ml.Layer("SAGEConv", 4, aggr="variance preserving")]
    view = stage_view(ml.trace(ml.ModelSpec(rounds=rounds, readout="set2set with x").build(), "CC"))
    assert [r.propagations[0].aggr for r in view.rounds] == ["degree scaler", "variance preserving"]
    assert next(c for c in view.chapters if c.kind == "readout").caption == "set2set with x"
