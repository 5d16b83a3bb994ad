"""Lab: one molecule, one network, one stage; what is wrong is said and changes nothing."""

import psutil
import pytest
import torch
from rdkit import Chem
from torch_geometric.nn import GCNConv

import mpnn_lab as ml
from mpnn_lab.limits import Limits
from mpnn_lab.views import decode
from mpnn_lab.widgets.choices import CHOICES, EXAMPLES, FIRST
from tests.molecules import ACETIC_ACID, ASPIRIN


@pytest.fixture
def lab():
    return ml.Lab(ASPIRIN)


def shown(lab):
    """What the page has been sent."""
    return decode(lab.stage._view)["header"]


def test_it_opens_with_aspirin_and_a_small_edge_network():
    lab = ml.Lab()
    assert shown(lab)["title"] == "aspirin"
    assert lab.spec.summary() == "NNConv × 3 · sum · GRU · set2set"
    assert {layer.width for layer in lab.spec.rounds} == {16}
    assert lab.trace.verify()
    assert lab._bar.error is None


RUNS = [(choice, text) for choice in FIRST for _, text in EXAMPLES]
RUNS += [(choice, ASPIRIN) for choice in CHOICES[len(FIRST) :]]


@pytest.mark.parametrize(("choice", "text"), RUNS, ids=lambda c: getattr(c, "name", c))
def test_every_choice_runs_on_every_example(choice, text):
    lab = ml.Lab(text, choice.spec)
    assert lab.trace.verify()
    assert lab._bar.choice == choice.name


def test_a_trace_brings_its_molecule_and_a_copy_of_its_model(lab):
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8)])
    recorded = ml.trace(spec.build(seed=5), ACETIC_ACID)
    lab.trace = recorded
    assert lab.trace is recorded
    assert lab.spec == spec
    assert lab._bar.text == ACETIC_ACID
    assert shown(lab)["smiles"] == ACETIC_ACID
    with torch.no_grad():
        lab.model.project.weight.zero_()
    assert recorded.verify()
    assert recorded.model.project.weight.any()


def test_what_is_no_trace_of_a_specification_is_refused(lab):
    before = lab.trace
    conv = GCNConv(30, 4)
    own = ml.trace(conv, ml.featurize("CCO"))
    for given in ("CCO", own):
        with pytest.raises(ml.LabError, match="trace"):
            lab.trace = given
    with pytest.raises(AttributeError):
        lab.stage = 1
    assert lab.trace is before


def test_a_network_in_double_precision(lab):
    lab.model = lab.spec.build(seed=2).double()
    assert lab.trace.output.dtype is torch.float64
    assert lab.trace.verify()
    view = decode(lab.stage._view)
    assert view["header"]["predictions"][0]["value"] == pytest.approx(lab.trace.output.item())


def test_typing_a_molecule_traces_it_anew(lab):
    before = lab.trace
    lab._bar.text = ACETIC_ACID
    assert lab.trace is not before
    assert lab.mol.GetNumAtoms() == 4
    assert shown(lab)["title"] == "acetic acid"
    assert lab._bar.answered == 1
    assert lab._bar.note.startswith("4 atoms · 6 messages a round")


@pytest.mark.parametrize("text", ["", "C(", "C1CC", "[Xx]", "C−C", "C(C)(C)(C)(C)C", "C" * 400])
def test_a_bad_molecule_is_said_and_the_stage_stays(lab, text):
    trace, view, mol = lab.trace, lab.stage._view, lab.mol
    lab._bar.text = text
    assert lab.trace is trace
    assert lab.stage._view == view
    assert lab.mol is mol
    assert lab._bar.error["what"]
    assert lab._bar.answered == 1
    lab._bar.text = ACETIC_ACID
    assert lab._bar.error is None


def test_the_faults_place_is_marked(lab):
    lab._bar.text = "C−C"
    assert lab._bar.error["position"] == 1
    assert lab._bar.error["text"] == "C−C"


def test_choosing_a_model(lab):
    lab._bar.choice = "GCN"
    assert lab.trace.rounds[0].kind == "GCNConv"
    assert lab.mol.GetNumAtoms() == 13
    lab._bar.choice = "nonsense"
    assert lab.trace.rounds[0].kind == "GCNConv"


def test_everything_can_be_set_from_python(lab):
    lab.mol = ACETIC_ACID
    assert lab._bar.text == ACETIC_ACID
    assert shown(lab)["title"] == "acetic acid"
    lab.mol = ml.read_molecule("CCO spirit")
    assert shown(lab)["title"] == "spirit"
    lab.spec = ml.ModelSpec(rounds=[ml.Layer("GINEConv", 4)])
    assert lab._bar.choice == ""
    model = lab.spec.build(seed=5)
    lab.model = model
    assert lab.model is model
    with pytest.raises(ml.InputError):
        lab.mol = "C("
    with pytest.raises(ml.LabError, match="built from a ModelSpec"):
        lab.model = "a network"
    assert shown(lab)["title"] == "spirit"


def test_the_same_seed_shows_the_same_numbers():
    first, second = (ml.Lab(ACETIC_ACID, seed=s).stage._view for s in (3, 3))
    assert first == second
    assert ml.Lab(ACETIC_ACID, seed=4).stage._view != first


def test_what_nobody_expected_is_said_and_raised(lab, monkeypatch):
    def burst(*_):
        raise RuntimeError("inside")

    monkeypatch.setattr("mpnn_lab.widgets.lab.trace", burst)
    with pytest.raises(RuntimeError):
        lab._bar.text = ACETIC_ACID
    assert "RuntimeError: inside" in lab._bar.error["what"]


@pytest.mark.parametrize(
    ("molecule", "hydrogens", "count"),
    [
        ("N#Cc1ccccc1", True, "13 atoms · 26 messages"),
        (Chem.AddHs(Chem.MolFromSmiles("CCO")), False, "3 atoms · 4 messages"),
    ],
)
def test_the_note_counts_the_graphs_own_atoms(molecule, hydrogens, count):
    spec = ml.ModelSpec(rounds=[ml.Layer("GINEConv", 4)], hydrogens=hydrogens)
    assert ml.Lab(molecule, spec)._bar.note.startswith(count)


def test_what_is_wrong_with_the_text_stays_said_until_the_field_has_another(lab):
    lab._bar.text = "CX"
    fault = lab._bar.error
    assert fault["what"]
    lab._bar.choice = "GCN"
    assert lab._bar.error == fault
    assert lab.trace.rounds[0].kind == "GCNConv"
    lab.spec = CHOICES[0].spec
    assert lab._bar.error == fault
    lab._bar.text = ACETIC_ACID
    assert lab._bar.error is None
    lab._bar.text = "CX"
    lab.mol = ACETIC_ACID
    assert lab._bar.error is None
    lab._bar.choice = "GCN"
    assert lab._bar.error is None


def test_a_name_that_means_nothing_cannot_be_set(lab):
    for name in ("molecule", "foo"):
        with pytest.raises(AttributeError, match=f"no '{name}'; what can be set: model, mol, spec"):
            setattr(lab, name, "C")
    lab.layout.width = "50%"
    lab.layout = {"height": "400px"}
    lab.children = lab.children
    lab._own = 1
    assert lab.layout.height == "400px"


@pytest.mark.parametrize("seed", ["a", 2**70, -1])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(ml.InputError, match=r"seed is .*; expected a whole number"):
        ml.Lab(ACETIC_ACID, seed=seed)


def test_the_builder_drives_the_stage_and_follows_the_lab(lab):
    assert lab.children == (lab._bar, lab._seen, lab._foot)
    assert lab._seen.children == (lab.stage,)
    lab._bar.tab = "build"
    builder = lab.builder
    assert lab.children == (lab._bar, builder, lab._seen, lab._foot)
    assert builder.spec == lab.spec
    builder._handle_custom_msg({"id": 1, "kind": "preset", "name": "GCN"}, [])
    assert lab.trace.rounds[0].kind == "GCNConv"
    assert lab._bar.choice == "GCN"
    builder._handle_custom_msg({"id": 2, "kind": "copy", "round": 0}, [])
    assert len(lab.trace.rounds) == len(lab.spec.rounds) == 4
    assert lab.trace.verify()
    lab._bar.choice = "GINE"
    assert builder._state["preset"] == "GINE"
    lab.spec = ml.ModelSpec(rounds=[ml.Layer("SAGEConv", 4)])
    assert builder._state["spec"]["rounds"][0]["name"] == "SAGEConv"
    lab.mol = ACETIC_ACID
    assert builder.mol is lab.mol
    assert builder._state["molecule"] == "acetic acid"
    builder.spec = CHOICES[0].spec
    assert lab.spec == CHOICES[0].spec
    lab.tab = "step"
    assert lab._bar.tab == "step"
    with pytest.raises(ml.LabError, match="tabs are molecule, build, step"):
        lab.tab = "train"


def test_a_network_that_the_stage_cannot_show_is_said_in_the_builder(lab, monkeypatch):
    spec, trace = lab.spec, lab.trace
    builder = lab.builder
    monkeypatch.setattr("mpnn_lab.widgets.sent.LIMITS", Limits(stage_bytes=1000))
    builder._handle_custom_msg({"id": 1, "kind": "preset", "name": "GCN"}, [])
    assert "the stage is sent at most" in builder._state["faults"][0]["what"]
    assert builder._state["preset"] == "GCN"
    assert builder.spec == lab.spec == spec
    assert lab.trace is trace
    with pytest.raises(ml.InputError):
        builder.spec = CHOICES[1].spec
    assert builder.spec == spec


def test_the_viewer_is_made_when_it_comes_in_sight_and_follows_the_stage(lab):
    lab._bar.set_state({"room": False})
    lab.tab = "build"
    lab._bar.set_state({"room": True})
    assert lab._seen.children == (lab.stage,)
    lab.tab = "step"
    viewer = lab.viewer
    assert lab._seen.children == (lab.stage, viewer)
    viewer.selected_atom = 3
    assert lab.stage.selected_atom == 3
    lab.mol = ACETIC_ACID
    assert viewer.mol.GetNumAtoms() == 4
    lab.tab = "molecule"
    assert lab.viewer is viewer
    narrow = ml.Lab(ACETIC_ACID)
    narrow.tab = "molecule"
    assert narrow._seen.children == (narrow.stage, narrow.viewer)


def test_the_page_cannot_change_what_it_is_told(lab):
    said = lab._bar.title, lab._bar.run, lab._foot.parts
    assert said[:2] == ("aspirin", "untrained")
    lab._bar.set_state({"title": "x", "run": "x", "note": "x", "error": {"what": "x"}})
    lab._foot.set_state({"parts": ["x"]})
    assert (lab._bar.title, lab._bar.run, lab._foot.parts) == said
    assert lab._bar.error is None


def test_the_foot_says_what_is_predicted_and_how_much_memory_is_held(lab):
    predicted, device, training, memory = lab._foot.parts
    value = f"{abs(lab.trace.output.item()):.3g}"
    assert predicted.startswith("untrained output ")
    assert predicted.endswith(value)
    assert (device, training) == ("CPU", "untrained")
    resident = psutil.Process().memory_info().rss / 1e6
    assert float(memory.removesuffix(" MB").replace(",", "")) == pytest.approx(resident, rel=0.2)
    lab.stage.ask("prediction")
    assert lab._foot.parts[0] == "untrained output hidden until it is guessed"
    lab.stage.reveal()
    assert lab._foot.parts[0] == predicted
    lab.mol = "O"
    assert lab._foot.parts[0] != predicted
