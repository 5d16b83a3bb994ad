"""3D coordinates against RDKit called directly, against chemistry, and against renumbering."""

import json
import random

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers

from mpnn_lab.chem import embedding, read_molecule
from mpnn_lab.chem.embedding import NotEmbeddedError, embed
from mpnn_lab.chem.embedding_process import SEED
from mpnn_lab.limits import LIMITS, Limits
from tests.molecules import ASPIRIN, CAFFEINE, DRUGS, MENTHONE, SODIUM_CHLORIDE

RADIUS = Chem.GetPeriodicTable().GetRcovalent


@pytest.fixture(autouse=True)
def forgetful(monkeypatch):
    """Nothing is remembered from other tests."""
    monkeypatch.setattr(embedding, "_known", type(embedding._known)())


def distances(places):
    return np.linalg.norm(places[:, None] - places[None], axis=-1)


@pytest.mark.parametrize("smiles", [*DRUGS, SODIUM_CHLORIDE, "C", "CO", "[NH4+]", "OB(O)c1ccccc1"])
def test_bonds_have_their_lengths_and_nothing_else_is_as_near(smiles):
    mol = Chem.AddHs(read_molecule(smiles))
    places, _ = embed(mol, LIMITS)
    assert places.shape == (mol.GetNumAtoms(), 3)
    apart = distances(places)
    for i in range(mol.GetNumAtoms()):
        for j in range(i):
            radii = RADIUS(mol.GetAtomWithIdx(i).GetAtomicNum()) + RADIUS(
                mol.GetAtomWithIdx(j).GetAtomicNum()
            )
            if mol.GetBondBetweenAtoms(i, j) is None:
                assert apart[i, j] > radii + 0.1
            else:
                assert abs(apart[i, j] - radii) < 0.3


@pytest.mark.parametrize("smiles", [ASPIRIN, MENTHONE])
def test_they_are_what_rdkit_gives_for_the_canonical_smiles(smiles):
    """Two routes: the process, canonical order and back; and the same calls made here."""
    whole = Chem.AddHs(Chem.MolFromSmiles(smiles))
    options = Chem.SmilesParserParams()
    options.removeHs = False
    direct = Chem.MolFromSmiles(Chem.MolToSmiles(whole), options)
    order = json.loads(whole.GetProp("_smilesAtomOutputOrder"))
    parameters = rdDistGeom.ETKDGv3()
    parameters.randomSeed = SEED
    assert rdDistGeom.EmbedMolecule(direct, parameters) == 0
    assert rdForceFieldHelpers.MMFFOptimizeMolecule(direct, maxIters=500) == 0
    places, how = embed(Chem.MolFromSmiles(smiles), LIMITS)
    assert how == "ETKDGv3 and MMFF94"
    for new, old in enumerate(order):
        if old < len(places):
            assert list(places[old]) == list(direct.GetConformer().GetPositions()[new])


@pytest.mark.parametrize("smiles", ["C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "F/C=C/Cl", "F/C=C\\Cl"])
def test_the_stereo_that_is_written_is_in_the_coordinates(smiles):
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    places, _ = embed(mol, LIMITS)
    bare = Chem.Mol(mol)
    Chem.RemoveStereochemistry(bare)
    conformer = Chem.Conformer(len(places))
    conformer.Set3D(True)
    conformer.SetPositions(places)
    bare.AddConformer(conformer)
    Chem.AssignStereochemistryFrom3D(bare)
    assert Chem.MolToSmiles(Chem.RemoveHs(bare)) == Chem.MolToSmiles(Chem.MolFromSmiles(smiles))


@pytest.mark.parametrize("smiles", [CAFFEINE, MENTHONE])
def test_the_atoms_numbers_do_not_matter(smiles):
    mol = read_molecule(smiles)
    order = list(range(mol.GetNumAtoms()))
    random.Random(3).shuffle(order)
    first, _ = embed(mol, LIMITS)
    embedding._known.clear()
    second, _ = embed(Chem.RenumberAtoms(mol, order), LIMITS)
    # Atoms alike (menthone's two methyls) may have changed places: distances then are the same.
    assert np.array_equal(np.sort(distances(first), None), np.sort(distances(second), None))
    if smiles == CAFFEINE:
        assert np.array_equal(second, first[order])


def test_what_was_worked_out_is_remembered_and_forgotten_in_turn(monkeypatch):
    mol = read_molecule(ASPIRIN)
    first = embed(mol, LIMITS)

    def refuse(*_, **__):
        raise AssertionError("asked again")

    asking = embedding._process.ask
    monkeypatch.setattr(embedding._process, "ask", refuse)
    assert np.array_equal(embed(mol, LIMITS)[0], first[0])
    assert np.array_equal(embed(Chem.AddHs(mol), LIMITS)[0][:13], first[0])
    monkeypatch.setattr(embedding._process, "ask", asking)
    monkeypatch.setattr(embedding, "KEPT", 2)
    for smiles in ("CC", "CCC"):
        embed(read_molecule(smiles), LIMITS)
    assert len(embedding._known) == 2
    monkeypatch.setattr(embedding._process, "ask", refuse)
    with pytest.raises(AssertionError, match="asked again"):
        embed(mol, LIMITS)


def test_the_same_from_another_process():
    mol = read_molecule(CAFFEINE)
    first, _ = embed(mol, LIMITS)
    embedding._known.clear()
    embedding._process.end()
    assert np.array_equal(embed(mol, LIMITS)[0], first)


@pytest.mark.parametrize("smiles", ["[H][H]", "*C", "[Fe]", "OB(O)O", "N->[Pt](Cl)Cl"])
def test_without_parameters_it_is_not_relaxed_and_says_so(smiles):
    places, how = embed(read_molecule(smiles), LIMITS)
    assert how == "ETKDGv3 (MMFF94 has no parameters for it)"
    assert np.isfinite(places).all()


def test_what_cannot_be_says_why():
    with pytest.raises(NotEmbeddedError, match=r"^no coordinates fit its bond lengths, angles and"):
        embed(read_molecule("C1#CC1"), LIMITS)
    with pytest.raises(NotEmbeddedError, match=r"^it has 4 atoms beside hydrogen .* at most 3$"):
        embed(read_molecule("CCCC"), Limits(embedded_atoms=3))


@pytest.mark.parametrize(
    "smiles", ["CC(=O)[O-].[Na+]", "O.O", "[Cl-].[Cl-].[Ca+2]", "C.C.C", "c1ccccc1.OB(O)O"]
)
def test_parts_that_no_bond_joins_lie_beside_each_other(smiles):
    mol = Chem.AddHs(read_molecule(smiles))
    places, how = embed(mol, LIMITS)
    parts = Chem.GetMolFrags(mol)
    assert how.endswith(f", its {len(parts)} parts side by side")
    between = [
        np.linalg.norm(places[i] - places[j])
        for a, first in enumerate(parts) for second in parts[:a] for i in first for j in second
    ]  # fmt: skip
    assert 2.99 < min(between) < 8


def test_the_molecule_stays_as_it_was():
    mol = read_molecule(ASPIRIN)
    before = mol.ToBinary()
    embed(mol, LIMITS)
    assert mol.ToBinary() == before
    assert mol.GetNumConformers() == 0
