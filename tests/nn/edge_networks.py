"""PyG's NNConv and ours with the same weights, a graph for both, and the comparison."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import torch
from torch import nn
from torch_geometric.nn import NNConv

from mpnn_lab import EdgeNetworkConv
from mpnn_lab.nn import ways

COLUMNS, NODES, EDGES = 5, 30, 90
WAYS = ["each", "kinds", "senders", "receivers"]


@contextmanager
def taking(way: str) -> Iterator[list[str]]:
    """Choose this way, which has to be among those that may be taken; lists when it was."""
    taken = []

    def choose(sizes, device="cpu"):
        assert way in ways.costs(sizes, device), f"{way} may not be taken: {sizes}"
        taken.append(way)
        return way

    with patch.object(ways, "cheapest", choose):
        yield taken
    assert taken, f"nobody asked which way to take, so {way} was not"


@contextmanager
def taking_what_may_be() -> Iterator[set[str]]:
    """Choose as always; lists the ways that might have been taken."""
    allowed, cheapest = set(), ways.cheapest

    def choose(sizes, device="cpu"):
        allowed.update(ways.costs(sizes, device))
        return cheapest(sizes, device)

    with patch.object(ways, "cheapest", choose):
        yield allowed


def complete(*sizes: int, seed: int = 0):
    """States, edges and distances of a batch of complete graphs of these sizes, all different."""
    generator = torch.Generator().manual_seed(seed)
    starts = torch.tensor([0, *sizes]).cumsum(0)
    edges = [
        (torch.combinations(torch.arange(n)) + start).t()
        for n, start in zip(sizes, starts[:-1], strict=True)
    ]
    one_way = torch.cat(edges, dim=1)
    edge_index = torch.cat([one_way, one_way.flip(0)], dim=1)
    edge_index = edge_index[:, torch.randperm(edge_index.shape[1], generator=generator)]
    where = torch.randn(sum(sizes), 3, generator=generator)
    apart = (where[edge_index[0]] - where[edge_index[1]]).norm(dim=1, keepdim=True)
    edge_attr = torch.cat([torch.exp(-k * apart / 3) for k in range(COLUMNS)], dim=1)
    return torch.randn(sum(sizes), 6, generator=generator), edge_index, edge_attr


def network(columns: int, size: int, *inner: nn.Module) -> nn.Sequential:
    return nn.Sequential(nn.Linear(columns, 12), *inner, nn.ReLU(), nn.Linear(12, size))


def graph(kinds: int = 4, nodes: int = NODES, edges: int = EDGES, senders: int | None = None):
    """States, edges and edge features of which only `kinds` rows differ."""
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(kinds, COLUMNS, generator=generator)
    edge_attr = rows[torch.randint(kinds, (edges,), generator=generator)]
    sources = torch.randint(senders or nodes, (edges,), generator=generator)
    targets = torch.randint(nodes, (edges,), generator=generator)
    x = torch.randn(nodes, 6, generator=generator)
    return x, torch.stack([sources, targets]), edge_attr


def twins(in_channels=6, out_channels=7, *, inner=(), cls=EdgeNetworkConv, seed=0, **options):
    """PyG's layer and ours, with PyG's weights taken over key for key."""
    width = in_channels if isinstance(in_channels, int) else in_channels[0]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        theirs, ours = (
            c(in_channels, out_channels, network(COLUMNS, width * out_channels, *inner), **options)
            for c in (NNConv, cls)
        )
    ours.load_state_dict(theirs.state_dict())
    theirs.load_state_dict(ours.state_dict())
    assert list(ours.state_dict()) == list(theirs.state_dict())
    return theirs, ours


def assert_same(theirs, ours, x, *args, **kwargs):
    """Same result, same gradients of states and of every parameter."""
    results = []
    for layer in (theirs, ours):
        states = tuple(s.clone().requires_grad_() for s in (x if isinstance(x, tuple) else (x,)))
        out = layer(states if isinstance(x, tuple) else states[0], *args, **kwargs)
        weights = torch.linspace(-1, 1, out.numel()).view_as(out)
        parameters = dict(layer.named_parameters())
        grads = torch.autograd.grad(
            (out * weights).sum(), [*states, *parameters.values()], allow_unused=True
        )
        names = [*(f"x[{k}]" for k in range(len(states))), *parameters]
        results.append((out, dict(zip(names, grads, strict=True))))
    (expected, expected_grads), (got, got_grads) = results
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=1e-5)
    for name, grad in expected_grads.items():
        if grad is None:
            assert got_grads[name] is None, name
        else:
            torch.testing.assert_close(got_grads[name], grad, rtol=1e-4, atol=1e-4, msg=name)


def shares(layer: EdgeNetworkConv, edge_attr) -> bool:
    """Whether one matrix a kind may be used, and hidden units be contracted over."""
    with taking_what_may_be() as ways:
        layer(*graph()[:2], edge_attr)
    assert ways in (set(), {"each", "kinds", "senders"}, set(WAYS))
    return bool(ways)
