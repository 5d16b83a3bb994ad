"""The bundled data against values published elsewhere, and its splits."""

import csv
from importlib.resources import files

import numpy as np
import pytest
import torch
from rdkit import Chem

from mpnn_lab.chem import canonical_smiles
from mpnn_lab.datasets import BUNDLED, MoleculeDataset, load_dataset
from mpnn_lab.errors import InputError

# Read off the database itself (version 0.5), not off the copy that the file was made from.
PUBLISHED = {
    "CO": -5.10,
    "Cc1ccccc1": -0.90,
    "CC(C)(C)C": 2.51,
    "CCCCCCCl": 0.00,
    "NC(=O)c1ccccc1": -11.00,
    "CCC(=O)CC": -3.41,
    "C1COCCN1": -7.17,
    "CS(=O)(=O)C": -10.08,
    "FC1(F)C(F)(F)C(F)(F)C1(F)F": 3.43,
    "CCCCCC(=O)O": -6.21,
    "c1ccc2c(c1)Oc1ccccc1O2": -3.15,
    "C[C@@H]1CC[C@H](CC1=O)C(=C)C": -3.75,
}


@pytest.fixture(scope="module")
def freesolv():
    return load_dataset("FreeSolv")


def test_it_is_whole_and_every_row_reads(freesolv):
    rows = files("mpnn_lab.datasets").joinpath("data", "freesolv.csv").read_text(encoding="utf-8")
    table = list(csv.reader(rows.splitlines()))
    assert len(freesolv) == len(freesolv.mols) == len(table) - 1 == 642
    assert freesolv.targets.shape == (642, 1)
    assert freesolv.targets.dtype == torch.float32
    assert freesolv.targets[:, 0].tolist() == pytest.approx([float(r[2]) for r in table[1:]])
    assert [r[1] for r in table[1:]] == list(freesolv.names)
    assert len({canonical_smiles(mol) for mol in freesolv.mols}) == 642
    assert (freesolv.unit, freesolv.task) == ("kcal/mol", "regression")
    assert (float(freesolv.targets.min()), float(freesolv.targets.max())) == pytest.approx(
        (-25.47, 3.43)
    )


@pytest.mark.parametrize(("smiles", "energy"), PUBLISHED.items())
def test_values_are_those_published(freesolv, smiles, energy):
    assert freesolv.measured(smiles) == pytest.approx(energy, abs=1e-6)


def test_a_value_is_found_whatever_the_order_of_atoms(freesolv):
    mol = Chem.MolFromSmiles("CCCCCC(=O)O")
    turned = Chem.AddHs(Chem.RenumberAtoms(mol, list(range(mol.GetNumAtoms()))[::-1]))
    assert freesolv.measured(turned) == pytest.approx(-6.21)
    assert freesolv.measured("CC(=O)Oc1ccccc1C(=O)O" * 2) is None
    with pytest.raises(InputError, match="target 1"):
        freesolv.measured("CO", target=1)


def test_a_split_is_a_partition_that_its_seed_decides(freesolv):
    np.random.seed(5)
    state = np.random.get_state()[1].copy()
    parts = freesolv.split(seed=3)
    assert [len(part) for part in parts] == [513, 64, 65]
    assert sorted(np.concatenate(parts).tolist()) == list(range(642))
    again, other = freesolv.split(seed=3), freesolv.split(seed=4)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))
    assert not np.array_equal(parts[0], other[0])
    assert (np.random.get_state()[1] == state).all()
    assert [len(part) for part in freesolv.split(fractions=(1, 0, 0))] == [642, 0, 0]


@pytest.mark.parametrize(
    "fractions", [(0.8, 0.1), (0.8, 0.1, 0.2), (1.2, -0.1, -0.1), (float("nan"), 0, 1)]
)
def test_fractions_that_are_no_shares_are_refused(freesolv, fractions):
    with pytest.raises(InputError, match="add up to 1"):
        freesolv.split(fractions=fractions)


def test_unknown_names_list_what_there_is(freesolv):
    for name in ("freesolve", "", None, 3):
        with pytest.raises(InputError, match="'freesolv'"):
            load_dataset(name)
    assert list(BUNDLED) == ["freesolv"]
    with pytest.raises(InputError, match="'random'"):
        freesolv.split("scaffold")


def small(**changed):
    empty = dict.fromkeys(("unit", "description", "source", "licence"), "")
    fields = {"smiles": ("C", "c1cccc1"), "names": ("a", "b"), "targets": torch.zeros(2, 1)}
    fixed = {"name": "mine", "target_names": ("y",), "task": "regression"}
    return MoleculeDataset(**{**empty, **fields, **fixed, **changed})


def test_a_bad_row_is_named_and_shapes_are_held():
    with pytest.raises(InputError, match="'mine', row 1: not a possible molecule") as caught:
        _ = small().mols
    assert caught.value.text == "c1cccc1"
    with pytest.raises(InputError, match=r"shape \[3, 1\]"):
        small(targets=torch.zeros(3, 1))


def test_source_and_licence_are_told(freesolv):
    note = files("mpnn_lab.datasets").joinpath("data", "freesolv.md").read_text(encoding="utf-8")
    for doi in ("10.1007/s10822-014-9747-x", "10.5281/zenodo.1161245"):
        assert doi in note
        assert doi in freesolv.source
    assert "CC BY" in note
    assert "CC BY" in freesolv.licence


@pytest.mark.parametrize("seed", ["a", -1, 2**70])
def test_a_seed_that_is_none_is_refused(freesolv, seed):
    with pytest.raises(InputError, match=r"seed is .*; expected a whole number"):
        freesolv.split(seed=seed)
