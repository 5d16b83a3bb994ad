"""Feature columns against values a chemist writes down, and their invariance."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from mpnn_lab.chem import Featurizer, features, read_molecule

MOLECULES = (
    "CC(=O)Oc1ccccc1C(=O)O",
    "C[C@H](N)C(=O)O",
    "F/C=C/[C@@]1(Cl)CCC[C@H]2CCCC[C@@H]12",
    "C/C(F)=C(/Cl)C[C@@H](Br)I",
    "O=S(=O)(O)c1ccc(C#N)cc1[N+](=O)[O-]",
    "[Na+].[O-]C(=O)C",
    "C[C@H]1CC[C@H](C)CC1",
    "[SiH3]P(B)[Se]",
    "[Fe].[CH3].[13CH4]",
)


def named(matrix, columns):
    return [{c: v for c, v in zip(columns, row, strict=True) if v} for row in matrix.tolist()]


def test_acetic_acid_atom_by_atom():
    made = Featurizer()
    atoms = named(made.atom_matrix(read_molecule("CC(=O)O")), made.atom_columns)
    assert atoms == [
        {"element C": 1, "degree 1": 1, "hydrogens": 3, "sp3": 1},
        {"element C": 1, "degree 3": 1, "sp2": 1},
        {"element O": 1, "degree 1": 1, "sp2": 1},
        {"element O": 1, "degree 1": 1, "hydrogens": 1, "sp2": 1},
    ]
    bonds = named(made.bond_matrix(read_molecule("CC(=O)O")), made.bond_columns)
    assert bonds == [
        {"single": 1, "stereo none": 1},
        {"double": 1, "conjugated": 1, "stereo none": 1},
        {"single": 1, "conjugated": 1, "stereo none": 1},
    ]


def test_rare_atoms_and_bonds_fall_into_other_and_nothing_is_lost():
    made = Featurizer()
    mol = read_molecule("F[S](F)(F)(F)(F)F.[Fe+2].[U]$[U].c1cc[nH]c1")
    atoms = named(made.atom_matrix(mol), made.atom_columns)
    assert atoms[1] == {"element S": 1, "degree other": 1, "hybridisation other": 1}
    assert atoms[7]["element other"] == 1
    assert atoms[7]["formal charge"] == 2
    assert {"aromatic", "in ring", "sp2", "element N", "degree 2", "hydrogens"} == set(atoms[13])
    quadruple = named(made.bond_matrix(mol), made.bond_columns)[6]
    assert quadruple == {"type other": 1, "stereo none": 1}


def test_every_group_is_one_hot():
    made = Featurizer()
    for smiles in MOLECULES:
        mol = read_molecule(smiles)
        atoms, bonds = made.atom_matrix(mol), made.bond_matrix(mol)
        assert atoms.dtype == bonds.dtype == torch.float32
        for start, end in ((0, 13), (13, 20), (23, 27)):
            assert (atoms[:, start:end].sum(1) == 1).all()
        for start, end in ((0, 5), (7, 10)):
            assert (bonds[:, start:end].sum(1) == 1).all()
    names = made.atom_columns[0], made.atom_columns[13], made.atom_columns[23]
    assert names == ("element H", "degree 0", "sp")


def test_mirror_images_differ_in_chirality_alone():
    made = Featurizer()
    left, right = (made.atom_matrix(read_molecule(s)) for s in ("C[C@H](N)O", "C[C@@H](N)O"))
    differing = [made.atom_columns[i] for i in (left != right).any(0).nonzero().flatten()]
    assert differing == ["chirality R", "chirality S"]


@pytest.mark.parametrize(
    ("smiles", "stereo"), [("F/C=C/F", "E"), ("F/C=C\\F", "Z"), ("FC=CF", "none")]
)
def test_double_bond_stereo(smiles, stereo):
    made = Featurizer()
    row = named(made.bond_matrix(read_molecule(smiles)), made.bond_columns)[1]
    assert row[f"stereo {stereo}"] == 1


def test_cis_and_trans_count_from_cip_ranks_not_from_the_numbering():
    # C0 and Cl are the lower- and higher-ranked ends: cis to each other of C0 and C5 is Z of F, Cl.
    mol = Chem.MolFromSmiles("CC(F)=C(Cl)C")
    bond = mol.GetBondWithIdx(2)
    bond.SetStereoAtoms(0, 4)
    bond.SetStereo(Chem.BondStereo.STEREOCIS)
    row = named(Featurizer().bond_matrix(mol), Featurizer().bond_columns)[2]
    assert row["stereo E"] == 1
    assert bond.GetStereo() == Chem.BondStereo.STEREOCIS  # the caller's molecule is as it was


def test_hydrogens_explicit_or_counted():
    with_hydrogens, without = Featurizer(hydrogens=True), Featurizer()
    mol = read_molecule("CCO")
    full = with_hydrogens.molecule(mol)
    assert (full.GetNumAtoms(), without.molecule(full).GetNumAtoms(), mol.GetNumAtoms()) == (
        9,
        3,
        3,
    )
    column = without.atom_columns.index("hydrogens")
    assert torch.equal(
        with_hydrogens.atom_matrix(full)[:3, column], without.atom_matrix(mol)[:, column]
    )
    for kept in ("[H][H]", "[H]", "[2H]C", "[H+]"):
        assert (
            without.molecule(read_molecule(kept)).GetNumAtoms() == read_molecule(kept).GetNumAtoms()
        )


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(MOLECULES), st.randoms(use_true_random=False), st.booleans())
def test_renumbering_atoms_permutes_the_rows(smiles, random, hydrogens):
    made = Featurizer(hydrogens)
    mol = made.molecule(read_molecule(smiles))
    order = list(range(mol.GetNumAtoms()))
    random.shuffle(order)
    renumbered = Chem.RenumberAtoms(mol, order)
    assert torch.equal(made.atom_matrix(renumbered), made.atom_matrix(mol)[order])
    place = {old: new for new, old in enumerate(order)}

    def bonds(m, name):
        pairs = ((b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in m.GetBonds())
        ends = [sorted((name(i), name(j))) for i, j in pairs]
        return sorted(zip(ends, made.bond_matrix(m).tolist(), strict=True))

    assert bonds(mol, place.__getitem__) == bonds(renumbered, lambda i: i)


@settings(deadline=None, max_examples=30)
@given(st.sampled_from(MOLECULES), st.randoms(use_true_random=False))
def test_another_writing_of_the_smiles_gives_the_same_rows(smiles, random):
    made, mol = Featurizer(), read_molecule(smiles)
    root = random.randrange(mol.GetNumAtoms())
    other = read_molecule(Chem.MolToSmiles(mol, canonical=False, doRandom=True, rootedAtAtom=root))
    first, second = (np.sort(made.atom_matrix(m).numpy(), axis=None) for m in (mol, other))
    assert np.array_equal(first, second)
    assert sorted(made.bond_matrix(mol).tolist()) == sorted(made.bond_matrix(other).tolist())


def test_the_file_stands_alone(tmp_path):
    source = Path(features.__file__).read_text(encoding="utf-8")
    (tmp_path / "alone.py").write_text(source, encoding="utf-8")
    program = (
        "import sys; from alone import Featurizer; from rdkit import Chem\n"
        "print(float(Featurizer().atom_matrix(Chem.MolFromSmiles('CCO')).sum()))\n"
        "print([m for m in sys.modules if m.startswith('mpnn_lab')])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    here = float(Featurizer().atom_matrix(read_molecule("CCO")).sum())
    assert done.stdout.split("\n")[:2] == [str(here), "[]"], done.stderr


def test_the_other_stereo_perception_gives_the_same_rows():
    made = Featurizer()
    before = [(made.atom_matrix(m), made.bond_matrix(m)) for m in map(read_molecule, MOLECULES[:6])]
    legacy = Chem.GetUseLegacyStereoPerception()
    Chem.SetUseLegacyStereoPerception(False)
    try:
        for (atoms, bonds), smiles in zip(before, MOLECULES[:6], strict=True):
            mol = read_molecule(smiles)
            assert torch.equal(made.atom_matrix(mol), atoms)
            assert torch.equal(made.bond_matrix(mol), bonds)
    finally:
        Chem.SetUseLegacyStereoPerception(legacy)


def test_hydrogens_are_asked_for_with_true_or_false():
    with pytest.raises(TypeError, match="hydrogens is 'no'; expected True or False"):
        Featurizer("no")
