"""Messages of a page that no page should send: one error each, and nothing changes."""

import copy
import json

import pytest

import mpnn_lab as ml
from tests.molecules import ASPIRIN
from tests.widgets.page import Page


@pytest.fixture
def page(monkeypatch):
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8)] * 2, head=(4,))
    return Page(ml.ModelBuilder(spec, ASPIRIN), monkeypatch)


@pytest.mark.parametrize(
    "message",
    [
        None, 3, "set", [], {}, {"kind": "set"}, {"id": 1}, {"id": 1, "kind": "nonsense"},
        {"id": "1", "kind": "revert"}, {"id": -1, "kind": "revert"}, {"id": True, "kind": "revert"},
        {"id": 1, "kind": "revert", "more": 1}, {"kind": "revert"},
        {"id": 1, "kind": "set", "path": "rounds.0.width"},
        {"id": 1, "kind": "set", "path": 3, "value": 1},
        {"id": 1, "kind": "set", "path": "rounds.-1.width", "value": 1},
        {"id": 1, "kind": "set", "path": "rounds.2.width", "value": 1},
        {"id": 1, "kind": "set", "path": "rounds.²", "value": 1},
        {"id": 1, "kind": "set", "path": "rounds", "value": []},
        {"id": 1, "kind": "set", "path": "rounds.0", "value": 1},
        {"id": 1, "kind": "set", "path": "rounds.0.options", "value": 1},
        {"id": 1, "kind": "set", "path": "rounds.0.options.heads", "value": 1},
        {"id": 1, "kind": "set", "path": "rounds.0.__class__", "value": 1},
        {"id": 1, "kind": "set", "path": "__dict__", "value": 1},
        {"id": 1, "kind": "set", "path": "x" * 10_000, "value": 1},
        {"id": 1, "kind": "set", "path": "head", "value": [1] * 100_000},
        {"id": 1, "kind": "set", "path": "head", "value": [[1]]},
        {"id": 1, "kind": "set", "path": "head", "value": {"a": 1}},
        {"id": 1, "kind": "set", "path": "readout", "value": "x" * 100_000},
        {"id": 1, "kind": "preset", "name": "nonsense"}, {"id": 1, "kind": "preset", "name": 3},
        {"id": 1, "kind": "copy", "round": -1}, {"id": 1, "kind": "copy", "round": 2},
        {"id": 1, "kind": "copy", "round": 1.0}, {"id": 1, "kind": "copy", "round": "0"},
        {"id": 1, "kind": "move", "round": 0, "to": 2}, {"id": 1, "kind": "move", "round": 0},
        {"id": 1, "kind": "spread", "round": 0, "field": "options"},
        {"id": 1, "kind": "spread", "round": 0, "field": "nonsense"},
    ],
    ids=lambda m: json.dumps(m)[:60],
)  # fmt: skip
def test_what_is_no_wish_gets_one_error_and_changes_nothing(page, message):
    before, spec = copy.deepcopy(page.state), page.builder.spec
    reply = page.raw(message)
    assert reply["kind"] == "error"
    assert 0 < len(reply["what"]) < 1_000
    assert page.state == before
    assert page.builder.spec is spec


def test_the_page_cannot_write_form_or_state(page):
    before = copy.deepcopy((page.builder._form, page.state))
    page.builder.set_state({"_state": {"spec": {}}, "_form": {}})
    assert [reply["kind"] for reply in page.replies] == ["error", "error"]
    assert (page.builder._form, page.state) == before
    page.builder.set_state("nonsense")
    assert (page.builder._form, page.state) == before
