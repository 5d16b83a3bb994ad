"""EmbeddingMap: what is drawn, what is chosen, and where it is loaded."""

import re

import numpy as np
import pytest
import torch
import traitlets

import mpnn_lab as ml
from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.limits import Limits
from mpnn_lab.views import decode
from mpnn_lab.widgets import map as module
from tests.molecules import ASPIRIN

SMILES = (ASPIRIN, "CCO", "c1ccccc1", "CC(=O)N")


def model(**fields):
    return ml.ModelSpec(rounds=[ml.Layer("GINConv", 8)] * 2, **fields).build()


def dataset(values=(1.0, -2.0, 3.0, 0.5)):
    return MoleculeDataset(
        "four", SMILES, ("aspirin", "ethanol", "", "<b>acetamide</b>"),
        torch.tensor(values)[:, None], ("solubility",), "log mol/L", "regression", "", "", "",
        "Four",
    )  # fmt: skip


def test_molecules_of_a_data_set_are_coloured_by_target():
    shown = decode(ml.EmbeddingMap(model(), dataset())._view)
    assert shown["title"] == "Four: 4 molecules after the readout"
    assert shown["names"] == ["aspirin", "ethanol", "c1ccccc1", "<b>acetamide</b>"]
    assert shown["values"].tolist() == [1, -2, 3, 0.5]
    assert (shown["value_name"], shown["unit"]) == ("solubility", "log mol/L")
    assert shown["points"].shape == (4, 2)
    assert shown["atoms"] == []


def test_the_points_are_the_readouts_principal_components():
    own = model()
    rows = torch.cat([ml.trace(own, s).readout.output for s in SMILES]).double().numpy()
    rows = rows - rows.mean(0)
    u, s, _ = np.linalg.svd(rows, full_matrices=False)
    shown = ml.EmbeddingMap(own, list(SMILES)).view
    assert abs(shown.points) == pytest.approx(abs(u * s)[:, :2], abs=1e-4)
    assert shown.shares == pytest.approx(tuple(s[:2] ** 2 / (s**2).sum()), rel=1e-4)
    assert shown.value_name == "untrained output"
    expected = [float(ml.trace(own, s).output) for s in SMILES]
    assert shown.values == pytest.approx(expected, rel=1e-4)


def test_atoms_are_coloured_by_element():
    shown = ml.EmbeddingMap(model(), list(SMILES), level="atom", round=1).view
    assert shown.title == "molecules: 4 molecules after round 1"
    assert len(shown.atoms) == len(shown.points) == 13 + 3 + 6 + 4
    assert shown.atoms[13:16] == ("C0", "C1", "O2")
    assert [shown.group_names[g] for g in shown.groups[13:16]] == ["C", "C", "O"]
    assert shown.group_numbers == (6, 7, 8)
    assert shown.molecule[13:16].tolist() == [1, 1, 1]
    hydrogens = model(hydrogens=True)
    assert ml.EmbeddingMap(hydrogens, ["CCO"], level="atom").view.group_names == ("H", "C", "O")


def test_what_is_chosen_is_a_molecule_and_an_atom():
    shown = ml.EmbeddingMap(model(), list(SMILES), level="atom")
    assert (shown.mol, shown.atom) == (None, None)
    shown.selected = 15
    assert shown.mol.GetNumAtoms() == 3
    assert shown.atom == 2
    for wrong in (26, -1):
        with pytest.raises(traitlets.TraitError, match="26, from 0"):
            shown.selected = wrong
    whole = ml.EmbeddingMap(model(), list(SMILES), selected=3)
    assert whole.mol.GetNumAtoms() == 4
    assert whole.atom is None
    with pytest.raises(AttributeError, match="selected"):
        whole.chosen = 1


def test_it_drives_a_stage_and_a_lab():
    own = model()
    stage = ml.Stage(ml.trace(own, "C"))
    shown = ml.EmbeddingMap(own, list(SMILES), level="atom").drives(stage)
    shown.selected = 15
    assert stage.trace.mol.GetNumAtoms() == 3
    assert stage.selected_atom == 2
    lab = ml.Lab("C")
    assert shown.drives(lab) is shown
    shown.selected = 13 + 3 + 2
    assert lab.mol.GetNumAtoms() == stage.trace.mol.GetNumAtoms() == 6
    assert lab.stage.selected_atom == 2
    shown.selected = None
    assert lab.mol.GetNumAtoms() == 6


def test_what_cannot_be_shown_is_refused(monkeypatch):
    own = model()
    for molecules in ("CCO", 3, None, ["CCO", "C("], []):
        with pytest.raises(ml.InputError):
            ml.EmbeddingMap(own, molecules)
    with pytest.raises(ml.InputError, match="molecule 1"):
        ml.EmbeddingMap(own, ["CCO", "C("])
    with pytest.raises(ml.InputError, match="ModelSpec"):
        ml.EmbeddingMap(torch.nn.Linear(1, 1), ["CCO"])
    with pytest.raises(ml.InputError, match="drives a Stage or a Lab"):
        ml.EmbeddingMap(own, ["CCO"]).drives(3)
    for fields, words in (
        ({"colour": "red"}, "expected 'target'"),
        ({"colour": "element"}, "no one element"),
        ({"colour": "target"}, "no target"),
    ):
        with pytest.raises(ml.InputError, match=words):
            ml.EmbeddingMap(own, ["CCO"], **fields)
    nan = dataset((1.0, float("nan"), 0.0, 0.0))
    with pytest.raises(ml.InputError, match=re.escape("not finite in row 1 (1 such row(s))")):
        ml.EmbeddingMap(own, nan)
    assert len(ml.EmbeddingMap(own, nan, colour="prediction").view.values) == 4
    monkeypatch.setattr(module, "LIMITS", Limits(map_points=3))
    with pytest.raises(ml.InputError, match="at most 3"):
        ml.EmbeddingMap(own, list(SMILES))
