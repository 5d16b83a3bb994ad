"""The stage as a file, asked for by its page."""

import pytest

import mpnn_lab as ml
from mpnn_lab.exporting import trace_to_html
from mpnn_lab.widgets.answers import Answers


@pytest.fixture
def trace():
    spec = ml.ModelSpec(rounds=[ml.Layer("GATv2Conv", 4)] * 2)
    return ml.trace(spec.build(seed=1), "CC(=O)O")


def question(**changes):
    return {"kind": "html", "id": 7, "step": 3, "atom": 1, "bond": None, **changes}


def test_the_file_opens_where_the_page_stands(trace):
    reply, (held,) = Answers(trace).answer(question())
    assert reply == {"kind": "html", "id": 7}
    assert held.decode("utf-8") == trace_to_html(trace, step=3, selected_atom=1)


def test_it_holds_the_jacobians_along_the_bonds_that_were_asked_about(trace):
    known = Answers(trace)
    p = trace.rounds[1].propagations[0]
    edge = p.edge_number(2, 1)
    asked = {"kind": "matrix", "id": 1, "round": 1, "propagation": 0, "edge": edge}
    assert known.answer(asked)[0]["kind"] == "matrix"
    _, (held,) = known.answer(question(atom=None, bond=1))
    expected = trace_to_html(trace, step=3, selected_atom=None, selected_bond=1, jacobians=[1])
    assert held.decode("utf-8") == expected


@pytest.mark.parametrize(
    "content",
    [question(step=None), question(step="3"), question(step=99), question(step=-1),
     question(atom=4), question(atom=True), question(bond=[0]), question(more=1),
     question(id=None), {"kind": "html", "id": 7}],
)  # fmt: skip
def test_whatever_else_is_answered_by_a_sentence(trace, content):
    reply, held = Answers(trace).answer(content)
    assert (reply["kind"], held) == ("error", [])
    assert "unexpected" not in reply["what"]
