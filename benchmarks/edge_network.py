"""EdgeNetworkConv against PyG's NNConv: 128 drug-like molecules, F = 64, hidden 128."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch_geometric.nn import NNConv

import mpnn_lab as ml
from benchmarks import Row
from benchmarks.molecules import batch
from benchmarks.timing import medians

WIDTH, HIDDEN = 64, 128


def rows() -> list[Row]:
    """Time of forward and backward, and the bytes kept for the backward pass."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = batch().to(device)
    columns = data.edge_attr.shape[1]

    def network() -> nn.Module:
        return nn.Sequential(
            nn.Linear(columns, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, WIDTH * WIDTH)
        )

    torch.manual_seed(0)
    theirs = NNConv(WIDTH, WIDTH, network()).to(device)
    ours = ml.EdgeNetworkConv(WIDTH, WIDTH, network()).to(device)
    ours.load_state_dict(theirs.state_dict())
    x = torch.randn(data.num_nodes, WIDTH, device=device)
    plain = nn.Linear(WIDTH, WIDTH).to(device)
    kinds = (data.edge_kind, data.kind_attr)
    edges = (data.edge_index, data.edge_attr)

    def with_kinds(h: Tensor) -> Tensor:
        out: Tensor = ours(h, *edges, kinds=kinds)
        return out

    def step(layer: Callable[[Tensor], Tensor]) -> Callable[[], None]:
        def run() -> None:
            layer(x.clone().requires_grad_()).square().sum().backward()
            if device == "cuda":
                torch.cuda.synchronize()

        return run

    layers = (lambda h: theirs(h, *edges), with_kinds, lambda h: ours(h, *edges), plain)
    torch.testing.assert_close(layers[1](x), layers[0](x), rtol=1e-4, atol=1e-4)
    pyg, made, found, floor = (1e3 * t for t in medians([step(la) for la in layers], repeats=11))
    size = f"{data.num_graphs} molecules, {data.num_edges} edges, {len(data.kind_attr)} kinds"
    if device == "cuda":
        size = f"{size}, {torch.cuda.get_device_name()}"
    saved = [kept_bytes(lambda la=la: la(x.clone().requires_grad_())) / 1e6 for la in layers[:2]]
    return [
        Row(f"edge network, kinds made with the batch ({size})", "ms", made, pyg, at_least=20),
        Row("edge network, kinds found on every call", "ms", found, pyg, at_least=10),
        Row("edge network against one linear layer on the atoms", "ms", made, floor),
        Row("edge network, kept for the backward pass", "MB", saved[1], saved[0], at_least=10),
    ]


def kept_bytes(run: Callable[[], Tensor]) -> int:
    """Bytes that autograd keeps for the backward pass; parameters and shared memory once."""
    seen: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        whole = tensor if tensor._base is None else tensor._base
        if not whole.is_leaf or not whole.requires_grad:  # parameters are there anyway
            seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda t: t):
        out = run()
    del out
    return sum(seen.values())
