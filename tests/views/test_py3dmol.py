"""What py3Dmol wrote down is read back as it was called, by py3Dmol itself as oracle."""

import numpy as np
import py3Dmol
import pytest

from mpnn_lab.errors import InputError
from mpnn_lab.views.py3dmol import recorded_calls

EVIL = '");\tviewer_UNIQUEID.evil("</script> \u2028 ünï'
MODEL = "name\n\n\n  0  0\nM  END\n"


def called(view):
    return [(c["on"], c["method"], c["args"]) for c in recorded_calls(view)[0]]


def test_calls_come_back_as_they_were_made():
    view = py3Dmol.view(width=300, height=250)
    view.addModel(MODEL, "sdf", {"keepH": True}).setStyle(
        {"elem": ["C", "O"]}, {"stick": {"radius": 0.2}}
    )
    view.getModel(0).setStyle({}, {"sphere": {}})
    view.addLabel(EVIL, {"position": {"x": -1.5e-3}})
    view.setView(np.arange(8)).zoomTo()
    assert called(view) == [
        (None, "zoomTo", []),
        (None, "addModel", [MODEL, "sdf", {"keepH": True}]),
        (None, "setStyle", [{"elem": ["C", "O"]}, {"stick": {"radius": 0.2}}]),
        ([0], "setStyle", [{}, {"sphere": {}}]),
        (None, "addLabel", [EVIL, {"position": {"x": -1.5e-3}}]),
        (None, "setView", [list(range(8))]),
        (None, "zoomTo", []),
    ]  # fmt: skip
    assert recorded_calls(view)[1] == 250


def test_what_the_constructor_does_is_read_too():
    view = py3Dmol.view(data=MODEL, style={"stick": {}}, options={"keepH": False}, height="50vh")
    assert called(view) == [
        (None, "addModel", [MODEL, None, {"keepH": False}]),
        (None, "setStyle", [{"stick": {}}]),
        (None, "zoomTo", []),
    ]
    assert recorded_calls(view)[1] is None


def test_a_shown_view_is_read_the_same():
    view = py3Dmol.view(data=MODEL)
    before = called(view)
    view.write_html()
    assert called(view) == before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda v: v.setClickable({}, True, "function(a){}"), "setClickable.* JavaScript function"),
        (lambda v: v.addSphere({"callback": "alert(1)"}), "addSphere.*'callback'"),
        (lambda v: v.addModel("https://example.org/x", "sdf"), "addModel.* an address"),
        (lambda v: v.zoom(float("nan")), r"zoom\(\.\.\.\) .* no plain data: 'NaN"),
        (lambda v: v.nonsense(1), "nonsense.* not among"),
        (lambda v: v.getModel().setClickable({}, True), "setClickable"),
    ],
)
def test_what_is_no_plain_call_is_refused(make, words):
    view = py3Dmol.view()
    make(view)
    with pytest.raises(InputError, match=words):
        recorded_calls(view)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("alert(1);", "no call of the viewer: 'alert"),
        ("viewer_UNIQUEID.zoom(alert(1));", "no plain data: 'alert"),
        ("viewer_UNIQUEID.zoom(function(){});", "no plain data: 'function"),
        ("viewer_UNIQUEID.zoom(1)", "no call"), ("viewer_UNIQUEID.zoom(1", "no plain data"),
        ("viewer_UNIQUEID.zoom(1).zoom(2);", "no call"), ("[" * 100_000, "no call"),
        ("viewer_UNIQUEID.zoom(" + "[" * 100_000, "no plain data"),
    ],
    ids=range(8),
)  # fmt: skip
def test_text_that_py3dmol_did_not_write_is_refused(more, words):
    view = py3Dmol.view()
    view.startjs += more
    with pytest.raises(InputError, match=words):
        recorded_calls(view)


def test_queries_grids_and_strangers_are_refused():
    old = py3Dmol.view()
    old.startjs = "<div></div>"
    for view, words in (
        (py3Dmol.view(query="pdb:1abc"), r"query=\.\.\."),
        (py3Dmol.view(viewergrid=(1, 2)), "a grid"),
        ("<html>", "got a str"),
        (old, "a way that is not known"),
    ):
        with pytest.raises(InputError, match=words):
            recorded_calls(view)
