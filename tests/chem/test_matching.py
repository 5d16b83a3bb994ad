"""Which atoms of two molecules correspond."""

import numpy as np
import pytest
from rdkit import Chem

from mpnn_lab.chem import matching, matching_atoms, read_molecule


def pairs(one, other):
    found = matching_atoms(read_molecule(one), read_molecule(other))
    assert found.dtype == np.int32
    return found.tolist()


def test_the_same_molecule_corresponds_as_it_stands():
    assert pairs("CC(=O)Oc1ccccc1C(=O)O", "CC(=O)Oc1ccccc1C(=O)O") == list(range(13))


def test_a_part_that_both_hold():
    assert pairs("CCO", "CCN") == [0, 1, -1]
    assert pairs("CCN", "NCC") == [2, 1, 0]  # the same written backwards


def test_elements_and_bonds_agree_where_atoms_correspond():
    one, other = read_molecule("CC(=O)Nc1ccc(O)cc1"), read_molecule("CC(=O)Oc1ccccc1C(=O)O")
    found = matching_atoms(one, other)
    assert (found >= 0).sum() >= 6
    for theirs, ours in enumerate(found.tolist()):
        if ours >= 0:
            symbols = [m.GetAtomWithIdx(k).GetSymbol() for m, k in ((one, ours), (other, theirs))]
            assert symbols[0] == symbols[1]
    for bond in other.GetBonds():
        ends = [int(found[k]) for k in (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())]
        own = one.GetBondBetweenAtoms(*ends) if min(ends) >= 0 else None
        assert own is None or own.GetBondType() == bond.GetBondType()
    assert len(set(found[found >= 0].tolist())) == (found >= 0).sum()


@pytest.mark.parametrize(("one", "other"), [("O", "C"), ("[Na+].[Cl-]", "CC"), ("C", "[H][H]")])
def test_nothing_in_common(one, other):
    assert set(pairs(one, other)) == {-1}


def test_large_molecules_are_not_searched(monkeypatch):
    monkeypatch.setattr(matching.rdFMCS, "FindMCS", None)
    assert set(pairs("C" * 101, "C" * 102)) == {-1}
    assert pairs("C" * 101, "C" * 101) == list(range(101))


def test_molecules_are_left_as_they_were():
    one, other = read_molecule("CCO"), read_molecule("CCCO")
    before = [Chem.MolToMolBlock(m) for m in (one, other)]
    matching_atoms(one, other)
    assert [Chem.MolToMolBlock(m) for m in (one, other)] == before
