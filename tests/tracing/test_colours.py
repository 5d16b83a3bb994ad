"""Weisfeiler-Leman colours: against PyG's WLConv, canonical, and what networks cannot tell."""

import itertools

import pytest
import torch
from rdkit import Chem
from torch_geometric.nn import WLConv

import mpnn_lab as ml
from tests.molecules import ASPIRIN, CAFFEINE, DRUGS, METHANE, SODIUM_CHLORIDE

DECALIN, BICYCLOPENTYL = "C1CCC2CCCCC2C1", "C1CCC(C1)C1CCCC1"


def partition(colours):
    """Which atoms, of all molecules counted through, are of one colour."""
    sets = {}
    for place, colour in enumerate(torch.cat(colours).tolist()):
        sets.setdefault(colour, set()).add(place)
    return {frozenset(s) for s in sets.values()}


@pytest.mark.parametrize("rounds", [0, 1, 2, 5])
@pytest.mark.parametrize("features", [False, True])
def test_the_same_atoms_are_told_apart_as_by_pyg(rounds, features):
    smiles = [*DRUGS, METHANE, SODIUM_CHLORIDE, DECALIN, BICYCLOPENTYL]
    graphs = [ml.featurize(s) for s in smiles]
    refine = [WLConv() for _ in range(rounds)]
    if features:
        rows = torch.unique(torch.cat([g.x for g in graphs]), dim=0, return_inverse=True)[1]
        theirs = list(rows.split([g.num_nodes for g in graphs]))
    else:
        theirs = [torch.zeros(g.num_nodes, dtype=torch.long) for g in graphs]
    for layer in refine:
        theirs = [layer(c, g.edge_index) for c, g in zip(theirs, graphs, strict=True)]
    ours = ml.wl_colours(graphs, rounds, features=features)
    assert partition(ours) == partition(theirs)


@pytest.mark.parametrize("rounds", [1, 3, None])
def test_the_numbers_do_not_depend_on_any_order(rounds):
    mol = Chem.MolFromSmiles(CAFFEINE)
    order = torch.randperm(mol.GetNumAtoms(), generator=torch.Generator().manual_seed(1)).tolist()
    shuffled = Chem.RenumberAtoms(mol, order)
    one, other = ml.wl_colours(mol, rounds), ml.wl_colours(shuffled, rounds)
    assert one[order].tolist() == other.tolist()
    colours = [ml.wl_colours(list(p), rounds) for p in itertools.permutations([mol, ASPIRIN])]
    assert colours[0][0].tolist() == colours[1][1].tolist()
    assert colours[0][1].tolist() == colours[1][0].tolist()


def test_until_nothing_is_parted_is_as_far_as_it_goes():
    stable = ml.wl_colours([ASPIRIN, CAFFEINE])
    assert partition(stable) == partition(ml.wl_colours([ASPIRIN, CAFFEINE], 40))
    assert sorted(set(torch.cat(stable).tolist())) == list(range(len(partition(stable))))


def test_two_molecules_that_no_network_tells_apart():
    one, other = ml.wl_colours([DECALIN, BICYCLOPENTYL])
    assert sorted(one.tolist()) == sorted(other.tolist())
    assert len(set(one.tolist())) == 3
    different = ml.wl_colours(["CCCC", "CC(C)C"])
    assert sorted(different[0].tolist()) != sorted(different[1].tolist())


@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_one_colour_one_state(rounds):
    """In a network that starts from the same features and does not read bonds."""
    spec = ml.ModelSpec(rounds=[ml.Layer("GINConv", 32)] * rounds)
    model = spec.build(seed=1).eval().double()
    data = spec.featurize(ASPIRIN)
    colours = ml.wl_colours(data, rounds, features=True)
    states = ml.trace(model, Chem.MolFromSmiles(ASPIRIN)).rounds[-1].output
    for a, b in itertools.combinations(range(13), 2):
        same = torch.allclose(states[a], states[b], rtol=1e-9, atol=1e-12)
        assert same == bool(colours[a] == colours[b])


def test_what_cannot_be_coloured():
    for rounds in (-1, 1.5, True):
        with pytest.raises(ml.InputError, match="rounds: got"):
            ml.wl_colours("CC", rounds)
    graph = ml.featurize("CC")
    with pytest.raises(ml.InputError, match="no edge_index"):
        ml.wl_colours(type(graph)(x=graph.x))
    narrow = ml.featurize("CC")
    narrow.x = narrow.x[:, :3]
    with pytest.raises(ml.InputError, match="not the same columns"):
        ml.wl_colours([graph, narrow], features=True)
    assert ml.wl_colours([]) == []


def test_bonds_are_told_apart_where_that_is_asked_for():
    # Where all atoms start alike, the two oxygens of an acid differ in their bonds alone.
    graph = ml.featurize("CC(=O)O")
    graph.x = torch.ones(4, 1)
    plain = ml.wl_colours(graph, 1, features=True).tolist()
    told = ml.wl_colours(graph, 1, features=True, bonds=True).tolist()
    assert plain[0] == plain[2] == plain[3] != plain[1]
    assert told[2] != told[3]
    for rounds in range(4):
        coarse = partition([ml.wl_colours(ASPIRIN, rounds, features=True)])
        fine = partition([ml.wl_colours(ASPIRIN, rounds, features=True, bonds=True)])
        assert all(any(f <= c for c in coarse) for f in fine)


def test_bonds_without_features_cannot_be_told_apart():
    graph = ml.featurize("CC")
    graph.edge_attr = None
    with pytest.raises(ml.InputError, match="bonds"):
        ml.wl_colours(graph, bonds=True)


def test_decalin_and_bicyclopentyl_are_told_apart_by_their_bonds_alone():
    assert not ml.told_apart(DECALIN, BICYCLOPENTYL)
    assert not ml.told_apart(DECALIN, BICYCLOPENTYL, features=True)
    assert ml.told_apart(DECALIN, BICYCLOPENTYL, features=True, bonds=True)
    assert not ml.told_apart(DECALIN, BICYCLOPENTYL, 0, features=True, bonds=True)
    assert ml.told_apart(ASPIRIN, CAFFEINE)
    assert ml.told_apart("CC", "CCC", 0)
    assert not ml.told_apart("CCO", "OCC", features=True, bonds=True)


@pytest.mark.parametrize("readout", ["sum", "set2set"])
def test_what_is_not_told_apart_gets_one_value(readout):
    rounds = [ml.Layer("GINConv", 8)] * 3
    model = ml.ModelSpec(rounds=rounds, readout=readout).build().double()
    one, other = (ml.trace(model, s).output for s in (DECALIN, BICYCLOPENTYL))
    torch.testing.assert_close(one, other)
    bonds = ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 3, readout=readout).build().double()
    one, other = (ml.trace(bonds, s).output for s in (DECALIN, BICYCLOPENTYL))
    assert abs(float(one - other)) > 1e-6
