"""A number hidden until the class has guessed it."""

import pytest

import mpnn_lab as ml
from mpnn_lab.errors import InputError


@pytest.fixture
def stage():
    spec = ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2, update="gru")
    return ml.Stage(ml.trace(spec.build(seed=0), "CC(=O)O"))


def hidden(stage):
    """The quantity and the numbers of the row that is hidden."""
    found = next(q for q in stage._shown.quantities if q.name == stage._ask["quantity"])
    return found.values[stage._ask["row"]]


def test_the_row_that_is_hidden_is_the_one_asked_for(stage):
    trace = stage.trace
    p = trace.rounds[1].propagations[0]
    stage.ask("message", round=2, sender=2, receiver=1)
    assert hidden(stage) == pytest.approx(p.messages[p.edge_number(2, 1)].numpy())
    assert stage._ask["prompt"] == "Round 2: which message does O2 send C1?"
    stage.ask("aggregate", round=1, atom=1)
    assert hidden(stage) == pytest.approx(trace.rounds[0].propagations[0].aggregated[1].numpy())
    stage.ask("state", round=1, atom=3)
    assert hidden(stage) == pytest.approx(trace.rounds[0].state_out[3].numpy())
    stage.ask("prediction", prompt="How soluble?")
    assert hidden(stage) == pytest.approx(trace.output[0].numpy())
    assert stage._ask["prompt"] == "How soluble?"


def test_a_question_begins_unrevealed_and_without_a_guess(stage):
    stage.ask("prediction")
    stage.guess = "3"
    stage.reveal()
    assert stage.revealed
    stage.ask("state", round=1, atom=0)
    assert (stage.revealed, stage.guess) == (False, "")


def test_another_run_hides_nothing(stage):
    stage.ask("prediction")
    stage.trace = stage.trace
    assert stage._ask == {}


@pytest.mark.parametrize(
    ("what", "where"),
    [
        ("weather", {}), ("prediction", {"round": 1}), ("message", {}),
        ("message", {"round": 3, "sender": 0, "receiver": 1}),
        ("message", {"round": 1, "sender": 0, "receiver": 2}),
        ("message", {"round": 1, "sender": 0, "receiver": 9}),
        ("aggregate", {"round": 1, "atom": -1}), ("state", {"round": True, "atom": 0}),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said(stage, what, where):
    with pytest.raises(InputError):
        stage.ask(what, **where)
    assert stage._ask == {}
