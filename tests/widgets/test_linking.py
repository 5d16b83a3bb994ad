"""A viewer and a stage that follow each other: selection, colours, channel, molecule."""

from concurrent.futures import ThreadPoolExecutor

import py3Dmol
import pytest
import torch
import traitlets

import mpnn_lab as ml
from tests.molecules import ASPIRIN
from tests.widgets.test_viewer3d import block


def staged(smiles=ASPIRIN, name="NNConv", rounds=2):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8)] * rounds, update="gru")
    return ml.Stage(ml.trace(spec.build(seed=0), smiles))


@pytest.fixture
def pair():
    stage = staged()
    viewer = ml.Viewer3D(stage.trace)
    return stage, viewer, viewer.link(stage)


def test_selection_goes_both_ways(pair):
    stage, viewer, _ = pair
    assert viewer.selected_atom == stage.selected_atom == 1
    viewer.set_state({"selected_atom": None, "selected_bond": 5})
    assert (stage.selected_atom, stage.selected_bond) == (None, 5)
    stage.selected_atom = 12
    assert (viewer.selected_atom, viewer.selected_bond) == (12, 5)


def test_colours_follow_step_and_channel(pair):
    stage, viewer, _ = pair
    states = [stage.trace.rounds[k].state_out for k in (0, 1)]
    for number, state in enumerate(states, start=1):
        stage.step = stage.steps.index(f"Round {number}: update")
        assert viewer.colours.values == pytest.approx(state.norm(dim=1).tolist(), rel=1e-5)
    viewer.set_state({"channel": 3})
    assert stage.channel == 3
    assert viewer.colours.values == pytest.approx(states[1][:, 3].tolist())
    stage.channel = 5
    assert viewer.channel == 5
    assert viewer.colours.values == pytest.approx(states[1][:, 5].tolist())
    for widget in (stage, viewer):
        with pytest.raises(traitlets.TraitError, match="no channel 99"):
            widget.channel = 99


def test_a_channel_outlasts_a_narrower_state(pair):
    stage, viewer, _ = pair
    stage.step = 0
    widest = len(viewer.colours.channels)
    assert widest > 8
    viewer.channel = widest - 1
    stage.step = stage.steps.index("Round 1: update")
    assert viewer.colours.words.startswith("size of")
    assert stage.channel == viewer.channel == widest - 1


def test_another_molecule_on_stage_comes_along(pair):
    stage, viewer, _ = pair
    stage.selected_atom, stage.selected_bond, stage.channel = 12, 12, 7
    stage.trace = staged("CCO").trace
    assert viewer.mol.GetNumAtoms() == 3
    assert (viewer.selected_atom, viewer.selected_bond) == (stage.selected_atom, None)
    assert len(viewer.colours.values) == 3
    assert stage.channel == viewer.channel == 7
    stage.trace = staged("CCO", "GCNConv", rounds=3).trace
    assert stage.channel is viewer.channel is None
    assert viewer.mol.GetNumAtoms() == 3


def test_unlinked_they_go_their_own_ways(pair):
    stage, viewer, unlink = pair
    unlink()
    unlink()
    assert (viewer.colours, viewer.channel) == (None, None)
    stage.selected_atom = 3
    assert viewer.selected_atom == 1
    viewer.selected_atom = 5
    assert stage.selected_atom == 3
    with pytest.raises(traitlets.TraitError):
        viewer.channel = 0


def test_a_viewer_follows_one_stage_and_a_stage_leads_several(pair):
    stage, viewer, _ = pair
    other = ml.Viewer3D()
    other.link(stage)
    viewer.selected_atom = 7
    assert (stage.selected_atom, other.selected_atom) == (7, 7)
    second = staged("CCO")
    viewer.link(second)
    stage.selected_atom = 9
    assert (viewer.selected_atom, other.selected_atom) == (1, 9)
    assert viewer.mol.GetNumAtoms() == 3


def test_a_scene_of_py3dmols_is_linked_where_it_is_the_stages_molecule():
    view = py3Dmol.view().addModel(block(ASPIRIN), "sdf")
    viewer = ml.Viewer3D.from_py3dmol(view)
    stage = staged()
    viewer.link(stage)
    viewer.selected_atom = 4
    assert stage.selected_atom == 4
    assert viewer.calls
    with pytest.raises(ml.InputError, match="the scene's molecule is not the stage's"):
        viewer.link(staged("CCO"))
    with pytest.raises(ml.InputError, match="linked with a Stage"):
        viewer.link(stage.trace)


def test_hydrogens_that_the_stage_has_not_are_selected_on_the_viewer_alone():
    stage = staged("CCO")
    mol = ml.read_molecule(block("CCO"))
    viewer = ml.Viewer3D(_with_hydrogens(mol))
    viewer.link(stage)
    assert viewer.mol.GetNumAtoms() == 9
    assert viewer.colours.values[3:] == (None,) * 6
    viewer.selected_atom = 8
    assert stage.selected_atom is None


def _with_hydrogens(mol):
    from rdkit import Chem

    return Chem.AddHs(mol, addCoords=True)


def test_changes_on_two_threads_end_in_agreement(pair):
    stage, viewer, _ = pair
    other = ml.Viewer3D(stage.trace)
    other.link(stage)

    def select(widget):
        for k in range(40):
            widget.selected_atom = k % 13

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(select, [viewer, other, stage], timeout=60))
    stage.selected_atom = 0
    stage.selected_atom = 11
    assert viewer.selected_atom == other.selected_atom == 11
    assert torch.isfinite(torch.tensor(viewer.colours.values)).all()
