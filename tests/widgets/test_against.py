"""Another run beside the one on stage, and the changes that make one."""

import pytest

import mpnn_lab as ml
from mpnn_lab.errors import InputError
from mpnn_lab.views import decode
from tests.molecules import ASPIRIN


def run(smiles=ASPIRIN, seed=0):
    spec = ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2, update="gru")
    return ml.trace(spec.build(seed=seed), smiles)


def asks(stage, content):
    """The reply to a message of the page."""
    sent = []
    stage.send = lambda reply, buffers: sent.append((reply, buffers))
    stage._handle_custom_msg(content, [])
    ((reply, _buffers),) = sent
    return reply


@pytest.fixture
def stage(monkeypatch):
    monkeypatch.setattr(ml.Stage, "_check_name", lambda *_: None)
    return ml.Stage(run())


def words(stage):
    return [e["words"] for e in decode(stage._against)["edits"]] if stage._against else []


def test_another_run_is_sent_beside_the_first():
    other = run("CC(=O)O")
    stage = ml.Stage(run(), against=other)
    assert stage.against is other
    assert decode(stage._against)["other_title"] == "CC(=O)O"
    stage.against = None
    assert stage._against == b""
    with pytest.raises(InputError):
        stage.against = "aspirin"
    assert stage.against is None


def test_what_if_and_undo(stage):
    first = stage.what_if(bond=1, to="single")
    assert stage.against is first
    second = stage.what_if(atom=2, element="N")
    assert [e.words for e in second.edits] == ["C1–O2 as single bond", "O2 as N"]
    assert words(stage) == ["C1–O2 as single bond", "O2 as N"]
    stage.undo()
    assert words(stage) == ["C1–O2 as single bond"]
    stage.undo()
    assert stage.against is None
    stage.undo()
    assert stage._against == b""


def test_a_change_is_gone_with_its_run_and_a_run_of_its_own_stays(stage):
    stage.what_if(atom=2, element="N")
    stage.trace = run("CC(=O)O")
    assert stage.against is None
    assert stage._against == b""
    stage.against = other = run("CCO")
    stage.trace = run()
    assert stage.against is other
    atoms = decode(stage._against)["atoms"].tolist()
    assert len(atoms) == 3
    assert max(atoms) < 13


def test_the_page_asks_for_changes(stage):
    question = {"kind": "what_if", "id": 3, "changes": [{"bond": 1, "to": "single"}]}
    assert asks(stage, question) == {"kind": "what_if", "id": 3, "words": ["C1–O2 as single bond"]}
    assert words(stage) == ["C1–O2 as single bond"]
    assert asks(stage, {"kind": "what_if", "id": 4, "changes": []})["words"] == []
    assert stage.against is None


@pytest.mark.parametrize(
    "changes",
    [
        None, 3, {}, "x", [None], [[]], [{}], [{"bond": 99, "to": "single"}],
        [{"bond": 1, "to": ["single"]}], [{"bond": 1, "to": "single" * 100}],
        [{"atom": 0, "element": "N"}] * 101, [{"__class__": 1}], [{"atom": 0, "charge": None}],
        [{"round": 1, "edge": -1, "times": 0}], [{"round": "1", "edge": 0, "times": 0}],
        [{"round": 1, "edge": 0, "times": 0, "propagation": "0"}],
    ],
    ids=lambda c: str(c)[:50],
)  # fmt: skip
def test_what_is_no_change_gets_one_sentence_and_changes_nothing(stage, changes):
    before = stage._against
    reply = asks(stage, {"kind": "what_if", "id": 5, "changes": changes})
    assert reply["kind"] == "error"
    assert not reply["what"].startswith("unexpected")
    assert len(reply["what"]) < 300
    assert stage._against == before


def test_matrices_of_the_other_run_are_its_own(stage):
    question = {"kind": "matrix of the other", "id": 1, "round": 0, "propagation": 0, "edge": 2}
    assert asks(stage, question)["kind"] == "error"
    stage.what_if(bond=1, to="single")
    assert asks(stage, question)["kind"] == "matrix of the other"
