"""ModelBuilder: wishes granted or refused with one reply each; the last network stays in use."""

import json
import threading

import pytest
import traitlets

import mpnn_lab as ml
from mpnn_lab.limits import LIMITS, Limits
from mpnn_lab.nn import LAYERS
from mpnn_lab.widgets import builder
from mpnn_lab.widgets.choices import CHOICES
from tests.molecules import ACETIC_ACID, ASPIRIN
from tests.widgets.page import Page

SMALL = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8)] * 2, head=(4,))


@pytest.fixture
def page(monkeypatch):
    return Page(ml.ModelBuilder(SMALL, ASPIRIN), monkeypatch)


def test_it_opens_with_a_preset_and_says_what_it_does_and_costs():
    builder = ml.ModelBuilder()
    assert builder.spec == CHOICES[0].spec
    state = builder._state
    assert state["preset"] == CHOICES[0].name
    assert state["words"].startswith("Every heavy atom starts with 16 channels")
    assert state["cost"]["parameters"] == sum(p.numel() for p in builder.spec.build().parameters())
    assert state["molecule"] == "aspirin"
    assert json.dumps(state)


def test_presets_and_fields(page):
    seen = []
    page.builder.observe(lambda change: seen.append(change["new"]), "spec")
    assert page.ask(kind="preset", name="GATv2") == {"kind": "done", "id": 1}
    assert page.builder.spec == next(c.spec for c in CHOICES if c.name == "GATv2")
    assert page.state["preset"] == "GATv2"
    page.set("rounds.1.aggr", "max")
    page.set("rounds.1.options.heads", 4)
    page.set("readout", "set2set")
    page.set("head", [8, 4])
    page.set("hydrogens", True)
    spec = page.builder.spec
    assert seen[-1] is spec
    assert len(seen) == 6
    assert (spec.rounds[1].aggr, spec.rounds[1].options) == ("max", {"heads": 4})
    assert (spec.readout, spec.head, spec.hydrogens) == ("set2set", (8, 4), True)
    assert page.state["preset"] == ""
    page.set("rounds.1.options.heads", None)
    assert page.builder.spec.rounds[1].options == {}


def test_rounds_are_copied_moved_and_removed(page):
    page.set("rounds.0.name", "GATConv")
    names = lambda: [layer.name for layer in page.builder.spec.rounds]  # noqa: E731
    assert names() == ["GATConv", "GCNConv"]
    page.ask(kind="copy", round=0)
    assert names() == ["GATConv", "GATConv", "GCNConv"]
    page.ask(kind="move", round=2, to=0)
    assert names() == ["GCNConv", "GATConv", "GATConv"]
    page.ask(kind="remove", round=1)
    assert names() == ["GCNConv", "GATConv"]
    page.ask(kind="spread", round=1)
    assert names() == ["GATConv", "GATConv"]
    page.ask(kind="remove", round=0)
    assert page.ask(kind="remove", round=0)["what"] == "the last round cannot be removed"


def test_a_fault_is_said_at_its_field_and_the_last_network_stays(page):
    good, cost = page.builder.spec, page.state["cost"]
    page.set("update", "gru")
    assert not page.faults
    good = page.builder.spec
    page.set("rounds.1.width", 9)
    assert list(page.faults) == ["rounds.1.width"]
    assert page.state["spec"]["rounds"][1]["width"] == 9
    assert page.builder.spec is good
    assert page.state["words"]
    page.ask(kind="spread", round=1, field="width")
    assert not page.faults
    assert [layer.width for layer in page.builder.spec.rounds] == [9, 9]
    page.set("rounds.0.width", 0)
    page.set("update", "lstm")
    assert page.faults == {
        "rounds.0.width": f"expected a whole number from 1 to {LIMITS.width}",
        "update": "expected 'none', 'residual', 'gru' or 'mlp'",
    }
    page.ask(kind="revert")
    assert not page.faults
    assert page.state["cost"] != cost


@pytest.mark.parametrize(
    ("path", "value", "fault", "words"),
    [
        ("rounds.0.width", None, "rounds.0.width", "expected a whole number"),
        ("rounds.0.width", "8", "rounds.0.width", "expected a whole number"),
        (
            "rounds.0.width",
            10**9,
            "rounds.0.width",
            f"expected a whole number from 1 to {LIMITS.width}",
        ),
        ("rounds.0.name", "NoConv", "rounds.0.name", "there is no layer 'NoConv'"),
        ("rounds.0.name", "FusedGATConv", "rounds.0.name", "FusedGATConv needs dgNN"),
        ("rounds.0.aggr", "set2set", "rounds.0.aggr", "GCNConv cannot aggregate"),
        ("rounds.0.dropout", 1.0, "rounds.0.dropout", "expected a number from 0 to below 1"),
        ("rounds.0.options.bias", 3, "rounds.0.options.bias", "3; expected True or False"),
        ("readout", "best", "readout", "there is no readout 'best'"),
        ("head", "a", "head", "expected whole numbers with commas between them"),
        ("head", [0], "head", "head 0 is 0"),
        ("targets", 10**6, "targets", "expected a whole number from 1 to 1000"),
        ("tied", "yes", "tied", "expected True or False"),
    ],
)
def test_each_faulty_value_is_said_at_its_own_field(page, path, value, fault, words):
    good = page.builder.spec
    assert page.set(path, value)["kind"] == "done"
    assert list(page.faults) == [fault]
    assert page.faults[fault].startswith(words)
    assert page.builder.spec is good


def test_a_fault_found_on_building_is_said_at_its_round(page):
    page.set("rounds.1.name", "CGConv")
    page.set("rounds.1.width", 12)
    assert list(page.faults) == ["rounds.1.width"]
    assert page.state["faults"][0]["mend"] == "Give it the width of the round before."


def test_another_layer_keeps_what_it_can_and_names_the_rest(page):
    page.set("rounds.0.aggr", "max")
    page.set("rounds.0.options.bias", False)
    page.set("rounds.0.options.normalize", False)
    page.set("rounds.0.name", "GATConv")
    assert page.builder.spec.rounds[0] == ml.Layer(
        "GATConv", 8, aggr="max", options={"bias": False}
    )
    assert page.state["notes"] == ("GATConv has no option normalize: left out",)
    page.set("rounds.0.name", "EGConv")
    assert page.builder.spec.rounds[0].aggr is None
    assert page.state["notes"] == ("EGConv does not aggregate by max: its own way instead",)
    page.set("rounds.0.dropout", 0.5)
    assert page.state["notes"] == ()


def test_tied_rounds_change_together(page):
    page.set("tied", True)
    page.set("rounds.1.width", 12)
    assert [layer.width for layer in page.builder.spec.rounds] == [12, 12]
    assert page.state["notes"] == ("The rounds are tied: all have changed",)


def test_a_number_typed_where_a_word_may_stand(page):
    page.ask(kind="preset", name="GATv2")
    page.set("rounds.0.options.fill_value", "0.5")
    assert page.builder.spec.rounds[0].options["fill_value"] == 0.5
    page.set("rounds.0.options.fill_value", "sum")
    assert page.builder.spec.rounds[0].options["fill_value"] == "sum"
    page.set("rounds.0.options.fill_value", "nan")
    assert list(page.faults) == ["rounds.0.options.fill_value"]


def test_rounds_have_a_most(page):
    page.builder.spec = ml.ModelSpec(rounds=[ml.Layer("SimpleConv", 2)] * (LIMITS.rounds - 1))
    assert page.ask(kind="copy", round=0)["kind"] == "done"
    assert len(page.builder.spec.rounds) == LIMITS.rounds
    assert page.ask(kind="copy", round=0)["what"] == f"{LIMITS.rounds} rounds are the most"


def test_what_is_too_large_is_said_and_not_built(page, monkeypatch):
    good = page.builder.spec
    page.set("rounds.0.name", "NNConv")
    good = page.builder.spec
    page.set("rounds.0.width", LIMITS.width)
    page.set("rounds.1.width", LIMITS.width)
    assert "weights; up to 20,000,000 are built" in page.faults[""]
    page.ask(kind="revert")
    monkeypatch.setattr("mpnn_lab.nn.cost.LIMITS", Limits(multiply_adds=10))
    page.set("rounds.1.width", 9)
    assert "too slow to look at" in page.faults[""]
    assert page.builder.spec.rounds[1].width == 8
    assert page.builder.spec.rounds[0].name == good.rounds[0].name


def test_python_sets_it_too(page):
    page.set("rounds.0.width", 0)
    other = ml.ModelSpec(rounds=[ml.Layer("GINEConv", 4)])
    page.builder.spec = other
    assert page.state["spec"]["rounds"][0]["name"] == "GINEConv"
    assert not page.faults
    for given in (None, "GCN", {"rounds": []}):
        with pytest.raises(ml.LabError, match="the builder's spec is a ModelSpec"):
            page.builder.spec = given
    assert page.builder.spec is other
    messages = page.state["cost"]["parts"][1]["messages"]
    page.builder.mol = ACETIC_ACID
    assert page.state["cost"]["parts"][1]["messages"] == 6 < messages
    with pytest.raises(ml.InputError):
        page.builder.mol = "C("
    with pytest.raises(AttributeError, match="no 'model'; what can be set: mol, spec"):
        page.builder.model = 1


def test_a_specification_that_does_not_fit_together_is_shown_as_faulty(monkeypatch):
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8), ml.Layer("CGConv", 12)])
    page = Page(ml.ModelBuilder(spec), monkeypatch)
    assert list(page.faults) == ["rounds.1.width"]
    assert page.state["cost"] is None
    page.set("rounds.1.width", 8)
    assert not page.faults


def test_what_nobody_expected_is_said(page, monkeypatch):
    def burst(*_):
        raise RuntimeError("inside")

    monkeypatch.setattr("mpnn_lab.widgets.builder.cost", burst)
    reply = page.set("rounds.0.width", 4)
    assert reply["what"] == "unexpected: RuntimeError: inside"
    monkeypatch.undo()


def test_a_hundred_edits_a_second_and_the_last_wins(page):
    threads = threading.active_count()
    for width in [*range(1, 60), 7]:
        page.set("rounds.0.width", width)
    assert page.builder.spec.rounds[0].width == 7
    assert threading.active_count() == threads


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_can_be_chosen(name, monkeypatch):
    page = Page(ml.ModelBuilder(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 12)])), monkeypatch)
    assert page.set("rounds.0.name", name)["kind"] == "done"
    assert not page.faults
    assert page.state["details"][name]["formula"] == LAYERS[name].formula


def test_the_builder_is_a_widget_among_others():
    builder = ml.ModelBuilder(SMALL)
    other = ml.ModelBuilder(ml.ModelSpec(rounds=[ml.Layer("GINConv", 4)]))
    traitlets.link((builder, "spec"), (other, "spec"))
    assert other.spec is SMALL
    other.spec = CHOICES[1].spec
    assert builder.spec is CHOICES[1].spec


def test_several_edits_are_granted_in_turn_and_looked_at_once(page, monkeypatch):
    counted = []
    real = builder.cost
    monkeypatch.setattr(builder, "cost", lambda *given: counted.append(1) or real(*given))
    rounds = len(page.builder.spec.rounds)
    edits = [
        {"id": 1, "kind": "copy", "round": 0},
        {"id": 1, "kind": "copy", "round": 0},
        {"id": 1, "kind": "set", "path": "rounds.0.width", "value": 0},
        {"id": 1, "kind": "set", "path": "rounds.0.width", "value": 12},
    ]
    assert page.ask(kind="several", wishes=edits)["kind"] == "done"
    assert len(counted) == 1
    assert len(page.builder.spec.rounds) == rounds + 2
    assert page.builder.spec.rounds[0].width == 12
    assert not page.faults


def test_one_refused_of_several_edits_is_said_and_the_others_are_granted(page):
    rounds = len(page.builder.spec.rounds)
    edits = [{"id": 1, "kind": "copy", "round": r} for r in (0, 60, 0)]
    reply = page.ask(kind="several", wishes=edits)
    assert reply["kind"] == "error"
    assert "no round 61" in reply["what"]
    assert len(page.builder.spec.rounds) == rounds + 2
    good = page.builder.spec
    assert page.ask(kind="several", wishes=edits[1:2])["kind"] == "error"
    assert page.ask(kind="several", wishes=[{"id": 1, "kind": "revert"}])["kind"] == "error"
    assert page.builder.spec is good


def test_a_readouts_options_are_set_at_their_fields(page):
    page.set("readout", "diff pooling")
    assert [f["name"] for f in page.state["readout_options"]] == ["clusters", "layer"]
    page.set("readout_options.clusters", 3)
    page.set("readout_options.layer", "DenseGCNConv")
    assert page.builder.spec.readout_options == {"clusters": 3, "layer": "DenseGCNConv"}
    assert "(clusters 3, layer DenseGCNConv)" in page.state["words"]
    page.set("readout_options.clusters", 1)
    assert list(page.faults) == ["readout_options.clusters"]
    page.set("readout_options.clusters", None)
    assert page.builder.spec.readout_options == {"layer": "DenseGCNConv"}
    page.set("readout", "mem pooling")
    assert page.state["notes"] == ("mem pooling has no option layer: left out",)
    page.set("readout", "sum")
    assert page.builder.spec.readout_options == {}
    for path in ("readout_options.clusters", "readout_options", "readout_options.a.b"):
        assert "there is no field" in page.set(path, 3)["what"]
