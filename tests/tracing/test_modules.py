"""The modules of a model by name: torch's own walk is the oracle."""

import pytest
from torch import nn

import mpnn_lab as ml
from mpnn_lab.tracing.modules import by_name


def shared():
    """One module in two places, nothing in a third, and a module that holds the first again."""
    part = nn.Linear(2, 2)
    model = nn.ModuleDict({"b": nn.Sequential(part, nn.ReLU()), "a": part})
    model.register_module("none", None)
    model["b"].append(nn.ModuleList([part, nn.Sequential()]))
    return model


@pytest.mark.parametrize("model", [shared(), nn.ReLU(), ml.ModelSpec(
    rounds=[ml.Layer("HeteroConv", 4), ml.Layer("PNAConv", 4)]).build()])  # fmt: skip
@pytest.mark.parametrize("prefix", ["", "model"])
def test_names_and_order_are_torchs(model, prefix):
    expected = list(model.named_modules(prefix=prefix))
    found = list(by_name(model, prefix).items())
    assert [name for name, _ in found] == [name for name, _ in expected]
    assert all(a is b for (_, a), (_, b) in zip(found, expected, strict=True))
