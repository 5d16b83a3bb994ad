"""Errors say what, where and how to mend it."""

import pytest

from mpnn_lab import ModelSpec
from mpnn_lab.errors import Fault, InputError, LabError, SpecError, excerpt


def test_the_place_is_marked():
    error = InputError("not a SMILES", text="CC(=O", position=2, mend="Close it.")
    assert str(error).splitlines() == ["not a SMILES", "    CC(=O", "      ^", "Close it."]
    assert isinstance(error, LabError)
    assert isinstance(error, ValueError)


def test_long_text_is_cut_round_the_place():
    text = "".join(chr(ord("a") + k % 26) for k in range(500))
    for position in (0, 10, 250, 480, 499):
        shown, caret = excerpt(text, position)
        assert len(shown) <= 62
        assert shown[caret] == text[position]


def test_control_characters_are_not_printed():
    shown, caret = excerpt("ab\x1b[31mcd", 2)
    assert "\x1b" not in shown
    assert caret == 2


def test_a_spec_error_knows_its_path_and_stands_in_a_larger_one():
    error = SpecError("width: 9 is too much", mend="Less.")
    assert error.faults == (Fault("width", "9 is too much", "Less."),)
    above = error.under("rounds.1")
    assert str(above) == "rounds.1.width: 9 is too much\nLess."
    assert above.faults == (Fault("rounds.1.width", "9 is too much", "Less."),)
    assert SpecError("Two: words").faults == (Fault("", "Two: words"),)
    assert SpecError("specification: no").faults == (Fault("", "no"),)


def test_each_fault_of_a_specification_stands_by_itself():
    text = '{"rounds": [{"name": "GCNConv", "width": 0}, {"name": "Conv"}], "update": "lstm"}'
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_json(text)
    assert [f.path for f in caught.value.faults] == ["rounds.0.width", "rounds.1.name", "update"]
    assert caught.value.faults[1].mend.startswith("Did you mean ")
    lines = str(caught.value).splitlines()
    assert all(line.startswith(f.path) for line, f in zip(lines, caught.value.faults, strict=False))
