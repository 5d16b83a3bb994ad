"""What stands in for compiled packages, against loops over all pairs."""

import math
from itertools import product

import pytest
import torch
from torch_geometric.nn.models import dimenet, gnnff, schnet, visnet

from mpnn_lab.nn.stand_ins import radius_graph, stand_ins, triplets

POINTS = torch.rand(12, 3, generator=torch.Generator().manual_seed(0)) * 3
BATCH = torch.tensor([0] * 7 + [1] * 5)


def pairs(r, loop, batch):
    """Sender and receiver of every two points of one graph within r, in the order of receivers."""
    points = POINTS.tolist()
    return [
        (j, i)
        for i, j in product(range(12), repeat=2)
        if (batch is None or batch[i] == batch[j])
        and (loop if i == j else math.dist(points[i], points[j]) <= r)
    ]


@pytest.mark.parametrize("batch", [None, BATCH])
@pytest.mark.parametrize("loop", [True, False])
@pytest.mark.parametrize("r", [0.1, 1.2, 9.0])
def test_pairs_within_the_radius(r, loop, batch):
    found = radius_graph(POINTS, r, batch, loop)
    assert found.dtype == torch.int64
    assert list(map(tuple, found.T.tolist())) == pairs(r, loop, batch)
    turned = radius_graph(POINTS, r, batch, loop, flow="target_to_source")
    assert torch.equal(turned, found.flip(0))


@pytest.mark.parametrize("loop", [True, False])
def test_the_nearest_are_kept(loop):
    points = POINTS.tolist()
    found = radius_graph(POINTS, 9.0, loop=loop, max_num_neighbors=3)
    for i in range(12):
        others = sorted(range(12), key=lambda j: math.dist(points[i], points[j]))
        kept = found[0][found[1] == i].tolist()
        assert set(kept) == set(others[:3] if loop else others[1:4])


def test_no_points():
    assert radius_graph(torch.zeros(0, 3), 1.0).shape == (2, 0)
    assert [len(t) for t in triplets(torch.zeros(2, 0, dtype=torch.long), 0)] == [0] * 7


def test_triplets_are_pairs_of_edges_that_meet():
    edge_index = radius_graph(POINTS, 1.2)
    edges = list(map(tuple, edge_index.T.tolist()))
    wanted = [
        (i, j, k, kj, ji)
        for ji, (j, i) in enumerate(edges)
        for k, kj in sorted((k, kj) for kj, (k, m) in enumerate(edges) if m == j and k != i)
    ]
    assert wanted
    target, source, *found = triplets(edge_index, 12)
    assert torch.equal(torch.stack([source, target]), edge_index)
    assert list(zip(*(t.tolist() for t in found), strict=True)) == wanted


def interrupted(files):
    with stand_ins():
        assert {file.radius_graph for file in files} == {radius_graph}
        assert dimenet.triplets is triplets
        raise RuntimeError("inside")


def test_pygs_own_are_back_afterwards():
    files = (schnet, dimenet, visnet, gnnff)
    before = [file.radius_graph for file in files]
    with pytest.raises(RuntimeError, match="inside"):
        interrupted(files)
    assert [file.radius_graph for file in files] == before
    assert dimenet.triplets is not triplets
