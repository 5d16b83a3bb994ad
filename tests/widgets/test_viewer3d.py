"""Viewer3D: what can be read and set from Python, the scene's calls, and what is refused."""

import py3Dmol
import pytest
import traitlets
from rdkit import Chem
from rdkit.Chem import rdDistGeom

import mpnn_lab as ml
from mpnn_lab.limits import Limits
from mpnn_lab.views import decode
from tests.molecules import ASPIRIN


def block(smiles):
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    rdDistGeom.EmbedMolecule(mol, randomSeed=7)
    return Chem.MolToMolBlock(mol)


def test_it_shows_text_molecules_and_traces():
    for source in (ASPIRIN, ml.read_molecule(ASPIRIN), ml.trace(_model(), ASPIRIN)):
        viewer = ml.Viewer3D(source)
        shown = decode(viewer._solid)
        assert (len(shown["atom_labels"]), len(shown["elements"])) == (13, 21)
        assert viewer.geometry == "3D, ETKDGv3 and MMFF94"
    empty = ml.Viewer3D()
    assert (empty.mol, empty._solid, empty.geometry) == (None, b"", "")


def _model():
    return ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build()


def test_without_coordinates_in_space_it_lies_flat_and_says_why():
    viewer = ml.Viewer3D("C" * 700)
    shown = decode(viewer._solid)
    assert shown["reason"].startswith("it has 700 atoms beside hydrogen")
    assert (shown["positions"][:, 2] == 0).all()
    assert viewer.geometry.startswith("2D, because")


@pytest.mark.parametrize("wrong", [3, b"CCO", "C(", "", ["CCO"]])
def test_what_is_no_molecule_is_refused_and_the_old_one_stays(wrong):
    viewer = ml.Viewer3D("CCO", selected_atom=1)
    before = viewer._solid
    with pytest.raises(ml.InputError):
        viewer.mol = wrong
    assert (viewer._solid, viewer.selected_atom) == (before, 1)


def test_what_cannot_be_selected_or_set():
    viewer = ml.Viewer3D("CCO", selected_atom=2, selected_bond=0)
    for name, value in (
        ("selected_atom", 3), ("selected_atom", -1), ("selected_atom", "C1"), ("selected_bond", 2),
        ("style", "cartoon"), ("hydrogens", 3), ("height", 10), ("height", 10**6), ("channel", 0),
    ):  # fmt: skip
        with pytest.raises(traitlets.TraitError):
            setattr(viewer, name, value)
    with pytest.raises(ml.InputError, match="2 colours for 3 atoms"):
        viewer.colours = [1, 2]
    with pytest.raises(AttributeError, match=r"what can be set: .*colours.*selected_atom"):
        viewer.color = "red"
    assert (viewer.selected_atom, viewer.selected_bond, viewer.colours) == (2, 0, None)


def test_a_new_molecule_begins_anew():
    viewer = ml.Viewer3D("CCO", selected_atom=2, selected_bond=1, colours=[1, 2, 3])
    viewer.addLabel("x", {"position": {"x": 0, "y": 0, "z": 0}})
    viewer.mol = "C"
    assert (viewer.selected_atom, viewer.selected_bond, viewer.colours) == (None, None, None)
    assert viewer.calls == ()
    assert viewer.mol.GetNumAtoms() == 1


def test_the_page_changes_what_is_its_own_and_nothing_else():
    viewer = ml.Viewer3D("CCO")
    before = viewer._solid
    viewer.set_state({
        "selected_atom": 1, "_style": "spheres", "hydrogens": False, "_solid": b"x",
        "_calls": [{"on": None, "method": "addSphere", "args": [{"callback": "alert(1)"}]}],
        "colours": {"values": ["x"]}, "height": 5,
    })  # fmt: skip
    assert (viewer.selected_atom, viewer.style, viewer.hydrogens) == (1, "spheres", False)
    assert (viewer._solid, viewer.calls, viewer.colours) == (before, (), None)
    assert viewer.height == 400
    viewer.set_state("nonsense")
    viewer.style = "lines"
    assert viewer._style == "lines"


def test_calls_are_kept_in_order_and_can_be_chained():
    viewer = ml.Viewer3D("CCO")
    viewer.addSurface("VDW", {"opacity": 0.5}).zoomTo()
    viewer.getModel(0).setStyle({}, {"stick": {}})
    assert [(c["on"], c["method"]) for c in viewer.calls] == [
        (None, "addSurface"), (None, "zoomTo"), ([0], "setStyle"),
    ]  # fmt: skip
    assert {"addSurface", "zoomTo", "selected_atom"} <= set(dir(viewer))
    with pytest.raises(ml.InputError, match="setClickable"):
        viewer.setClickable({}, True, "function(){}")
    with pytest.raises(AttributeError, match="Did you mean 'addSphere'"):
        viewer.addSphear  # noqa: B018
    assert len(viewer.calls) == 3


def test_a_scene_past_the_cap_is_refused(monkeypatch):
    monkeypatch.setattr("mpnn_lab.widgets.viewer3d.LIMITS", Limits(scene_bytes=500))
    viewer = ml.Viewer3D("CCO")
    viewer.addLabel("short", {})
    with pytest.raises(ml.InputError, match="are sent to the page"):
        viewer.addModel("x" * 600, "xyz")
    assert len(viewer.calls) == 1


def test_a_scene_of_py3dmols_with_the_molecule_in_it():
    view = py3Dmol.view(height=300)
    view.addModel(block("CC(=O)O"), "sdf").setStyle({"stick": {}})
    viewer = ml.Viewer3D.from_py3dmol(view, selected_atom=3)
    assert [c["method"] for c in viewer.calls] == ["zoomTo", "addModel", "setStyle"]
    assert (viewer.height, viewer.mol.GetNumAtoms()) == (300, 4)
    assert decode(viewer._solid)["drawn"] is False
    with pytest.raises(ml.InputError, match="setHoverable"):
        ml.Viewer3D.from_py3dmol(view.setHoverable({}, True, "f", "g"))


def test_a_scene_whose_first_model_is_no_molblock_has_no_molecule():
    view = py3Dmol.view(data="2\n\nC 0 0 0\nO 0 0 1.2\n", format="xyz")
    viewer = ml.Viewer3D.from_py3dmol(view)
    assert viewer.mol is None
    with pytest.raises(traitlets.TraitError, match="there are 0"):
        viewer.selected_atom = 0
