"""Matrices that the page asks for: the kernel's own numbers, or one sentence for each mistake."""

import threading

import numpy as np
import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.views import asked
from mpnn_lab.widgets.answers import Answers
from tests.molecules import ASPIRIN


def trace_of(name="GATv2Conv", smiles=ASPIRIN):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8)] * 2, update="residual")
    return ml.trace(spec.build(seed=1), smiles)


def question(**changes):
    return {"kind": "matrix", "id": 7, "round": 1, "propagation": 0, "edge": 4, **changes}


@pytest.fixture
def stage(monkeypatch):
    sent = []
    monkeypatch.setattr(
        ml.Stage, "send", lambda _self, content, buffers: sent.append((content, buffers))
    )
    return ml.Stage(trace_of()), sent


def asks(stage, content, buffers=()):
    """As ipywidgets hands over a message of the page."""
    stage._handle_custom_msg(content, list(buffers))


def test_the_jacobian_of_the_message_that_was_asked_for(stage):
    stage, sent = stage
    asks(stage, question())
    ((reply, (buffer,)),) = sent
    assert reply == {
        "kind": "matrix", "id": 7, "shape": [8, 8], "exact": False, "start": "layer",
    }  # fmt: skip
    values = np.frombuffer(buffer, "<f4").reshape(8, 8)
    r = stage.trace.rounds[1]
    p = r.propagations[0]
    np.testing.assert_array_equal(values, p.edge_matrix(4).values)
    j = int(p.edge_index[0, 4])

    def message(h_j):
        conv = stage.trace.model.get_submodule(r.layer)
        seen = []
        hook = conv.register_message_forward_hook(lambda m, i, out: seen.append(out[4].flatten()))
        try:
            given = r.call.kwargs
            conv(
                torch.cat([r.state_in[:j], h_j[None], r.state_in[j + 1 :]]),
                *r.call.args[1:],
                **given,
            )
        finally:
            hook.remove()
        return seen[0]

    slopes = torch.autograd.functional.jacobian(message, r.state_in[j].clone())
    torch.testing.assert_close(torch.tensor(values), slopes.T, rtol=1e-4, atol=1e-6)


def test_exact_matrices_say_that_they_are():
    reply, (buffer,) = Answers(trace_of("GCNConv")).answer(question())
    assert reply["exact"] is True
    assert len(buffer) == 4 * 8 * 8


def test_a_matrix_is_computed_once(monkeypatch):
    trace, counted = trace_of(), []
    known = Answers(trace)
    whole = type(trace.rounds[0].propagations[0]).edge_matrix
    monkeypatch.setattr(
        type(trace.rounds[0].propagations[0]), "edge_matrix",
        lambda self, k: counted.append(k) or whole(self, k),
    )  # fmt: skip
    first, second = known.answer(question()), known.answer(question(id=8))
    assert counted == [4]
    assert first[1] == second[1]
    assert (first[0]["id"], second[0]["id"]) == (7, 8)


WRONG = [
    None, 3, "matrix", [], {}, {"kind": "matrix"}, question(kind="eval"), question(kind=None),
    question(id=None), question(id="7"), question(id=-1), question(id=True), question(id=2**70),
    question(edge=-1), question(edge=10**9), question(edge="4"), question(edge=None),
    question(edge=4.0), question(edge=True), question(edge=[4] * 10**5), question(round=-1),
    question(round=2), question(propagation=1), question(propagation=-1), question(more=1),
]  # fmt: skip


@pytest.mark.parametrize("content", WRONG, ids=lambda c: str(c)[:60])
def test_whatever_else_comes_is_answered_by_one_sentence(stage, content):
    stage, sent = stage
    before = stage.step, stage.selected_atom, stage.selected_bond, stage._view
    asks(stage, content)
    ((reply, buffers),) = sent
    assert reply["kind"] == "error"
    assert len(reply["what"]) < 200
    assert buffers == []
    assert reply["id"] in (7, None)
    assert (stage.step, stage.selected_atom, stage.selected_bond, stage._view) == before


def test_buffers_are_not_wanted():
    reply, _ = Answers(trace_of()).answer(question(), [b"0" * 10**6])
    assert reply["kind"] == "error"


def test_a_matrix_too_large_is_refused_before_it_is_computed(monkeypatch):
    trace = trace_of()
    monkeypatch.setattr(asked, "LIMITS", ml.limits.Limits(matrix_cells=63))
    monkeypatch.setattr(type(trace.rounds[0].propagations[0]), "edge_matrix", None)
    reply, _ = Answers(trace).answer(question())
    assert "64 numbers" in reply["what"]


def test_what_goes_wrong_inside_is_said_too(monkeypatch):
    trace = trace_of()

    def broken(self, k):
        raise RuntimeError("no such device")

    monkeypatch.setattr(type(trace.rounds[0].propagations[0]), "edge_matrix", broken)
    reply, _ = Answers(trace).answer(question())
    assert reply == {"kind": "error", "id": 7, "what": "unexpected: RuntimeError: no such device"}


def test_questions_from_another_thread_while_the_trace_changes(stage):
    """Every answer is about one of the two runs, whole, in its own shape."""
    stage, sent = stage
    runs = [stage.trace, trace_of(smiles="CCO")]
    expected = [Answers(run).answer(question(edge=2))[1] for run in runs]
    stop, faults = threading.Event(), []

    def ask():
        try:
            while not stop.is_set():
                asks(stage, question(edge=2))
        except Exception as fault:
            faults.append(fault)

    page = threading.Thread(target=ask)
    page.start()
    for turn in range(12):
        stage.trace = runs[turn % 2]
    stop.set()
    page.join()
    assert not faults
    assert sent
    assert all(buffers in expected for _, buffers in sent)
