"""Errors say what, where and how to mend it."""

from mpnn_lab.errors import InputError, LabError, excerpt


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
