"""EdgeNetworkConv against PyG's NNConv, its oracle."""

import pytest
import torch
from torch import nn

from mpnn_lab import EdgeNetworkConv, InputError
from mpnn_lab.graph import bond_kinds
from tests.nn.edge_networks import (
    WAYS,
    assert_same,
    complete,
    graph,
    taking,
    taking_what_may_be,
    twins,
)  # fmt: skip

SHARING = ["kinds", "senders"]


@pytest.mark.parametrize("aggr", ["add", "sum", "mean", "max", "min", "std", "median"])
@pytest.mark.parametrize("root_weight", [True, False])
@pytest.mark.parametrize("way", WAYS)
def test_same_numbers_and_gradients(aggr, root_weight, way):
    theirs, ours = twins(aggr=aggr, root_weight=root_weight)
    x, edge_index, edge_attr = graph()
    if aggr == "std":  # the difference of two nearly equal squares needs more digits
        theirs, ours, x, edge_attr = (part.double() for part in (theirs, ours, x, edge_attr))
    if way == "receivers" and aggr not in ("add", "sum", "mean"):
        with taking_what_may_be() as ways:
            ours(x, edge_index, edge_attr)
        assert ways == {"each", "kinds", "senders"}
        return
    with taking(way):
        assert_same(theirs, ours, x, edge_index, edge_attr)


@pytest.mark.parametrize("way", SHARING)
def test_two_aggregations_side_by_side(way):
    # Twice as wide as the root weight and the bias, which PyG's layer cannot have here either.
    theirs, ours = twins(aggr=["mean", "max"], root_weight=False, bias=False)
    x, edge_index, edge_attr = graph()
    with taking(way):
        assert_same(theirs, ours, x, edge_index, edge_attr)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("sizes", [(2,), (4, 4), (1, 5, 2, 9, 5)])
def test_complete_graphs_with_distances(way, sizes):
    theirs, ours = twins()
    with taking(way):
        assert_same(theirs, ours, *complete(*sizes))


def test_kinds_made_with_the_batch_are_used_and_change_nothing():
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    kinds = bond_kinds(edge_attr)
    assert len(kinds[1]) == 4
    expected = theirs(x, edge_index, edge_attr)
    torch.testing.assert_close(ours(x, edge_index, edge_attr, kinds=kinds), expected)
    seen = []
    ours.nn.register_forward_hook(lambda m, i, o: seen.append(len(i[0])))
    ours.nn.rowwise = True  # or the hook would send every edge through
    with taking("kinds"):
        ours(x, edge_index, edge_attr, kinds=kinds)
    assert seen == [4]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("counts", [(20, 10), (7, 40)])
def test_bipartite(way, counts):
    theirs, ours = twins(in_channels=(6, 3))
    senders, receivers = counts
    _, edge_index, edge_attr = graph(senders=senders, nodes=receivers)
    generator = torch.Generator().manual_seed(3)
    x_j = torch.randn(senders, 6, generator=generator)
    x_i = torch.randn(receivers, 3, generator=generator)
    with taking(way):
        assert_same(theirs, ours, (x_j, x_i), edge_index, edge_attr)
        lone = theirs((x_j, None), edge_index, edge_attr, size=counts)
        torch.testing.assert_close(ours((x_j, None), edge_index, edge_attr, size=counts), lone)


def test_no_edges():
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    assert_same(theirs, ours, x, edge_index[:, :0], edge_attr[:0])


@pytest.mark.parametrize("way", SHARING)
def test_the_other_flow(way):
    theirs, ours = twins(flow="target_to_source")
    x, edge_index, edge_attr = graph()
    with taking(way):
        assert_same(theirs, ours, x, edge_index, edge_attr)


def test_batch_statistics_move_as_pygs_do():
    theirs, ours = twins(inner=(nn.BatchNorm1d(12),))
    x, edge_index, edge_attr = graph()
    theirs(x, edge_index, edge_attr)
    ours(x, edge_index, edge_attr)
    torch.testing.assert_close(ours.nn[1].running_mean, theirs.nn[1].running_mean)
    torch.testing.assert_close(ours.nn[1].running_var, theirs.nn[1].running_var)


def test_a_subclass_with_a_message_of_its_own():
    class Twice(EdgeNetworkConv):
        def message(self, x_j, edge_attr):
            return 2 * super().message(x_j, edge_attr)

    theirs, ours = twins(cls=Twice)
    x, edge_index, edge_attr = graph()
    for layer in (theirs, ours):
        layer.lin.weight.data.zero_()
    torch.testing.assert_close(ours(x, edge_index, edge_attr), 2 * theirs(x, edge_index, edge_attr))


def test_edge_features_that_are_not_the_edges():
    _, ours = twins()
    x, edge_index, edge_attr = graph()
    with pytest.raises(InputError, match="edge_attr has 3 rows, edge_index"):
        ours(x, edge_index, edge_attr[:3])


def test_gradients_asked_of_edge_features():
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    grads = []
    for layer in (theirs, ours):
        features = edge_attr.clone().requires_grad_()
        layer(x, edge_index, features).square().sum().backward()
        grads.append(features.grad)
    assert len(torch.unique(grads[0], dim=0)) > 4  # bonds of one kind have gradients of their own
    torch.testing.assert_close(grads[1], grads[0], rtol=1e-4, atol=1e-4)


def test_nan_stays_with_its_edge():
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    kinds = bond_kinds(edge_attr)
    edge_attr = edge_attr.clone()
    edge_attr[3, 1] = float("nan")
    expected = theirs(x, edge_index, edge_attr)
    assert expected.isnan().any()
    for given in (None, kinds):
        got = ours(x, edge_index, edge_attr, kinds=given)
        torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5, equal_nan=True)


def exported(layer, given):
    nodes, edges = torch.export.Dim("nodes"), torch.export.Dim("edges")
    program = torch.export.export(layer, given, dynamic_shapes=({0: nodes}, {1: edges}, {0: edges}))
    return program.module()


@pytest.mark.parametrize(
    "write",
    [exported, lambda m, given: torch.jit.script(m), torch.jit.trace],
    ids=["export", "script", "trace"],
)
@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_a_layer_written_down_runs_on_other_edges(write):
    _, ours = twins()
    x, edge_index, edge_attr = graph()
    written = write(ours, (x, edge_index, edge_attr))
    other = edge_attr.roll(1, 0)[:50]
    got = written(x, edge_index[:, :50], other)
    torch.testing.assert_close(got, ours(x, edge_index[:, :50], other), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("edit", ["value", "order", "length"])
def test_kinds_that_no_longer_fit_are_worked_out_anew(edit):
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    kind, rows = bond_kinds(edge_attr)
    edge_attr = edge_attr.clone()
    if edit == "value":
        edge_attr[3] += 1.0
    elif edit == "order":
        edge_attr = edge_attr.flip(0)
    else:
        kind = kind[:-1]
    expected = theirs(x, edge_index, edge_attr)
    got = ours(x, edge_index, edge_attr, kinds=(kind, rows))
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)


def test_kinds_from_another_batch_out_of_range():
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    kind, rows = bond_kinds(edge_attr)
    got = ours(x, edge_index, edge_attr, kinds=(kind + 100, rows))
    torch.testing.assert_close(got, theirs(x, edge_index, edge_attr), rtol=1e-5, atol=1e-5)


def test_repr_names_what_pygs_does():
    theirs, ours = twins(aggr="mean")
    assert repr(ours) == repr(theirs).replace("NNConv", "EdgeNetworkConv", 1)


def test_reset_parameters_draws_the_same_numbers():
    theirs, ours = twins()
    for layer in (theirs, ours):
        torch.manual_seed(5)
        layer.reset_parameters()
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name


def test_tangents_and_vmap_follow_each_edge_by_itself():
    theirs, ours = twins()
    x, edge_index, edge_attr = graph()
    generator = torch.Generator().manual_seed(9)
    tangent = torch.randn(edge_attr.shape, generator=generator)
    (expected, slope), (got, our_slope) = (
        torch.func.jvp(lambda e, m=m: m(x, edge_index, e), (edge_attr,), (tangent,))
        for m in (theirs, ours)
    )
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(our_slope, slope, rtol=1e-4, atol=1e-4)
    states = torch.stack([x, 2 * x])
    several, ours_several = (
        torch.func.vmap(lambda s, m=m: m(s, edge_index, edge_attr))(states) for m in (theirs, ours)
    )
    torch.testing.assert_close(ours_several, several, rtol=1e-4, atol=1e-4)
