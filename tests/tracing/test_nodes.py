"""Graphs that shrink: which atoms are left, and which bonds are between them."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from tests.brought import X, graph, made
from tests.molecules import ASPIRIN

# PyG's GraphUNet multiplies sparse matrices; torch says once that they are new and unchecked.
pytestmark = pytest.mark.filterwarnings("ignore:Sparse (CSR|invariant):UserWarning")


def test_a_graph_that_shrinks_keeps_its_atoms_names():
    """Poolings say which nodes they kept; two hops make edges that are no bonds."""
    model, data = made("GraphUNet"), graph()
    kept = []
    hooks = [
        pool.register_forward_hook(lambda m, i, out: kept.append(out[4])) for pool in model.pools
    ]
    model.eval()(data.x, data.edge_index)
    for hook in hooks:
        hook.remove()
    first, second = kept[0], kept[0][kept[1]]
    trace = ml.trace(model, data)
    atoms = [torch.arange(13), first, second, first, torch.arange(13)]
    for r, wanted in zip(trace.rounds, atoms, strict=True):
        assert torch.equal(r.atoms, wanted)
        assert len(r.state_in) == len(r.output) == len(wanted)
        (p,) = r.propagations
        for (s, t), role, origin in zip(p.edge_index.T, p.edge_role, p.edge_origin, strict=True):
            bond = None if s == t else trace.mol.GetBondBetweenAtoms(int(wanted[s]), int(wanted[t]))
            assert origin == (-1 if bond is None else bond.GetIdx())
            assert (role == "bond") == (bond is not None)
    roles = [role for r in trace.rounds[1:4] for role in r.propagations[0].edge_role]
    assert {"bond", "other", "self-loop"} == set(roles)
    with pytest.raises(
        ml.InputError, match=r"round 2 \(down_convs.1\) .* node that a pooling left"
    ):
        stage_view(trace)


def test_two_poolings_of_one_size_are_not_told_apart():
    class Forked(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = pyg.TopKPooling(X), pyg.SAGPooling(X)
            self.conv = pyg.GCNConv(X, 4)

        def forward(self, x, edge_index):
            outs = (pool(x, edge_index) for pool in (self.one, self.other))
            return torch.cat([self.conv(out[0], out[1]) for out in outs])

    model = Forked()
    model.one.select.weight.data.neg_()
    rounds = ml.trace(model, graph()).rounds
    assert [r.layer for r in rounds] == ["conv", "other.gnn", "conv"]
    assert rounds[0].atoms is not None
    assert rounds[2].atoms is None
    assert set(rounds[2].propagations[0].edge_role) <= {"self-loop", "other"}
    assert (rounds[2].propagations[0].edge_origin == -1).all()


class OnSome(nn.Module):
    """A layer called on some of the atoms, which hear all others, as in sampled neighbourhoods."""

    def __init__(self, n, first):
        super().__init__()
        self.conv, self.first = pyg.SAGEConv((n, n), 4), first

    def forward(self, x, edge_index):
        heard = x[:5] if self.first else x[-5:]
        shift = 0 if self.first else len(x) - 5
        kept = (edge_index[1] >= shift) & (edge_index[1] < shift + 5)
        return self.conv((x, heard), edge_index[:, kept] - torch.tensor([[0], [shift]]))


def test_bonds_to_the_first_atoms_are_bonds():
    data = ml.featurize(ASPIRIN)
    trace = ml.trace(OnSome(data.num_features, first=True), data)
    p = trace.rounds[0].propagations[0]
    assert set(p.edge_role) == {"bond"}
    for (s, t), bond in zip(p.edge_index.T.tolist(), p.edge_origin.tolist(), strict=True):
        found = trace.mol.GetBondWithIdx(bond)
        assert {s, t} == {found.GetBeginAtomIdx(), found.GetEndAtomIdx()}
    assert trace.verify()
    with pytest.raises(ml.InputError, match=r"round 1 \(conv\) gives states of 5 nodes, where the"):
        stage_view(trace)


def test_bonds_to_others_are_not_guessed():
    data = ml.featurize(ASPIRIN)
    trace = ml.trace(OnSome(data.num_features, first=False), data)
    p = trace.rounds[0].propagations[0]
    assert set(p.edge_role) == {"other"}
    assert (p.edge_origin == -1).all()
    assert trace.verify()
