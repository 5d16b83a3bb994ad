"""A data set beside the stage."""

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.errors import InputError
from mpnn_lab.views import decode
from mpnn_lab.widgets.over_dataset import OverDataset
from tests.views.test_gallery import SMILES, dataset, spec_of
from tests.widgets.test_against import asks


@pytest.fixture
def stage(monkeypatch):
    monkeypatch.setattr(ml.Stage, "_check_name", lambda *_: None)
    return ml.Stage(ml.trace(spec_of().build(seed=0), "CC=O"))


def test_the_matrices_are_those_of_the_model_on_stage(stage):
    assert stage._gallery == b""
    stage.gallery(dataset())
    sent = decode(stage._gallery)
    assert (sent["title"], sent["molecules"], sent["other"]) == ("tiny", len(SMILES), [])
    before = sent["matrices"][0]["table"].copy()
    stage.trace = ml.trace(spec_of().build(seed=1), "CC=O")
    after = decode(stage._gallery)["matrices"][0]["table"]
    assert not np.allclose(before, after)
    stage.against = ml.trace(spec_of().build(seed=0), "CO")
    np.testing.assert_array_equal(decode(stage._gallery)["other"][0]["table"], before)
    stage.gallery(None)
    assert stage._gallery == b""


def test_the_bonds_are_counted_once(monkeypatch):
    from mpnn_lab.widgets import over_dataset

    counted = []
    count = over_dataset.count_kinds
    monkeypatch.setattr(over_dataset, "count_kinds", lambda *a: counted.append(1) or count(*a))
    over = OverDataset(dataset())
    for seed in (0, 1, 2, 0):
        over.view(ml.trace(spec_of().build(seed=seed), "CC=O"))
    assert len(counted) == 1
    assert len(over._matrices) == 2


def test_what_is_no_data_set_changes_nothing(stage):
    stage.gallery(dataset())
    before = stage._gallery
    for wrong in ("freesolv", dataset(["C"])):
        with pytest.raises(InputError):
            stage.gallery(wrong)
        assert stage._gallery == before


def test_an_example_is_put_on_stage_with_its_bond_chosen(stage):
    other = spec_of().build(seed=1)
    stage.against = ml.trace(other, "CC=O")
    stage.gallery(dataset())
    reply = asks(stage, {"kind": "example", "id": 3, "row": 6, "bond": 1})
    assert reply == {"kind": "example", "id": 3}
    assert ml.read_molecule(SMILES[6]).GetNumAtoms() == stage.trace.mol.GetNumAtoms() == 4
    assert (stage.selected_bond, stage.selected_atom) == (1, 2)
    assert stage.against.mol.GetNumAtoms() == 4
    assert stage._gallery
    expected = ml.trace(other, SMILES[6]).output
    assert float(stage.against.output) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("row", "bond"), [(-1, 0), (99, 0), ("1", 0), (True, 0), (0, -1), (0, 99), (0, None), (1, 0)]
)
def test_what_is_no_bond_gets_one_sentence(stage, row, bond):
    question = {"kind": "example", "id": 4, "row": row, "bond": bond}
    assert "no data set" in asks(stage, question)["what"]
    stage.gallery(dataset())
    reply = asks(stage, question)
    assert reply["kind"] == "error"
    assert not reply["what"].startswith("unexpected")
    assert stage.trace.mol.GetNumAtoms() == 3
