"""What modules were made of, written as the expression that makes them again."""

from __future__ import annotations

import sys

import pytest
import torch
from torch import nn

import mpnn_lab as ml
from mpnn_lab.exporting.construction import Constructions, Writer
from mpnn_lab.exporting.embedding import Embedding


def written(make):
    seen = Constructions()
    with seen.watching():
        module = make()
    return Writer(seen)(module)


def test_arguments_are_those_of_the_module_itself():
    class Half(nn.Linear):
        def __init__(self, width: int, *, bias: bool = True) -> None:
            super().__init__(width, width // 2, bias=bias)

    assert written(lambda: nn.Linear(3, 4)) == "nn.Linear(3, 4)"
    assert written(lambda: nn.Linear(out_features=4, in_features=3, bias=False)) == (
        "nn.Linear(3, 4, bias=False)"
    )
    assert written(lambda: Half(4, bias=False)).endswith("Half(4, bias=False)")
    assert written(lambda: nn.LSTM(3, 4, num_layers=2)) == "nn.LSTM(3, 4, num_layers=2)"


def test_containers_are_what_they_hold():
    def make():
        made = nn.Sequential()
        made.append(nn.ModuleList([nn.ReLU()]))
        return made.append(nn.ModuleDict({"a'b": nn.Identity()}))

    assert (
        written(make)
        == 'nn.Sequential(nn.ModuleList([nn.ReLU()]), nn.ModuleDict({"a\'b": nn.Identity()}))'
    )


@pytest.mark.parametrize(
    "value",
    [None, True, 3, -0.5, float("inf"), "it's \"so\"\n", (1,), (1, "2"), [1.5, [2]], {"a": (1, 2)}],
)  # fmt: skip
def test_values_read_back(value):
    assert eval(Writer(Constructions())(value)) == value


def test_tensors_read_back():
    for tensor in (torch.tensor([1, 2]), torch.tensor([[0.5], [1e-9]])):
        again = eval(Writer(Constructions())(tensor))
        assert torch.equal(again, tensor)
        assert again.dtype == tensor.dtype


def test_what_cannot_be_written_says_so():
    with pytest.raises(ml.SpecError, match="cannot write down a object as code"):
        Writer(Constructions())(object())


def test_a_profile_that_was_set_comes_back():
    def mine(*_):
        return None

    sys.setprofile(mine)
    try:
        with Constructions().watching():
            nn.ReLU()
        assert sys.getprofile() is mine
    finally:
        sys.setprofile(None)


def test_embedding_brings_what_a_definition_needs_before_it():
    held = Embedding()
    held.add("mpnn_lab.chem.features", "Featurizer")
    text = "\n\n".join(held.pieces())
    names = list(held.texts)
    assert names.index("ELEMENTS") < names.index("ATOM_COLUMNS") < names.index("Featurizer")
    imports = "\n".join(
        f"from {m} import {n}" if m else f"import {n}"
        for m, wanted in held.imports.items()
        for n in wanted
    )
    space: dict[str, object] = {}
    exec("from __future__ import annotations\n" + imports + "\n" + text, space)
    assert space["Featurizer"]().atom_columns == ml.Featurizer().atom_columns  # type: ignore[operator]


def test_two_definitions_of_one_name_are_refused():
    held = Embedding()
    held.add("mpnn_lab.chem.features", "_stereo")
    held._home["_with_stereo"] = "elsewhere"
    with pytest.raises(ml.LabError, match="_with_stereo is defined in elsewhere and in"):
        held.add("mpnn_lab.chem.features", "Featurizer")
