"""Receptive fields: against finite differences, torch's own Jacobian, and the graph's distances."""

import networkx
import numpy as np
import pytest
import torch
from torch import nn
from torch_geometric.nn import GCN2Conv, GCNConv

import mpnn_lab as ml
from mpnn_lab.errors import InputError, TraceError
from mpnn_lab.limits import LIMITS, Limits
from mpnn_lab.tracing import receptive
from tests.molecules import ASPIRIN, SODIUM_CHLORIDE


def traced(layer="NNConv", smiles=ASPIRIN, width=6, rounds=3, dtype=torch.float64, **fields):
    spec = ml.ModelSpec(rounds=[ml.Layer(layer, width)] * rounds, **fields)
    return ml.trace(spec.build().to(dtype), smiles)


def run_from(model, data, first):
    """All states, the network's rounds run from these first ones."""
    hooks, seen = [], []
    hooks.append(model.project.register_forward_hook(lambda *_: first))
    for part in dict.fromkeys(model.rounds):
        hooks.append(part.register_forward_hook(lambda _m, _a, out: seen.append(out[0])))
    try:
        model(data)
    finally:
        for hook in hooks:
            hook.remove()
    return seen


@pytest.mark.parametrize(
    ("layer", "update"),
    [("NNConv", "gru"), ("GCNConv", "none"), ("GATv2Conv", "residual"), ("GCN2Conv", "none")],
)
def test_norms_are_those_of_finite_differences(layer, update):
    trace = traced(layer, "CC(=O)O", update=update)
    atom, step = 1, 1e-6
    first = trace.parts["project"][0].output
    found = trace.receptive_field(atom).norms
    squares = np.zeros((3, len(first)))
    for j in range(first.shape[0]):
        for c in range(first.shape[1]):
            moved = []
            for sign in (1, -1):
                other = first.clone()
                other[j, c] += sign * step
                with torch.no_grad():
                    moved.append(run_from(trace.model, trace.data.clone(), other))
            for t, (up, down) in enumerate(zip(*moved, strict=True)):
                squares[t, j] += float((((up - down)[atom] / (2 * step)) ** 2).sum())
    assert found[1:] == pytest.approx(np.sqrt(squares), rel=1e-4, abs=1e-6)
    start = np.zeros(len(first))
    start[atom] = np.sqrt(first.shape[1])
    assert found[0] == pytest.approx(start)


def test_norms_are_those_of_torchs_jacobian():
    trace = traced(update="gru", width=16)
    first = trace.parts["project"][0].output
    last = torch.autograd.functional.jacobian(
        lambda h: run_from(trace.model, trace.data.clone(), h)[-1][9], first
    )
    assert trace.receptive_field(9).norms[-1] == pytest.approx(
        last.square().sum((0, 2)).sqrt().numpy(), rel=1e-5
    )


@pytest.mark.parametrize("layer", ["NNConv", "GINConv", "SAGEConv"])
def test_nothing_comes_from_further_away_than_there_were_rounds(layer):
    trace = traced(layer, update="gru", dtype=torch.float32)
    graph = networkx.Graph(trace.data.edge_index.T.tolist())
    for atom in (0, 9):
        field = trace.receptive_field(atom)
        away = networkx.single_source_shortest_path_length(graph, atom)
        assert field.distance.tolist() == [away[j] for j in range(trace.data.num_nodes)]
        for t in range(4):
            near = np.array([away[j] <= t for j in range(trace.data.num_nodes)])
            assert (field.norms[t][~near] == 0).all()
            assert (field.norms[t][near] > 0).all()
        expected = [d if d <= 3 else -1 for d in field.distance.tolist()]
        assert field.heard.tolist() == expected


def test_two_ions_never_hear_of_each_other_but_for_a_master():
    plain = traced(smiles=SODIUM_CHLORIDE).receptive_field(0)
    assert plain.heard.tolist() == [0, -1]
    assert plain.distance.tolist() == [0, -1]
    whole = traced("NNConv", SODIUM_CHLORIDE, master_node=4)
    assert whole.receptive_field(0).heard[1] > 0


def test_a_pooled_atom_is_followed_into_what_it_became():
    spec = ml.ModelSpec(rounds=[ml.Layer("GraphConv", 6, pool="edge"), ml.Layer("GraphConv", 6)])
    trace = ml.trace(spec.build().double(), ASPIRIN)
    holder = next(n for n, atoms in enumerate(trace.rounds[0].nodes_out.atoms) if 1 in atoms)
    first = trace.parts["project"][0].output
    slopes = torch.autograd.functional.jacobian(
        lambda h: run_from(trace.model, trace.data.clone(), h)[1][holder], first
    )
    expected = slopes.square().sum((0, 2)).sqrt().numpy()
    assert trace.receptive_field(1).norms[2] == pytest.approx(expected, rel=1e-5)


def test_an_atom_that_dropped_out_hears_nothing_more():
    spec = ml.ModelSpec(rounds=[ml.Layer("GraphConv", 6, pool="top k"), ml.Layer("GraphConv", 6)])
    trace = ml.trace(spec.build(), ASPIRIN)
    left = {atom for atoms in trace.rounds[0].nodes_out.atoms for atom in atoms}
    gone = next(a for a in range(trace.data.num_nodes) if a not in left)
    assert (trace.receptive_field(gone).norms[1:] == 0).all()


class Theirs(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = GCNConv(9, 5), GCNConv(5, 4)

    def forward(self, x, edge_index):
        return self.second(self.first(x, edge_index).relu_(), edge_index).relu().sum(0)


class Returning(nn.Module):
    """Every layer is given the first states again."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(GCN2Conv(9, alpha=0.3) for _ in range(3))

    def forward(self, data):
        h = data.x
        for conv in self.convs:
            h = conv(h, data.x, data.edge_index)
        return h.sum(0)


@pytest.mark.parametrize("model", [Theirs, Returning])
def test_models_of_others_are_followed_through_their_layers(model):
    torch.manual_seed(0)
    data = ml.featurize("CC(=O)O")
    data.x = torch.randn(4, 9)
    own = model()
    trace = ml.trace(own, data, mol="CC(=O)O")
    found = trace.receptive_field(2).norms

    def last(x):
        if model is Theirs:
            h = own.first(x, data.edge_index).relu()
            return own.second(h, data.edge_index)[2]
        h = x
        for conv in own.convs:
            h = conv(h, x, data.edge_index)
        return h[2]

    slopes = torch.autograd.functional.jacobian(last, data.x)
    assert found[-1] == pytest.approx(slopes.square().sum((0, 2)).sqrt().numpy(), rel=1e-4)


def test_a_given_forward_is_used_again():
    data = ml.featurize("CC(=O)O")
    data.x = torch.randn(4, 9)
    trace = ml.trace(Theirs(), data, forward=lambda m, d: m(2 * d.x, d.edge_index))
    assert trace.receptive_field(0).heard.tolist() == [0, 1, 2, 2]


def test_the_models_stay_as_they_are_and_answers_do_not_depend_on_the_mode():
    trace = traced(update="gru")
    before = {k: v.clone() for k, v in trace.model.state_dict().items()}
    field = trace.receptive_field(3)
    with torch.inference_mode():
        again = trace.receptive_field(3)
    assert (field.norms == again.norms).all()
    assert all((trace.model.state_dict()[k] == v).all() for k, v in before.items())
    hooks = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")
    assert not any(getattr(m, h) for m in trace.model.modules() for h in hooks)
    assert all(p.grad is None for p in trace.model.parameters())


def test_what_cannot_be_batched_is_taken_one_by_one(monkeypatch):
    trace = traced(update="gru")
    expected = trace.receptive_field(3).norms
    grad = torch.autograd.grad

    def one_by_one(*args, is_grads_batched=False, **kwargs):
        if is_grads_batched:
            raise RuntimeError("no batching rule")
        return grad(*args, **kwargs)

    monkeypatch.setattr(torch.autograd, "grad", one_by_one)
    assert trace.receptive_field(3).norms == pytest.approx(expected, rel=1e-6)


def test_several_fields_are_those_of_each():
    trace = traced(update="gru", smiles="CC(=O)O")
    for atom, field in enumerate(receptive.receptive_fields(trace, range(4))):
        assert (field.norms == trace.receptive_field(atom).norms).all()


def test_what_is_no_atom_too_much_or_no_states_of_atoms_is_refused(monkeypatch):
    trace = traced(smiles="CC(=O)O")
    for atom in (-1, 4, True, 1.0, None, "0"):
        with pytest.raises(InputError, match="no atom"):
            trace.receptive_field(atom)
    assert LIMITS.jacobian_cells >= 10_000_000
    monkeypatch.setattr(receptive, "LIMITS", Limits(jacobian_cells=100))
    with pytest.raises(TraceError, match="at most 100"):
        trace.receptive_field(0)


def test_a_first_state_changed_in_place_has_no_derivative():
    class InPlace(Theirs):
        def forward(self, x, edge_index):
            h = self.first(x, edge_index)
            x.mul_(2)
            return self.second(h, edge_index).sum(0) + x.sum()

    data = ml.featurize("CC(=O)O")
    data.x = torch.randn(4, 9)
    trace = ml.trace(InPlace(), data)
    with pytest.raises(TraceError, match=r"in.place"):
        trace.receptive_field(0)
