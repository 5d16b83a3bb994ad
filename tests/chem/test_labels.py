"""Labels against words written by hand, and against the feature columns they stand for."""

from importlib.resources import files

from mpnn_lab.chem import (
    Featurizer,
    atom_descriptions,
    atom_labels,
    bond_descriptions,
    bond_labels,
    read_molecule,
)


def test_acetic_acid_and_pyridine_in_words():
    mol = read_molecule("CC(=O)O")
    assert atom_labels(mol) == ("C0", "C1", "O2", "O3")
    assert atom_descriptions(mol) == (
        "carbon, 3 hydrogens",
        "carbon",
        "oxygen",
        "oxygen, 1 hydrogen",
    )
    assert bond_labels(mol) == ("single", "double · conj", "single · conj")
    assert bond_descriptions(mol)[1] == "C1=O2, double bond, conjugated"
    ring = read_molecule("c1ccncc1")
    assert set(bond_labels(ring)) == {"aromatic · ring"}
    assert atom_descriptions(ring)[3] == "nitrogen, aromatic, in a ring"
    assert bond_descriptions(ring)[2] == "C2:N3, aromatic bond, in a ring"


def test_rarer_things_are_named():
    mol = read_molecule("[13CH3][C@H](F)/C=C/[N+](C)(C)C.[CH3].*.[U]$[U]")
    words = atom_descriptions(mol)
    assert words[0] == "carbon-13, 3 hydrogens"
    assert words[1].endswith((", R", ", S"))
    assert "nitrogen, charge +1" in words
    assert "carbon, 3 hydrogens, radical" in words
    assert "any atom" in words
    assert bond_labels(mol)[3] == "double · E"
    assert bond_descriptions(mol)[-1].endswith("quadruple bond")


def test_labels_are_one_to_one_with_feature_rows():
    rows_of, made = {}, Featurizer()
    lines = files("mpnn_lab.datasets").joinpath("data", "freesolv.csv").read_text().splitlines()[1:]
    for line in lines:
        mol = read_molecule(line.split(",")[0])
        for label, row in zip(bond_labels(mol), made.bond_matrix(mol).tolist(), strict=True):
            rows_of.setdefault(label, set()).add(tuple(row))
    assert len(rows_of) > 8
    assert all(len(rows) == 1 for rows in rows_of.values())
    assert len(set.union(*rows_of.values())) == len(rows_of)
