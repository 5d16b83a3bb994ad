"""Calls of the scene language: plain data goes through, whatever runs or fetches does not."""

import numpy as np
import pytest

from mpnn_lab.errors import InputError
from mpnn_lab.views.scene_calls import MODEL, REFUSED, VIEWER, read_call


def test_plain_arguments_go_through_unchanged():
    args = ["a\nb", "sdf", {"keepH": True, "deep": [1, 2.5, None, "x"]}]
    assert read_call("addModel", args) == {"on": None, "method": "addModel", "args": args}
    assert read_call("setView", [np.arange(3.0)])["args"] == [[0.0, 1.0, 2.0]]
    assert read_call("hide", [], on=[0]) == {"on": [0], "method": "hide", "args": []}


def test_a_label_says_whatever_it_is_given():
    for text in ("javascript:alert(1)", "https://example.org", "<script>"):
        assert read_call("addLabel", [text, {}])["args"][0] == text


def test_a_molecule_may_be_named_like_an_address():
    block = "javascript:alert(1)\n\n\n  0  0\nM  END"
    assert read_call("addModel", [block, "sdf"])["args"][0] == block


def deep(levels):
    return [] if levels == 0 else [deep(levels - 1)]


@pytest.mark.parametrize(
    ("method", "args", "words"),
    [
        ("setClickable", [{}, True, "function(){}"], "JavaScript function"),
        ("download", ["pdb:1abc"], "loads from the network"),
        ("setColorByFunction", [{}, "f"], "JavaScript function"),
        ("constructor", [], "not among"), ("__proto__", [], "not among"),
        ("getModel", [], "not among"),
        ("addsphere", [{}], "Did you mean 'addSphere'"),
        ("addSphere", [{"callback": "alert(1)"}], "'callback'"),
        ("addSphere", [{"hover_callback": "alert(1)"}], "'hover_callback'"),
        ("setStyle", [{"predicate": "x"}, {}], "'predicate'"),
        ("setStyle", [{}, {"stick": {"colorfunc": "x"}}], "'colorfunc'"),
        ("mapAtomProperties", [[{"props": {"__proto__": {}}}]], "'__proto__'"),
        ("addModel", ["https://example.org/x.sdf", "sdf"], "an address"),
        ("addModel", ["//example.org/x.sdf", "sdf"], "an address"),
        ("addModel", ["data:text/plain,x", "sdf"], "an address"),
        ("addLabel", ["x", {"backgroundImage": " HTTP://example.org/x.png"}], "an address"),
        ("zoom", [float("nan")], "nan"), ("zoom", [float("inf")], "inf"),
        ("zoom", [object()], "no plain data, but a object"), ("zoom", [deep(20)], "too deep"),
    ],
)  # fmt: skip
def test_what_is_refused_says_which_call_and_why(method, args, words):
    with pytest.raises(InputError, match=words) as caught:
        read_call(method, args)
    assert f"viewer.{method}(...)" in str(caught.value)
    assert caught.value.mend


def test_no_call_is_both_replayed_and_refused():
    assert not REFUSED.keys() & {*VIEWER, *MODEL}
