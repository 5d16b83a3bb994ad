"""Edge matrices over a data set, against counting by hand and numpy."""

from collections import Counter

import numpy as np
import pytest
import torch
from rdkit import Chem

import mpnn_lab as ml
from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.views import count_kinds, graphs_of, kind_matrices, why_not

SMILES = ("CC", "C", "CC=O", "c1ccccc1O", "CC#N", "OC(=O)C=C", "C/C=C/C", "CCCC")


def dataset(smiles=SMILES):
    return MoleculeDataset(
        name="tiny", smiles=tuple(smiles), names=("",) * len(smiles),
        targets=torch.zeros(len(smiles), 1), target_names=("y",), unit="", task="regression",
        description="", source="", licence="",
    )  # fmt: skip


def spec_of(layer="NNConv", **more):
    return ml.ModelSpec(rounds=[ml.Layer(layer, 6)] * 2, **more)


def by_hand(smiles=SMILES, hydrogens=False):
    """Every bond's own features by rdkit alone: (molecule, features)."""
    found = []
    for row, text in enumerate(smiles):
        mol = Chem.MolFromSmiles(text)
        for bond in (Chem.AddHs(mol) if hydrogens else mol).GetBonds():
            features = (
                bond.GetBondType(),
                bond.GetIsConjugated(),
                bond.IsInRing(),
                bond.GetStereo(),
            )
            found.append((row, features))
    return found


@pytest.mark.parametrize("hydrogens", [False, True])
def test_kinds_are_counted_as_rdkit_has_them(hydrogens):
    kinds = count_kinds(spec_of(hydrogens=hydrogens), dataset())
    bonds = by_hand(hydrogens=hydrogens)
    own = [kinds.counts(np.array([k])) for k in range(len(kinds))]
    counted = Counter(features for _, features in bonds)
    where = {f: len({row for row, other in bonds if other == f}) for f in counted}
    assert sorted(own) == sorted((where[f], counted[f]) for f in counted)
    assert len(kinds.kind) == len(bonds)
    everything = np.arange(len(kinds))
    assert kinds.counts(everything) == (len({row for row, _ in bonds}), len(bonds))
    for k in range(len(kinds)):
        row, bond = kinds.first(np.array([k]))
        data = spec_of(hydrogens=hydrogens).featurize(SMILES[row])
        edge = (data.edge_bond == bond).nonzero()[0]
        np.testing.assert_array_equal(data.edge_attr[edge][0].numpy(), kinds.rows[k])


def test_few_molecules_have_every_kind():
    kinds = count_kinds(spec_of(), dataset())
    covered = {k for row in kinds.cover() for k in kinds.of(row).values()}
    assert covered == set(range(len(kinds)))
    assert len(kinds.cover()) < len(SMILES)


def test_matrices_are_the_edge_networks_and_sigma_is_numpys():
    spec, data = spec_of(), dataset()
    model = spec.build(seed=1)
    kinds = count_kinds(spec, data)
    first, second = kind_matrices(model, kinds)
    assert [first.round, second.round] == [0, 1]
    assert len(set(first.labels)) == len(kinds)
    assert "double · E" in first.labels
    for view, name in ((first, "rounds.0"), (second, "rounds.1")):
        network = next(
            m.nn for n, m in model.named_modules() if n.startswith(name) and hasattr(m, "nn")
        )
        with torch.no_grad():
            each = network(torch.from_numpy(kinds.rows)).view(-1, 6, 6).numpy()
        np.testing.assert_allclose(view.table, each, rtol=1e-4, atol=1e-6)
        for k, sigma in enumerate(view.sigma):
            np.testing.assert_allclose(sigma, np.linalg.svd(each[k])[1], rtol=1e-4, atol=1e-5)
            assert (view.molecules[k], view.bonds[k]) == kinds.counts(np.array([k]))
    example = first.examples[first.labels.index("double · E")]
    assert (example.row, example.bond, example.words) == (6, 1, "C1=C2 of C/C=C/C")


def test_kinds_that_share_a_matrix_are_one():
    spec = spec_of("RGCNConv")
    views = kind_matrices(spec.build(seed=0), count_kinds(spec, dataset()))
    single = next(v for v in views if v.label == "single bonds" and v.round == 0)
    bonds = [(row, f) for row, f in by_hand() if f[0] == Chem.BondType.SINGLE]
    assert single.bonds.tolist() == [len(bonds)]
    assert single.molecules.tolist() == [len({row for row, _ in bonds})]
    other = next(v for v in views if v.label == "other bonds")
    assert "No bond of the data set" in other.why
    plain = spec_of("SAGEConv")
    (view, _) = kind_matrices(plain.build(seed=0), count_kinds(plain, dataset()))
    assert view.labels == ("all bonds",)
    np.testing.assert_array_equal(view.table, np.eye(6, dtype=np.float32)[None])


@pytest.mark.parametrize(
    ("layer", "why"),
    [("GCNConv", "depend on more than the bond"), ("GATv2Conv", "not one matrix")],
)
def test_a_layer_without_matrices_of_the_bond_alone_says_so(layer, why):
    spec = spec_of(layer)
    for view in kind_matrices(spec.build(seed=0), count_kinds(spec, dataset())):
        assert why in view.why
        assert view.labels == ()


def test_what_cannot_be_shown_is_said():
    spec = spec_of()
    model = spec.build(seed=0)
    assert "not built from a ModelSpec" in why_not(torch.nn.Identity(), None)
    assert "No molecule" in why_not(model, count_kinds(spec, dataset(["C", "O"])))
    far = spec_of(distances="raw", geometry=True)
    chains = ["C" * n + "O" for n in range(20, 31)]
    kinds = count_kinds(far, dataset(chains))
    assert len(kinds) == sum(range(20, 31))  # hardly two bonds are of one length
    assert "tell 275 kinds of bonds apart" in why_not(far.build(seed=0), kinds)
    assert graphs_of(far) != graphs_of(spec)
    assert graphs_of(spec_of("GATv2Conv")) == graphs_of(spec)
