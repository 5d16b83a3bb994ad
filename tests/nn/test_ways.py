"""The choice of a way, at sizes where the times are known to lie far apart."""

from unittest.mock import patch

import pytest

from mpnn_lab.nn.ways import Sizes, cheapest, costs
from tests.nn.edge_networks import complete, twins


@pytest.mark.parametrize(
    ("sizes", "way"),
    [
        # 128 drug-like molecules, with as many kinds as there are
        (Sizes(5640, 2624, 2624, 64, 64, kinds=9, hidden=128), "kinds"),
        (Sizes(5640, 2624, 2624, 64, 64, kinds=9, hidden=128, summed=True), "kinds"),
        # one drug, narrow: few kinds are shared where it makes no difference in time either
        (Sizes(26, 13, 13, 8, 8, kinds=4, hidden=5), "kinds"),
        # narrow, many kinds: so many products cost more than a matrix for each edge
        (Sizes(6120, 360, 360, 16, 16, kinds=1530), "each"),
        # 20 complete graphs with distances: half as many kinds as edges, as they lie both ways
        (Sizes(6120, 360, 360, 64, 64, kinds=3060, hidden=128), "senders"),
        (Sizes(6120, 360, 360, 64, 64, kinds=None, hidden=128), "senders"),
        (Sizes(6120, 360, 360, 32, 128, kinds=3060, hidden=128, summed=True), "receivers"),
        (Sizes(6120, 360, 360, 128, 32, kinds=3060, hidden=128, summed=True), "senders"),
        # every atom tells one master node
        (Sizes(1500, 1500, 4, 64, 64, kinds=1500, hidden=128, summed=True), "receivers"),
        # one edge an atom: contraction gains nothing
        (Sizes(3000, 3000, 3000, 64, 64, kinds=3000, hidden=128), "each"),
        # no linear layer at the end, all edges different
        (Sizes(6120, 360, 360, 64, 64, kinds=6120), "each"),
        (Sizes(6120, 360, 360, 64, 64), "each"),
    ],
)
def test_the_cheapest_way(sizes, way):
    assert cheapest(sizes) == way
    assert cheapest(sizes, "cuda") == way


def test_only_what_may_be_taken_has_a_cost():
    assert set(costs(Sizes(10, 4, 4, 3, 3))) == {"each"}
    assert set(costs(Sizes(10, 4, 4, 3, 3, summed=True))) == {"each"}
    assert set(costs(Sizes(10, 4, 4, 3, 3, hidden=5))) == {"each", "senders"}
    assert set(costs(Sizes(10, 4, 4, 3, 3, kinds=2, hidden=5, summed=True))) == {
        "each", "kinds", "senders", "receivers",
    }  # fmt: skip


def test_the_layer_tells_its_sizes():
    _, ours = twins()
    x, edge_index, edge_attr = complete(3, 4)
    seen = []
    with patch("mpnn_lab.nn.ways.cheapest", lambda *asked: seen.append(asked) or "each"):
        ours(x, edge_index, edge_attr)
        ours.eval()
        ours(x, edge_index, edge_attr.clone().requires_grad_())
    assert seen == [
        (Sizes(18, 7, 7, 6, 7, kinds=9, hidden=12, summed=True), "cpu"),
        (Sizes(18, 7, 7, 6, 7, kinds=None, hidden=12, summed=False), "cpu"),
    ]
