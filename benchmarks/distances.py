"""EdgeNetworkConv against PyG's NNConv on complete graphs with distances: each edge differs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch_geometric.nn import NNConv

import mpnn_lab as ml
from benchmarks import Row
from benchmarks.edge_network import kept_bytes
from benchmarks.timing import medians

WIDTH, HIDDEN, COLUMNS = 64, 128, 5
EQUAL = (18,) * 20
"""20 molecules, 360 atoms, 6,120 directed edges."""
UNEQUAL = tuple(range(9, 29))
"""As many molecules of 9 to 28 atoms: 370 atoms, 7,140 edges, twenty different degrees."""


def rows() -> list[Row]:
    """Time of forward and backward, and the bytes kept for the backward pass."""
    return [*_rows(EQUAL, "equal sizes", faster=8), *_rows(UNEQUAL, "unequal sizes", faster=5)]


def _rows(sizes: Sequence[int], name: str, faster: float) -> list[Row]:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    edge_index, edge_attr = (part.to(device) for part in complete_graphs(sizes))
    torch.manual_seed(0)
    theirs = NNConv(WIDTH, WIDTH, _network()).to(device)
    ours = ml.EdgeNetworkConv(WIDTH, WIDTH, _network()).to(device)
    ours.load_state_dict(theirs.state_dict())
    messages = ml.EdgeNetworkConv(WIDTH, WIDTH, _network()).to(device).eval()
    messages.load_state_dict(theirs.state_dict())  # in eval mode, where messages are kept
    x = torch.randn(sum(sizes), WIDTH, device=device)

    def call(layer: nn.Module) -> Tensor:
        out: Tensor = layer(x.clone().requires_grad_(), edge_index, edge_attr)
        return out

    def step(layer: nn.Module) -> Callable[[], None]:
        def run() -> None:
            call(layer).square().sum().backward()
            if device == "cuda":
                torch.cuda.synchronize()

        return run

    layers = (theirs, ours, messages)
    expected = call(theirs)
    scale = float(expected.detach().abs().max())
    for layer in layers[1:]:
        torch.testing.assert_close(call(layer) / scale, expected / scale, rtol=1e-5, atol=1e-5)
    pyg, mine, kept = (1e3 * t for t in medians([step(la) for la in layers], repeats=9))
    saved = [kept_bytes(lambda la=la: call(la)) / 1e6 for la in layers]
    where = f"{name}, {edge_index.shape[1]} edges"
    if device == "cuda":
        where = f"{where}, {torch.cuda.get_device_name()}"
    return [
        Row(f"distances on complete graphs, training ({where})", "ms", mine, pyg, faster),
        Row(f"distances, messages kept ({name})", "ms", kept, pyg, faster),
        Row(f"distances, kept for the backward pass ({name})", "MB", saved[1], saved[0], 5),
        Row(f"distances, kept beside messages ({name})", "MB", saved[2], saved[0], 5),
    ]


def complete_graphs(sizes: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Edges both ways between all atoms of each molecule, and powers of their distance."""
    generator = torch.Generator().manual_seed(0)
    pairs, start = [], 0
    for size in sizes:
        pairs.append(torch.combinations(torch.arange(start, start + size)).t())
        start += size
    one_way = torch.cat(pairs, dim=1)
    edge_index = torch.cat([one_way, one_way.flip(0)], dim=1)
    place = torch.randn(start, 3, generator=generator)
    distance = (place[edge_index[0]] - place[edge_index[1]]).norm(dim=1)
    return edge_index, torch.stack([distance**power for power in range(COLUMNS)], dim=1) / 10


def _network() -> nn.Module:
    return nn.Sequential(nn.Linear(COLUMNS, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, WIDTH * WIDTH))
