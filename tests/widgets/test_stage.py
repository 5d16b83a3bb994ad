"""Stage: what can be read and set from Python, and what it refuses."""

import pytest
import traitlets

import mpnn_lab as ml
from mpnn_lab.limits import LIMITS, Limits
from mpnn_lab.views import decode
from tests.molecules import ASPIRIN


def trace_of(smiles, name="NNConv", rounds=2):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8)] * rounds, update="gru", head=(8,))
    return ml.trace(spec.build(), smiles)


def test_it_opens_on_the_first_message_into_the_busiest_atom():
    stage = ml.Stage(trace_of(ASPIRIN))
    assert stage.steps[stage.step] == "Round 1: message"
    assert stage.selected_atom == 1
    assert stage.selected_bond is None
    assert decode(stage._view)["header"]["status"] == "untrained"


def test_what_the_page_may_not_set():
    stage = ml.Stage(trace_of(ASPIRIN))
    before = stage.step, stage.selected_atom, stage.selected_bond
    for name, value in (
        ("step", -1), ("step", 10**9), ("step", "1"), ("step", None), ("step", 1.5),
        ("selected_atom", 13), ("selected_atom", -1), ("selected_atom", "C1"),
        ("selected_bond", 13), ("selected_bond", [0]),
    ):  # fmt: skip
        with pytest.raises(traitlets.TraitError):
            setattr(stage, name, value)
    assert (stage.step, stage.selected_atom, stage.selected_bond) == before


def test_a_new_trace_keeps_step_and_selection_where_they_make_sense():
    stage = ml.Stage(trace_of(ASPIRIN))
    stage.step, stage.selected_atom, stage.selected_bond = 5, 12, 12
    seen = []
    stage.observe(lambda change: seen.append(change["name"]))
    stage.trace = trace_of("CCO")
    assert stage.step == 5
    assert stage.selected_atom == 1  # ethanol has no atom 12
    assert stage.selected_bond is None
    assert decode(stage._view)["header"]["smiles"] == "CCO"
    stage.selected_atom, stage.selected_bond = 2, 1
    stage.trace = trace_of("CCO", name="GCNConv", rounds=3)
    assert stage.steps[stage.step] == "Round 1: message"  # another timeline begins anew
    assert (stage.selected_atom, stage.selected_bond) == (2, 1)
    assert "_view" in seen


def test_a_trace_too_large_to_send_is_refused(monkeypatch):
    trace = trace_of(ASPIRIN)
    stage = ml.Stage(trace)
    monkeypatch.setattr("mpnn_lab.widgets.sent.LIMITS", Limits(stage_bytes=1000))
    with pytest.raises(ml.InputError, match="the stage is sent at most"):
        stage.trace = trace_of("CCO")
    assert stage.trace is trace


def test_a_molecule_past_the_stages_cap_is_refused():
    chain = "C" * (LIMITS.stage_atoms + 1)
    with pytest.raises(ml.InputError, match="300"):
        ml.Stage(trace_of(chain))


def test_a_name_that_means_nothing_cannot_be_set():
    known = (
        "against, channel, guess, presenting, revealed, selected_atom, selected_bond, step, trace"
    )
    trace = trace_of("CCO")
    with pytest.raises(AttributeError, match=f"a Stage has no 'foo'; what can be set: {known}"):
        ml.Stage(trace, foo=1)
    stage = ml.Stage(trace, selected_atom=0, layout={"width": "50%"})
    with pytest.raises(AttributeError, match=known):
        stage.atom = 1
    assert stage.layout.width == "50%"
    stage.comm = stage.comm
    stage.close()
