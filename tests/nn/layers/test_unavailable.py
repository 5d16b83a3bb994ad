"""The reasons why a layer is not available, tried."""

import pytest
import torch
from torch_geometric import nn as pyg

from mpnn_lab.nn import UNAVAILABLE

X, POS = torch.randn(6, 4), torch.randn(6, 3)
EDGES = torch.tensor([[0, 1, 2, 3], [1, 0, 3, 2]])
CALLS = {
    "SplineConv": ("pyg-lib", lambda: pyg.SplineConv(4, 4, 3, 5)(X, EDGES, torch.rand(4, 3))),
    "XConv": ("pyg-lib", lambda: pyg.XConv(4, 4, 3, 2)(X, POS)),
    "GravNetConv": ("pyg-lib", lambda: pyg.GravNetConv(4, 4, 3, 4, 2)(X)),
    "DynamicEdgeConv": ("pyg-lib", lambda: pyg.DynamicEdgeConv(torch.nn.Linear(8, 4), 2)(X)),
    "PANConv": ("torch-sparse", lambda: pyg.PANConv(4, 4, 2)(X, EDGES)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_package_that_is_missing_is_the_one_that_is_named(name):
    package, call = CALLS[name]
    with pytest.raises(ImportError, match=package):
        call()
    assert f"needs {package}" in UNAVAILABLE[name]
