"""What no specification can name really cannot run, or means nothing on a molecule."""

import pytest
import torch
from torch_geometric.nn import conv

import mpnn_lab as ml
from mpnn_lab.nn import LAYERS, UNAVAILABLE
from tests.molecules import ASPIRIN

REFUSED = {
    "CuGraphGATConv": (lambda: conv.CuGraphGATConv(30, 8), "requires 'pylibcugraphops"),
    "CuGraphRGCNConv": (lambda: conv.CuGraphRGCNConv(30, 8, 5), "requires 'pylibcugraphops"),
    "CuGraphSAGEConv": (lambda: conv.CuGraphSAGEConv(30, 8), "requires 'pylibcugraphops"),
    "FusedGATConv": (lambda: conv.FusedGATConv(30, 8, add_self_loops=False), "No module named 'dg"),
    "DynamicEdgeConv": (lambda: conv.DynamicEdgeConv(torch.nn.Linear(60, 8), 2), "'pyg-lib"),
    "GravNetConv": (lambda: conv.GravNetConv(30, 8, 2, 4, 2), "requires 'pyg-lib"),
    "XConv": (lambda: conv.XConv(30, 8, 3, 2), "requires 'pyg-lib"),
    "SplineConv": (lambda: conv.SplineConv(30, 8, 3, 2), "requires 'pyg-lib"),
    "PANConv": (lambda: run(conv.PANConv(30, 8, 2)), "requires 'torch-sparse'"),
}
"""How PyG refuses each: at its constructor, or when it is run."""
MEANT_OTHERWISE = {"MeshCNNConv", "WLConv"}
POSITIONS = {"PointNetConv", "PointGNNConv", "PointTransformerConv", "PPFConv"}


def run(layer):
    data = ml.featurize(ASPIRIN)
    return layer(data.x, data.edge_index)


@pytest.mark.parametrize("name", REFUSED)
def test_pyg_refuses_it_where_its_package_is_not_installed(name):
    build, words = REFUSED[name]
    with pytest.raises(ImportError, match=words):
        build()
    assert "needs" in UNAVAILABLE[name]


def test_each_is_refused_or_meant_for_something_else():
    assert set(UNAVAILABLE) <= set(REFUSED) | MEANT_OTHERWISE | POSITIONS
    assert set(UNAVAILABLE) >= set(REFUSED) | MEANT_OTHERWISE


@pytest.mark.parametrize("name", UNAVAILABLE)
def test_what_is_offered_instead_is_there(name):
    offered = UNAVAILABLE[name].partition("Take ")[2].split(",")[0].rstrip(".")
    assert not offered or offered in LAYERS


def test_colours_are_numbered_in_the_order_in_which_they_are_met():
    colours = torch.tensor([0, 1, 1])
    edges = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    flipped = torch.tensor([[2, 1, 1, 0], [1, 2, 0, 1]])
    one, other = conv.WLConv()(colours, edges), conv.WLConv()(colours.flip(0), flipped).flip(0)
    assert one.dtype == torch.long
    assert one.tolist() != other.tolist()
    assert not list(conv.WLConv().parameters())
