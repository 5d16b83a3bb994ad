"""What columns tell of elements, polar bonds and ring systems: against RDKit, and by hand."""

import networkx as nx
import pytest
import torch
from rdkit import Chem

from mpnn_lab import Layer, ModelSpec
from mpnn_lab.graph import collate
from mpnn_lab.nn.reading import ELECTRONEGATIVITY
from mpnn_lab.nn.supply import supply_of
from tests.molecules import ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE

BIPHENYL, SPIRO, CUBANE = "c1ccccc1-c1ccccc1", "C1CC12CCCC2", "C12C3C4C1C5C2C3C45"
MOLECULES = (ASPIRIN, CAFFEINE, BIPHENYL, SPIRO, CUBANE, METHANE, SODIUM_CHLORIDE, "C[Se]CBr")


def supply(*smiles):
    spec = ModelSpec(rounds=[Layer("GCNConv", 4)])
    model, data = spec.build(), collate([spec.featurize(s) for s in smiles])
    return supply_of(
        data, data.x, data.batch, model.bond_columns, atom_columns=model.atom_columns
    ), data


@pytest.mark.parametrize("smiles", MOLECULES)
def test_elements_are_numbered_as_the_columns_are(smiles):
    found, data = supply(smiles)
    names = [*ELECTRONEGATIVITY, "other"]
    for atom, number in zip(data.mol[0].GetAtoms(), found.node_type.tolist(), strict=True):
        symbol = atom.GetSymbol() if atom.GetSymbol() in ELECTRONEGATIVITY else "other"
        assert names[number] == symbol


@pytest.mark.parametrize(
    ("smiles", "polar"),
    [("CC", 0), ("CO", 1), ("CN", 1), ("NO", 1), ("CS", 0), ("CCl", 1), ("CBr", 1), ("CI", 0),
     ("C[Se]", 1), ("OS", 1), ("CP", 0)],
)  # fmt: skip
def test_polar_bonds_are_those_whose_electronegativities_differ(smiles, polar):
    found, data = supply(smiles)
    assert found.neg_edge_index.shape[1] == 2 * polar
    both = torch.cat([found.pos_edge_index, found.neg_edge_index], dim=1)
    assert sorted(both.T.tolist()) == sorted(data.edge_index.T.tolist())


def sets_of(mol):
    """Every bond's atoms, and the components of the graph of ring bonds, by RDKit and networkx."""
    bonds = [{b.GetBeginAtomIdx(), b.GetEndAtomIdx()} for b in mol.GetBonds()]
    rings = nx.Graph(tuple(s) for s, b in zip(bonds, mol.GetBonds(), strict=True) if b.IsInRing())
    return [*bonds, *nx.connected_components(rings)]


@pytest.mark.parametrize("smiles", MOLECULES)
def test_hyperedges_are_bonds_and_ring_systems(smiles):
    found, data = supply(smiles)
    atoms, numbers = found.hyperedge_index
    sets = [set(atoms[numbers == k].tolist()) for k in range(len(numbers.unique()))]
    expected = sets_of(data.mol[0])
    assert sorted(map(sorted, sets)) == sorted(map(sorted, expected))
    assert len(atoms) == sum(map(len, expected))


def test_pairs_without_a_bond_are_in_no_set_and_have_no_sign():
    spec = ModelSpec(rounds=[Layer("GCNConv", 4)], edges="complete")
    model, data = spec.build(), collate([spec.featurize(ASPIRIN)])
    found = supply_of(data, data.x, data.batch, model.bond_columns, atom_columns=model.atom_columns)
    alone, _ = supply(ASPIRIN)
    for name in ("hyperedge_index", "pos_edge_index", "neg_edge_index"):
        one, other = (sorted(getattr(s, name).T.tolist()) for s in (found, alone))
        assert one == other


def test_ring_systems_by_name():
    def systems(smiles):
        return (
            supply(smiles)[0].hyperedge_index[1].unique().numel()
            - Chem.MolFromSmiles(smiles).GetNumBonds()
        )

    assert [systems(s) for s in (METHANE, BIPHENYL, SPIRO, CAFFEINE, CUBANE)] == [0, 2, 1, 1, 1]


def test_in_a_batch_no_hyperedge_joins_two_molecules():
    found, data = supply(*MOLECULES)
    atoms, numbers = found.hyperedge_index
    for k in numbers.unique():
        assert data.batch[atoms[numbers == k]].unique().numel() == 1
    alone = sum(len(sets_of(mol)) for mol in data.mol)
    assert numbers.unique().tolist() == list(range(alone))
