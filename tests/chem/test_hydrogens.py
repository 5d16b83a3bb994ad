"""Molecules with each hydrogen an atom: whose numbers are whose, and where they are."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom

from mpnn_lab.chem import begins_with, read_molecule, whole_of, whole_of_block
from tests.molecules import ASPIRIN


def embedded(smiles, order=None):
    """A molecule with hydrogens and coordinates, its atoms in some order."""
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    rdDistGeom.EmbedMolecule(mol, randomSeed=7)
    return mol if order is None else Chem.RenumberAtoms(mol, order)


def test_own_atoms_and_bonds_come_first_then_hydrogens():
    whole = whole_of(ASPIRIN)
    mol = whole.mol
    assert (mol.GetNumAtoms(), whole.full.GetNumAtoms()) == (13, 21)
    own = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in mol.GetBonds()]
    assert whole.bonds[:13].tolist() == [list(pair) for pair in own]
    assert {
        whole.full.GetAtomWithIdx(max(pair)).GetSymbol() for pair in whole.bonds[13:].tolist()
    } == {"H"}
    # Three double bonds of the ring, and two carbonyl groups.
    assert np.bincount(whole.orders).tolist() == [0, 16, 5]
    bonded = np.linalg.norm(np.diff(whole.geometry.positions[whole.bonds], axis=1)[:, 0], axis=1)
    assert ((bonded > 0.9) & (bonded < 1.6)).all()
    assert whole.geometry.how == "3D, ETKDGv3 and MMFF94"


def test_hydrogens_of_a_block_stay_where_it_has_them():
    given = embedded("CC(=O)O", [4, 0, 5, 1, 2, 6, 3, 7])
    block = Chem.MolToMolBlock(given)
    whole = whole_of(block)
    assert [a.GetSymbol() for a in whole.full.GetAtoms()] == list("CCOOHHHH")
    assert whole.places.tolist() == [1, 3, 4, 6, 0, 2, 5, 7]
    there = given.GetConformer().GetPositions()[whole.places]
    assert np.abs(whole.geometry.positions - there).max() < 1e-3
    read = read_molecule(block)
    assert [b.GetBondTypeAsDouble() for b in whole.mol.GetBonds()] == [
        b.GetBondTypeAsDouble() for b in read.GetBonds()
    ]
    assert whole.bonds[:3].tolist() == [
        [b.GetBeginAtomIdx(), b.GetEndAtomIdx()] for b in read.GetBonds()
    ]


def test_a_flat_block_is_worked_out_in_space_or_shown_as_it_is_drawn():
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))
    assert whole_of(block).geometry.how.startswith("3D, ETKDG")
    shown = whole_of_block(block)
    assert (shown.geometry.how, shown.full.GetNumAtoms()) == ("2D, as drawn in the file", 3)


@pytest.mark.parametrize(
    ("full", "mol", "same"),
    [
        ("CCO", "CCO", True), ("CCO", "OCC", False), ("CCO", "CCN", False), ("CC=O", "CCO", False),
        ("CCO", "CCOC", False), ("CCOC", "CCO", False), ("C[C@H](N)O", "CC(N)O", True),
        ("C[C@H](N)O", "C[C@@H](N)O", False), ("c1ccccc1", "C1=CC=CC=C1", True),
    ],
)  # fmt: skip
def test_which_molecule_begins_with_which(full, mol, same):
    assert begins_with(Chem.AddHs(read_molecule(full)), read_molecule(mol)) is same
