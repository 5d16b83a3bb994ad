"""Messages through sets of atoms: each set is a node of its own, with its name and its atoms."""

import numpy as np
import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN

LAYER = ml.Layer("HypergraphConv", 4)


def drawn(spec, smiles):
    trace = ml.trace(spec.build(), smiles)
    view = stage_view(trace)
    encode(view)
    return trace, view


def atoms_of(view, node):
    return set(view.members[view.members[:, 0] == node, 1].tolist())


@pytest.mark.parametrize("smiles", [ASPIRIN, "C1CC1"])
def test_messages_go_there_and_back_between_the_recorded_ends(smiles):
    """Sets have numbers of their own, which are no atoms': cyclopropane has more than atoms."""
    trace, view = drawn(ml.ModelSpec(rounds=[LAYER] * 2), smiles)
    count = trace.data.num_nodes
    for r, shown in zip(trace.rounds, view.rounds, strict=True):
        assert not shown.undrawn
        there, back = shown.propagations
        atom, number = r.propagations[0].edge_index.numpy()
        assert there.source.tolist() == back.target.tolist() == atom.tolist()
        assert there.target.tolist() == back.source.tolist() == (number + count).tolist()
        assert (there.hop, back.hop) == (0, 1)
        for node in view.hyperedges:
            assert atoms_of(view, node) == set(atom[number + count == node].tolist())
        assert (view.node_atoms[view.hyperedges] == -1).all()
    assert len(view.node_labels) == len(view.node_atoms) == count + len(view.hyperedges)
    assert {s.propagation for s in view.steps if s.round == 1} == {0, 1, -1}


def test_what_a_set_hears_is_the_sum_over_its_atoms():
    trace, view = drawn(ml.ModelSpec(rounds=[LAYER]), ASPIRIN)
    known = {q.name: q for q in view.quantities}
    held = known[view.rounds[0].propagations[0].aggregated]
    assert held.per == "hyperedge"
    layer = trace.model.get_submodule(trace.rounds[0].layer)
    sent = (trace.rounds[0].state_in @ layer.lin.weight.T).detach().numpy()
    for node in view.hyperedges:
        own = sorted(atoms_of(view, node))
        np.testing.assert_allclose(held.values[node][0], sent[own].mean(0), rtol=1e-4, atol=1e-6)


def test_names_say_bond_or_ring_and_which_atoms():
    _, view = drawn(ml.ModelSpec(rounds=[LAYER]), "CC(=O)Oc1ccccc1C(=O)O")
    names = [view.node_labels[n] for n in view.hyperedges]
    assert names[:2] == ["bond C0–C1", "bond C1=O2"]
    assert names[-1] == "ring C4..C9"
    _, view = drawn(ml.ModelSpec(rounds=[LAYER]), "C1OC(C)N1CC")
    assert view.node_labels[view.hyperedges[-1]] == "ring C0 O1 C2 +1"


def test_matrices_are_those_of_sets_by_their_size():
    _, view = drawn(ml.ModelSpec(rounds=[LAYER]), ASPIRIN)
    there, back = (p.matrices for p in view.rounds[0].propagations)
    assert "sets" in there.caption
    assert there.labels == ("c = 0.500", "c = 0.167")
    assert there.counts.tolist() == [26, 6]
    assert back is None


class Brought(nn.Module):
    """Hyperedges that are no bonds, with and without attention."""

    def __init__(self, attention: bool) -> None:
        super().__init__()
        self.conv = pyg.HypergraphConv(30, 8, use_attention=attention)

    def forward(self, x, pairs, features):
        given = features if self.conv.use_attention else None
        return self.conv(x, pairs, hyperedge_attr=given).sum(0, keepdim=True)[:, :1]


@pytest.mark.parametrize("attention", [False, True])
def test_sets_of_ones_own(attention):
    """Three sets of three atoms, and one that no atom is in."""
    data = ml.featurize("CCO")
    data.pairs = torch.tensor([[0, 2, 0, 1, 2, 1], [0, 0, 1, 1, 1, 3]])
    data.features = torch.randn(4, 30)
    trace = ml.trace(Brought(attention), data)
    view = stage_view(trace)
    encode(view)
    assert [view.node_labels[n] for n in view.hyperedges] == [
        "set C0 O2", "set C0 C1 O2", "set", "set C1",
    ]  # fmt: skip
    there, back = view.rounds[0].propagations
    assert there.target.tolist() == back.source.tolist() == [3, 3, 4, 4, 4, 6]
    known = {q.name: q for q in view.quantities}
    held = known[there.aggregated]
    assert held.per == "hyperedge"
    heard = trace.rounds[0].propagations[0].aggregated.numpy()
    assert (held.values[view.hyperedges] == heard).all()


def test_a_master_and_sets_have_different_numbers():
    _, view = drawn(ml.ModelSpec(rounds=[LAYER], master_node=4), "CCO")
    assert view.node_labels[3] == "master"
    assert view.hyperedges.tolist() == [4, 5]


def test_other_layers_know_no_sets():
    _, view = drawn(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]), "CCO")
    assert len(view.hyperedges) == 0
    assert len(view.node_labels) == 3
