"""The depiction against RDKit's coordinates, and its paths against what they belong to."""

import re
import time

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDepictor

from mpnn_lab.chem import Featurizer, depict, read_molecule
from mpnn_lab.chem.svg import read_paths
from mpnn_lab.errors import InputError

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
MOLECULES = (ASPIRIN, "C[C@H](N)C(=O)[O-].[Na+]", "C", "[CH3]", "*C#N", "[Fe]", "CC", "[13CH4]",
             "F/C=C/[C@@]1(Cl)CCC[C@H]2CCCC[C@@H]12", "[NH4+].OP(=O)([O-])O", "C" * 90)  # fmt: skip


def numbers(d):
    return np.array([float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", d)]).reshape(-1, 2)


@pytest.mark.parametrize("hydrogens", [False, True])
@pytest.mark.parametrize("smiles", MOLECULES)
def test_every_mark_lies_where_what_it_belongs_to_lies(smiles, hydrogens):
    mol = Featurizer(hydrogens).molecule(read_molecule(smiles))
    drawn = depict(mol)
    assert drawn.positions.shape == (mol.GetNumAtoms(), 2)
    assert drawn.positions.dtype == np.float32
    assert drawn.bonds.dtype == np.int32
    assert drawn.elements.tolist() == [a.GetAtomicNum() for a in mol.GetAtoms()]
    for path in drawn.paths:
        assert path.atom < 0 or path.bond < 0
        middle = numbers(path.d).mean(axis=0)
        if path.bond >= 0:
            ends = drawn.positions[drawn.bonds[path.bond]]
            away = np.linalg.norm(ends - middle, axis=1).max()
            assert path.element in drawn.elements[drawn.bonds[path.bond]]
            assert away < 1.6 * drawn.bond_length
        else:
            assert path.atom >= 0, path
            assert path.element == drawn.elements[path.atom]
            assert np.linalg.norm(drawn.positions[path.atom] - middle) < 0.8 * drawn.bond_length
    assert {p.bond for p in drawn.paths} - {-1} == set(range(mol.GetNumBonds()))


@pytest.mark.parametrize("smiles", MOLECULES)
def test_there_is_room_for_a_disc_round_every_atom(smiles):
    drawn = depict(read_molecule(smiles), width=500, height=400)
    room = 0.35 * drawn.bond_length - 0.5
    assert (drawn.positions >= room).all()
    assert (drawn.positions <= np.array([500, 400]) - room).all()
    assert drawn.bond_length <= 80.01


def test_the_shape_is_rdkits_own_layout():
    mol = read_molecule(ASPIRIN)
    rdDepictor.Compute2DCoords(mol, canonOrient=True)
    rdDepictor.StraightenDepiction(mol)
    theirs = mol.GetConformer().GetPositions()[:, :2] * [1, -1]
    ours = depict(read_molecule(ASPIRIN)).positions
    scale = 80 / 1.5
    centred = [places - places.mean(axis=0) for places in (theirs * scale, ours)]
    assert np.abs(centred[0] - centred[1]).max() < 0.01


def test_coordinates_from_a_molblock_are_kept_whatever_their_unit():
    block = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))
    mol = read_molecule(block)
    places = np.array([[0, 0, 0], [10, 0, 0], [10, 10, 0]], dtype=float)
    mol.GetConformer().SetPositions(places)
    drawn = depict(mol)
    assert drawn.bond_length == pytest.approx(80, abs=0.01)
    first, second = drawn.positions[1] - drawn.positions[0], drawn.positions[2] - drawn.positions[1]
    assert first == pytest.approx([80, 0], abs=0.01)
    assert second == pytest.approx([0, -80], abs=0.01)
    assert mol.GetConformer().GetPositions() == pytest.approx(places)
    for unusable in (np.zeros((3, 3)), np.full((3, 3), np.nan)):
        mol.GetConformer().SetPositions(unusable)
        assert depict(mol).bond_length == pytest.approx(80, abs=0.01)


def test_wedges_letters_and_bonds_are_told_apart():
    drawn = depict(read_molecule("C[C@@](F)(Cl)Br"))
    wedges = [p for p in drawn.paths if p.bond >= 0 and p.fill]
    assert wedges
    letters = {a: {p.element for p in drawn.paths if p.atom == a and p.fill} for a in range(5)}
    assert letters == {0: set(), 1: set(), 2: {9}, 3: {17}, 4: {35}}
    assert {p.element for p in drawn.paths if p.bond == 0} == {6}


def test_radicals_charges_and_hydrogens_are_drawn():
    dots = {s: len(depict(read_molecule(s)).paths) for s in ("[CH3]", "C", "[CH3-]")}
    assert dots["[CH3]"] == dots["C"] + 1 == dots["[CH3-]"]
    drawn = depict(Featurizer(True).molecule(read_molecule("C")))
    assert (drawn.elements == 1).sum() == 4
    assert drawn.atom_labels[4] == "H4"


def test_no_markup_leaves_and_no_note_is_drawn():
    mol = read_molecule("CCO <script>alert(1)</script>")
    plain = depict(mol).paths
    mol.GetAtomWithIdx(0).SetProp("atomNote", "</svg><script>")
    mol.GetBondWithIdx(0).SetProp("bondNote", "<b>")
    assert depict(mol).paths == plain
    assert all(re.fullmatch(r"[-MLQCAZ0-9., ]+", path.d) for path in plain)
    assert mol.GetAtomWithIdx(0).HasProp("atomNote")


def test_an_unknown_mark_in_a_drawing_is_an_error():
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><text x='1'>C</text></svg>"
    with pytest.raises(InputError, match="<text>"):
        read_paths(svg, np.zeros((1, 2), dtype=np.float32))
    with pytest.raises(InputError, match="not understood"):
        read_paths("<svg><path d='M 0,0 X'/></svg>", np.zeros((1, 2), dtype=np.float32))


@pytest.mark.parametrize("hydrogens", [False, True])
@pytest.mark.parametrize("smiles", ["C" * 300, "C(C)(C)" * 100, "c1ccc(cc1)" + "-c1ccc(cc1)" * 48])
def test_a_molecule_at_the_cap_is_drawn_within_a_second(smiles, hydrogens):
    mol = Featurizer(hydrogens).molecule(read_molecule(smiles))
    start = time.perf_counter()
    drawn = depict(mol)
    assert time.perf_counter() - start < 1
    assert np.isfinite(drawn.positions).all()
    assert drawn.bond_length > 1
    assert len(np.unique(drawn.positions.round(3), axis=0)) > 0.95 * mol.GetNumAtoms()


def test_what_cannot_be_drawn_says_so():
    with pytest.raises(InputError, match="301 atoms"):
        depict(read_molecule("C" * 301))
    with pytest.raises(InputError, match="0 atoms"):
        depict(Chem.Mol())
    with pytest.raises(InputError, match="at least 50"):
        depict(read_molecule("C"), width=0)
