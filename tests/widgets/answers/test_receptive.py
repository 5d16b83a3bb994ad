"""Receptive fields that the page asks for: the kernel's own numbers, and one computation each."""

import numpy as np

import mpnn_lab as ml
from mpnn_lab.tracing import Trace
from mpnn_lab.widgets.answers import Answers, receptive
from tests.molecules import ASPIRIN


def trace_of():
    return ml.trace(ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2).build(), ASPIRIN)


def question(**changes):
    return {"kind": "receptive", "id": 3, "atom": 9, **changes}


def test_the_field_of_the_atom_that_was_asked_for():
    trace = trace_of()
    reply, (buffer,) = Answers(trace).answer(question())
    field = trace.receptive_field(9)
    assert reply == {
        "kind": "receptive", "id": 3, "shape": [3, 13], "heard": field.heard.tolist(),
        "distance": field.distance.tolist(),
    }  # fmt: skip
    np.testing.assert_array_equal(np.frombuffer(buffer, "<f4").reshape(3, 13), field.norms)


def test_each_is_computed_once_and_only_so_many_are_kept(monkeypatch):
    asked = []
    own = Trace.receptive_field
    monkeypatch.setattr(
        Trace, "receptive_field", lambda self, atom: (asked.append(atom), own(self, atom))[1]
    )
    monkeypatch.setattr(receptive, "KEPT", 2)
    answers = Answers(trace_of())
    for atom in (9, 9, 1, 9, 2, 9):
        answers.answer(question(atom=atom))
    assert asked == [9, 1, 2, 9]


def test_what_cannot_be_answered_is_one_sentence():
    answers = Answers(trace_of())
    for atom, words in ((13, "no such atom"), (-1, "no such atom"), ("x", "whole number"),
                        (True, "whole number"), (None, "whole number")):  # fmt: skip
        reply, held = answers.answer(question(atom=atom))
        assert (reply["kind"], reply["id"], held) == ("error", 3, [])
        assert words in reply["what"]
    reply, _ = answers.answer({**question(), "edge": 1})
    assert "nothing else" in reply["what"]
