"""Contraction over hidden units against loops, finite differences and PyG's NNConv."""

from contextlib import nullcontext

import pytest
import torch
from torch import nn
from torch._subclasses import FakeTensorMode
from torch_geometric import EdgeIndex
from torch_geometric.nn import NNConv
from torch_geometric.nn.dense.linear import Linear

from mpnn_lab import EdgeNetworkConv
from mpnn_lab.nn.contraction import sort_ends, split_last
from tests.nn.edge_networks import (
    COLUMNS,
    WAYS,
    assert_same,
    complete,
    taking,
    taking_what_may_be,
    twins,
)

CONTRACTED = ["senders", "receivers"]


@pytest.mark.parametrize("way", CONTRACTED)
@pytest.mark.parametrize("aggr", ["add", "mean"])
@pytest.mark.parametrize("biased", [True, False])
def test_against_a_loop_over_edges_and_channels(way, aggr, biased):
    x, edge_index, edge_attr = (t.double() if t.is_floating_point() else t for t in complete(3, 2))
    edge_index = edge_index[:, 1:]  # ragged, and asymmetric
    edge_attr = edge_attr[1:]
    network = nn.Sequential(nn.Linear(COLUMNS, 3), nn.Tanh(), nn.Linear(3, 12, bias=biased))
    layer = EdgeNetworkConv(6, 2, network, aggr=aggr, root_weight=False, bias=False).double()
    expected = torch.zeros(5, 2, dtype=torch.float64)
    heard = torch.zeros(5)
    for e, (j, i) in enumerate(edge_index.t().tolist()):
        matrix = network(edge_attr[e]).view(6, 2)
        for row in range(6):
            for column in range(2):
                expected[i, column] += x[j, row] * matrix[row, column]
        heard[i] += 1
    if aggr == "mean":
        expected /= heard.clamp(min=1).unsqueeze(1)
    with taking(way):
        torch.testing.assert_close(layer(x, edge_index, edge_attr), expected)


@pytest.mark.parametrize("way", CONTRACTED)
def test_gradients_of_states_distances_and_weights_twice(way):
    network = nn.Sequential(nn.Linear(COLUMNS, 3), nn.Tanh(), nn.Linear(3, 4))
    layer = EdgeNetworkConv(2, 2, network).double()
    x, edge_index, edge_attr = complete(3, 2)
    x = x[:, :2].double().requires_grad_()
    edge_attr = edge_attr.double().requires_grad_()
    names, values = zip(*layer.named_parameters(), strict=True)

    def run(x, edge_attr, *parameters):
        given = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, given, (x, edge_index, edge_attr))

    with taking(way):
        assert torch.autograd.gradcheck(run, (x, edge_attr, *values))
        assert torch.autograd.gradgradcheck(run, (x, edge_attr, *values))


@pytest.mark.parametrize("way", CONTRACTED)
def test_isolated_atoms_and_parallel_edges(way):
    theirs, ours = twins()
    x = complete(9)[0]
    edge_index = torch.tensor([[4, 4, 4, 0, 7], [0, 0, 4, 7, 0]])
    edge_attr = complete(9)[2][:5]
    with taking(way):
        assert_same(theirs, ours, x, edge_index, edge_attr)


@pytest.mark.parametrize("way", CONTRACTED)
def test_what_is_not_finite_stays_where_it_is(way):
    theirs, ours = twins()
    for place in (0, 2):
        given = list(complete(4, 3))
        given[place] = given[place].clone()
        given[place][2, 1] = float("nan")
        with taking(way):
            got = ours(*given)
        torch.testing.assert_close(got, theirs(*given), rtol=1e-5, atol=1e-5, equal_nan=True)
        assert got.isnan().any()
        assert got.isfinite().any()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("order", ["row", "col"])
def test_sorted_edge_indices(way, order):
    theirs, ours = twins()
    x, edge_index, edge_attr = complete(4, 3)
    edges, places = EdgeIndex(edge_index, sparse_size=(7, 7)).sort_by(order)
    with taking(way):
        assert_same(theirs, ours, x, edges, edge_attr[places])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shift", [-1, 5])
def test_edges_of_atoms_that_are_not_there(way, shift):
    theirs, ours = twins()
    x, edge_index, edge_attr = complete(4, 3)
    with pytest.raises(IndexError) as expected:
        theirs(x, edge_index + shift, edge_attr)
    with taking(way), pytest.raises(IndexError) as got:
        ours(x, edge_index + shift, edge_attr)
    assert str(got.value) == str(expected.value)


@pytest.mark.parametrize("way", WAYS)
def test_half_precision_by_autocast(way):
    theirs, ours = twins()
    x, edge_index, edge_attr = complete(4, 7)
    results = []
    for layer in (theirs, ours):
        states = x.clone().requires_grad_()
        with torch.autocast("cpu", torch.bfloat16), taking(way) if layer is ours else nullcontext():
            out = layer(states, edge_index, edge_attr)
        out.float().square().mean().backward()
        results.append((out, states.grad, layer.nn[-1].weight.grad))
    for expected, got in zip(*results, strict=True):
        assert got.dtype == expected.dtype
        error = (got - expected).abs().max() / expected.abs().max()
        assert error < 0.03  # bfloat16 has eight bits


@pytest.mark.parametrize("way", ["kinds", *CONTRACTED])
# Dynamo looks at states in between and hides what torch says to that, but not from pytest.
@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor:UserWarning")
def test_compiled(way):
    torch._dynamo.reset()
    theirs, ours = twins()
    compiled = torch.compile(ours, backend="aot_eager")
    with taking(way):
        for given in (complete(4, 7), complete(3, 9, 2)):
            x = given[0].clone().requires_grad_()
            out = compiled(x, *given[1:])
            torch.testing.assert_close(out, theirs(*given), rtol=1e-5, atol=1e-5)
            weight = theirs.nn[-1].weight
            expected = torch.autograd.grad(theirs(*given).square().sum(), weight)
            got = torch.autograd.grad(out.square().sum(), ours.nn[-1].weight)
            torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("way", ["kinds", *CONTRACTED])
def test_tangents_and_vmap_over_states(way):
    theirs, ours = twins()
    x, edge_index, edge_attr = complete(4, 3)
    with taking(way):
        expected, got = (
            torch.func.vmap(lambda s, m=m: m(s, edge_index, edge_attr))(torch.stack([x, 2 * x]))
            for m in (theirs, ours)
        )
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
        slopes = [
            torch.func.jvp(lambda s, m=m: m(s, edge_index, edge_attr), (x,), (x.flip(0),))
            for m in (theirs, ours)
        ]
    torch.testing.assert_close(slopes[1], slopes[0], rtol=1e-4, atol=1e-4)


def test_edge_features_and_edges_under_vmap_are_given_to_every_edge():
    theirs, ours = twins()
    x, edge_index, edge_attr = complete(4, 3)
    features, ends = torch.stack([edge_attr, edge_attr + 1]), torch.stack([edge_index] * 2)
    for run, batch in (
        (lambda m: lambda e: m(x, edge_index, e), features),
        (lambda m: lambda k: m(x, k, edge_attr), ends),
    ):
        with taking_what_may_be() as ways:
            expected, got = (torch.func.vmap(run(m))(batch) for m in (theirs, ours))
        torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-4)
        assert ways == set()


@pytest.mark.parametrize("mode", ["meta", "fake"])
def test_shapes_without_values(mode):
    _, ours = twins()
    given = complete(4, 3)
    if mode == "meta":
        assert ours.to("meta")(*(t.to("meta") for t in given)).shape == (7, 7)
        return
    with FakeTensorMode(allow_non_fake_inputs=True) as fake:
        assert ours(*map(fake.from_tensor, given)).shape == (7, 7)


def test_hooks_on_messages_keep_them():
    theirs, ours = twins()
    given = complete(4, 3)
    seen = []
    handle = ours.register_message_forward_hook(lambda m, i, out: seen.append(out))
    with taking_what_may_be() as ways:
        ours(*given)
    assert ways == {"each", "kinds", "senders"}
    with taking("senders"):
        ours(*given)
    each = ours.nn(given[2]).view(-1, 6, 7)
    expected = (given[0][given[1][0]].unsqueeze(1) @ each).squeeze(1)
    torch.testing.assert_close(seen[-1], expected, rtol=1e-5, atol=1e-5)
    handle.remove()
    for layer in (theirs, ours):  # a hook that sends other states than the sender's
        layer.register_message_forward_pre_hook(
            lambda m, i: ({**i[0], "x_j": i[0]["x_j"] * torch.arange(18).unsqueeze(1)},)
        )
    with taking_what_may_be() as ways:
        torch.testing.assert_close(ours(*given), theirs(*given), rtol=1e-5, atol=1e-4)
    assert ways == {"each", "kinds"}


@pytest.mark.parametrize("change", ["eval", "explain", "propagate"])
def test_messages_are_computed_where_somebody_may_ask(change):
    _, ours = twins()
    if change == "eval":
        ours.eval()
    elif change == "explain":
        ours.explain = True
    else:
        ours.register_propagate_forward_pre_hook(lambda m, i: None)
    with taking_what_may_be() as ways:
        if change != "explain":  # PyG's explain mode wants a mask to go on
            ours(*complete(4, 3))
        else:
            ours.prepare(*complete(4, 3))
    assert ways == {"each", "kinds", "senders"}


@pytest.mark.parametrize(
    ("network", "hidden"),
    [
        (nn.Linear(COLUMNS, 42), COLUMNS),
        (nn.Sequential(nn.Linear(COLUMNS, 8), nn.Sequential(nn.ReLU(), Linear(8, 42))), 8),
        (nn.Sequential(nn.Linear(COLUMNS, 8), nn.LayerNorm(8), nn.Linear(8, 42, bias=False)), 8),
        (nn.Sequential(nn.Linear(COLUMNS, 42), nn.Tanh()), None),
        (nn.utils.parametrizations.weight_norm(nn.Linear(COLUMNS, 42)), None),
        (nn.Sequential(), None),
    ],
)
def test_networks_that_end_in_a_linear_layer(network, hidden):
    end = split_last(network)
    assert (None if end is None else end[1].weight.shape[1]) == hidden
    if hidden is None:
        return
    theirs = NNConv(6, 7, network)
    ours = EdgeNetworkConv(6, 7, network)
    ours.load_state_dict(theirs.state_dict())
    for way in CONTRACTED:
        with taking(way):
            assert_same(theirs, ours, *complete(3, 5))


def test_hooks_on_what_would_not_be_called_forbid_it():
    for place in ((), (2,)):
        _, ours = twins()
        part = ours.nn if not place else ours.nn[2]
        part.register_forward_hook(lambda m, i, o: None)
        assert split_last(ours.nn) is None


def test_edges_sorted_by_the_degree_of_their_atom():
    index = torch.tensor([5, 0, 5, 2, 0, 3])
    ends = sort_ends(index, 7)
    assert index[ends.order].tolist() == [2, 3, 0, 0, 5, 5]
    assert ends.order.tolist() == [3, 5, 1, 4, 0, 2]  # in the order given
    assert ends.nodes.tolist() == [2, 3, 0, 5]
    assert index[ends.first].tolist() == ends.nodes.tolist()
    assert (ends.degrees, ends.counts) == ([1, 2], [2, 2])
    assert sort_ends(index, 5) is None
