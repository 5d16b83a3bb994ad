"""What may share rows, and what has to see every edge as PyG shows it."""

import pytest
import torch
from torch import nn
from torch_geometric.nn import MLP, NNConv

from mpnn_lab import EdgeNetworkConv
from tests.nn.edge_networks import COLUMNS, EDGES, assert_same, graph, shares, twins


@pytest.mark.parametrize(
    ("part", "training", "sharing"),
    [
        (nn.BatchNorm1d(12), True, False),
        (nn.BatchNorm1d(12), False, True),
        (nn.BatchNorm1d(12, track_running_stats=False), False, False),
        (nn.Dropout(0.5), True, False),
        (nn.Dropout(0.5), False, True),
        (nn.Dropout(0.0), True, True),
        (nn.LayerNorm(12), True, True),
        (nn.Softmax(dim=0), False, False),
        (nn.RReLU(), True, False),
    ],
)
def test_sharing_only_where_it_is_right(part, training, sharing):
    theirs, ours = twins(inner=(part,))
    theirs.train(training)
    ours.train(training)
    x, edge_index, edge_attr = graph()
    assert shares(ours, edge_attr) is sharing
    results = []
    for layer in (theirs, ours):
        torch.manual_seed(7)  # the same dropout mask for both
        results.append(layer(x, edge_index, edge_attr))
    torch.testing.assert_close(results[1], results[0], rtol=1e-5, atol=1e-5)


def test_a_subclass_and_an_unknown_module_are_not_trusted():
    class Mixing(nn.Linear):
        def forward(self, x):
            return super().forward(x - x.mean(0))

    x, edge_index, edge_attr = graph()
    theirs = NNConv(6, 7, Mixing(COLUMNS, 42))
    ours = EdgeNetworkConv(6, 7, Mixing(COLUMNS, 42))
    ours.load_state_dict(theirs.state_dict())
    assert not shares(ours, edge_attr)
    assert_same(theirs, ours, x, edge_index, edge_attr)
    assert not shares(EdgeNetworkConv(6, 7, MLP([COLUMNS, 8, 42])), edge_attr)


def test_hooks_see_every_edge():
    x, edge_index, edge_attr = graph()
    for on_the_way_back in ("register_full_backward_pre_hook", "register_full_backward_hook"):
        _, ours = twins()
        seen = []
        getattr(ours.nn[2], on_the_way_back)(lambda m, *grads, s=seen: s.append(len(grads[-1][0])))
        ours(x, edge_index, edge_attr).sum().backward()
        assert seen == [EDGES], on_the_way_back


def test_hooks_on_all_modules_see_every_edge():
    _, ours = twins()
    x, edge_index, edge_attr = graph()
    seen = []
    handle = nn.modules.module.register_module_forward_hook(
        lambda m, i, o: seen.append(len(o)) if m is ours.nn[2] else None
    )
    try:
        ours(x, edge_index, edge_attr)
    finally:
        handle.remove()
    assert seen == [EDGES]
    assert shares(ours, edge_attr)


def test_a_part_whose_forward_was_replaced_is_not_shares():
    _, ours = twins()
    _, _, edge_attr = graph()
    plain = ours.nn[1].forward
    ours.nn[1].forward = lambda x: plain(x - x.mean(0))
    assert not shares(ours, edge_attr)
