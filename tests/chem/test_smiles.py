"""The scan of a SMILES against RDKit's count and order of atoms."""

import csv
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from mpnn_lab.chem.smiles import scan

ROWS = files("mpnn_lab.datasets").joinpath("data", "freesolv.csv").read_text().splitlines()
SMILES = [row["smiles"] for row in csv.DictReader(ROWS)]
SMILES += ["[nH]1cccc1", "[13CH3-].[Na+]", "C%10CC%10", "C%(101)CC%(101)", "Clc1c(Br)sc1", "*C#N"]
SMILES += ["[C@@H](F)(Cl)Br", "[U]->[Fe]", "C$C", "c1ccc2[se]ccc2c1", "[Cu+2].[O-]S(=O)(=O)[O-]"]


def test_the_scan_finds_rdkits_atoms_in_rdkits_order():
    options = Chem.SmilesParserParams()
    options.sanitize = options.removeHs = False
    for smiles in SMILES:
        mol, marks = Chem.MolFromSmiles(smiles, options), scan(smiles)
        assert len(marks.atoms) == mol.GetNumAtoms(), smiles
        for atom, place in zip(mol.GetAtoms(), marks.atoms, strict=True):
            written = smiles[place:].lstrip("[0123456789")
            assert written.lower().startswith(atom.GetSymbol().lower()), (smiles, place)
        assert not (marks.branches)
        assert not (marks.rings)
        assert marks.bracket == marks.stray == -1


def test_depth_and_what_is_open():
    marks = scan("C(C(C)C(C(")
    assert (marks.depth, marks.deepest, marks.branches) == (3, 9, [1, 7, 9])
    marks = scan("C1CC%12C[")
    assert (marks.rings, marks.bracket) == ({1: 1, 12: 4}, 8)
    assert scan("CC)C)").stray == 2


@given(st.text(alphabet="CNOcn()[]=#%123456@H+-./\\ ", max_size=60))
def test_the_scan_never_fails_and_stays_inside(text):
    marks = scan(text)
    places = [*marks.atoms, *marks.branches, *marks.rings.values(), *marks.ring_marks]
    assert all(0 <= place < len(text) for place in places)
    assert marks.atoms == sorted(marks.atoms)
