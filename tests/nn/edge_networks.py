"""PyG's NNConv and ours with the same weights, a graph for both, and the comparison."""

import torch
from torch import nn
from torch_geometric.nn import NNConv

from mpnn_lab import EdgeNetworkConv

COLUMNS, NODES, EDGES = 5, 30, 90


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


def twins(in_channels=6, out_channels=7, *, inner=(), cls=EdgeNetworkConv, **options):
    """PyG's layer and ours, with PyG's weights taken over key for key."""
    width = in_channels if isinstance(in_channels, int) else in_channels[0]
    theirs, ours = (
        cls(in_channels, out_channels, network(COLUMNS, width * out_channels, *inner), **options)
        for cls in (NNConv, cls)
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


def shared(layer: EdgeNetworkConv, edge_attr) -> bool:
    """Whether the layer would use one matrix a kind."""
    return layer._matrices(edge_attr, None)[0] is not None
