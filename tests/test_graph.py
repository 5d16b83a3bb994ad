"""Graphs against the molecule they came from, kinds against torch.unique, batches against PyG."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from torch_geometric.data import Batch, Data

from mpnn_lab import graph
from mpnn_lab.chem import Featurizer, read_molecule
from mpnn_lab.errors import InputError
from mpnn_lab.graph import bond_kinds, collate, featurize

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"


def oracle_kinds(edge_attr):
    rows, kinds, first = [tuple(row) for row in edge_attr.tolist()], [], {}
    for row in rows:
        kinds.append(first.setdefault(row, len(first)))
    return kinds, list(first)


@pytest.mark.parametrize("hydrogens", [False, True])
@pytest.mark.parametrize("smiles", [ASPIRIN, "[Na+].[Cl-]", "C", "C/C=C/C", "[H][H]"])
def test_a_graph_is_its_molecule(smiles, hydrogens):
    mol = read_molecule(smiles)
    data = featurize(smiles, hydrogens=hydrogens)
    nodes = data.mol
    assert nodes.GetNumAtoms() == (Chem.AddHs(mol) if hydrogens else mol).GetNumAtoms()
    made = Featurizer(hydrogens)
    assert torch.equal(data.x, made.atom_matrix(nodes))
    bonds = nodes.GetNumBonds()
    assert data.edge_index.shape == (2, 2 * bonds)
    assert data.edge_index.dtype == torch.long
    rows = made.bond_matrix(nodes)
    for number, bond in enumerate(nodes.GetBonds()):
        ends = [bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()]
        assert data.edge_index[:, 2 * number].tolist() == ends
        assert data.edge_index[:, 2 * number + 1].tolist() == ends[::-1]
        assert data.edge_bond[2 * number : 2 * number + 2].tolist() == [number, number]
        assert (data.edge_attr[2 * number : 2 * number + 2] == rows[number]).all()
    assert data.edge_attr.shape == (2 * bonds, len(made.bond_columns))
    assert data.smiles == Chem.MolToSmiles(Chem.RemoveHs(mol) if smiles != "[H][H]" else mol)
    assert data.validate(raise_on_error=True)
    assert [key for key in data.keys() if "index" in key] == ["edge_index"]  # noqa: SIM118


def test_what_is_given_stays_as_it_was():
    mol = Chem.AddHs(Chem.MolFromSmiles("CCO"))
    before = mol.ToBinary()
    assert featurize(mol).num_nodes == 3
    assert featurize(mol, hydrogens=True).num_nodes == 9
    assert mol.ToBinary() == before
    raw = Chem.MolFromSmiles("C1=CC=CC=C1", sanitize=False)
    assert featurize(raw).x[:, Featurizer().atom_columns.index("aromatic")].sum() == 6


@settings(deadline=None, max_examples=40)
@given(st.randoms(use_true_random=False), st.booleans())
def test_renumbering_permutes_the_graph(random, hydrogens):
    mol = Featurizer(hydrogens).molecule(read_molecule("C[C@H](N)C(=O)O/C=C/c1ccncc1"))
    order = list(range(mol.GetNumAtoms()))
    random.shuffle(order)
    first, second = (featurize(m, hydrogens) for m in (mol, Chem.RenumberAtoms(mol, order)))
    assert torch.equal(second.x, first.x[order])

    def edges(data, name):
        ends = [(name(i), name(j)) for i, j in data.edge_index.t().tolist()]
        return sorted(zip(ends, data.edge_attr.tolist(), strict=True))

    place = {old: new for new, old in enumerate(order)}
    assert edges(first, place.__getitem__) == edges(second, lambda i: i)
    assert first.smiles == second.smiles


def test_what_contradicts_a_featurizer_or_is_no_molecule():
    with pytest.raises(InputError, match="contradicts"):
        featurize("C", hydrogens=True, featurizer=Featurizer())
    assert featurize("C", featurizer=Featurizer(hydrogens=True)).num_nodes == 5
    with pytest.raises(InputError, match="got NoneType"):
        featurize(None)


@settings(deadline=None, max_examples=100)
@given(
    st.integers(0, 40),
    st.integers(0, 5),
    st.integers(0, 2**31 - 1),
    st.sampled_from([torch.float32, torch.float64, torch.float16, torch.int64, torch.bool]),
)
def test_kinds_are_the_distinct_rows_in_order_of_appearance(edges, columns, seed, dtype):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randint(-1, 2, (edges, columns), generator=generator)
    edge_attr = (values * 0.1 if dtype.is_floating_point else values).to(dtype)
    edge_kind, kind_attr = bond_kinds(edge_attr)
    kinds, rows = oracle_kinds(edge_attr)
    assert edge_kind.tolist() == kinds
    assert [tuple(row) for row in kind_attr.tolist()] == rows
    assert edge_kind.dtype == torch.long
    assert kind_attr.dtype == dtype


def test_zero_and_minus_zero_are_one_kind_and_infinity_is_a_value():
    edge_attr = torch.tensor([[0.0], [-0.0], [float("inf")], [1.0], [float("inf")]])
    assert bond_kinds(edge_attr)[0].tolist() == [0, 0, 1, 2, 1]


def test_kinds_survive_a_hash_that_is_always_the_same(monkeypatch):
    edge_attr = torch.randint(0, 2, (50, 4), generator=torch.Generator().manual_seed(1)).float()
    expected = oracle_kinds(edge_attr)[0]
    monkeypatch.setattr(graph, "_row_hashes", lambda rows: torch.zeros(len(rows), dtype=torch.long))
    edge_kind, kind_attr = bond_kinds(edge_attr)
    assert edge_kind.tolist() == expected
    assert torch.equal(kind_attr[edge_kind], edge_attr)


def test_kinds_refuse_nan_and_wrong_shapes_and_leave_the_graph_of_gradients():
    with pytest.raises(InputError, match="NaN at edge 2"):
        bond_kinds(torch.tensor([[0.0], [1.0], [float("nan")]]))
    with pytest.raises(InputError, match=r"shape \[3\]"):
        bond_kinds(torch.zeros(3))
    edge_attr = torch.ones(3, 2, requires_grad=True)
    assert not bond_kinds(edge_attr)[1].requires_grad


def test_a_batch_has_kinds_of_its_own_and_else_what_pyg_makes():
    graphs = [featurize(s) for s in ("CC=O", ASPIRIN, "C", "C#N", "CC=O")]
    for number, data in enumerate(graphs):
        data.y = torch.tensor([[float(number)]])
    before = [data.to_dict() for data in graphs]
    batch = collate(graphs)
    theirs = Batch.from_data_list(graphs)
    for key in ("x", "edge_index", "edge_attr", "edge_bond", "batch", "ptr", "y"):
        assert torch.equal(batch[key], theirs[key])
    assert [m.GetNumAtoms() for m in batch.mol] == [3, 13, 1, 2, 3]
    assert batch.smiles[1] == ASPIRIN
    kinds, rows = oracle_kinds(batch.edge_attr)
    assert batch.edge_kind.tolist() == kinds
    assert len(batch.kind_attr) == len(rows)
    assert all(
        data.to_dict().keys() == old.keys() for data, old in zip(graphs, before, strict=True)
    )
    again = batch.to_data_list()
    assert len(again) == 5
    assert torch.equal(again[1].x, graphs[1].x)
    with pytest.raises(InputError, match="no graphs"):
        collate([])


def test_kinds_of_a_graph_are_those_of_its_batch_of_one():
    data = featurize(ASPIRIN)
    batch = collate([data])
    assert torch.equal(batch.edge_kind, data.edge_kind)
    assert torch.equal(batch.kind_attr, data.kind_attr)
    assert len(data.kind_attr) == 4
    assert isinstance(data, Data)


def test_arguments_of_another_kind_are_refused():
    for arguments, said in (
        ({"hydrogens": "no"}, "hydrogens is 'no'; expected True or False"),
        ({"hydrogens": 1}, "hydrogens is 1; expected True or False"),
        ({"featurizer": "x"}, "featurizer is a str; expected a Featurizer"),
        ({"geometry": "yes"}, "geometry is 'yes'; expected True or False"),
        ({"virtual_edges": 1}, "virtual_edges is 1; expected True or False"),
    ):
        with pytest.raises(InputError, match=said):
            featurize("CCO", **arguments)


def test_features_are_of_torchs_default_type(double_by_default):
    data = featurize("CCO")
    assert data.x.dtype is data.edge_attr.dtype is data.kind_attr.dtype is torch.float64
