"""A pooling between rounds: atoms drop out or merge.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch_geometric.utils import add_remaining_self_loops

from mpnn_lab.nn.supply import Supply


class Pool(nn.Module):
    """A pooling, from states and graph to fewer states and their graph.

    Parameters
    ----------
    name : ``"top k"``, ``"sag"``, ``"asa"`` or ``"edge"``.
    module : PyG's pooling of that name.
    """

    def __init__(self, name: str, module: nn.Module) -> None:
        super().__init__()
        self.name = name
        self.module = module

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply, Tensor, Tensor]:
        """States [N, F] to [N', F], and their graph.

        Also which node before the pooling belongs to which after it, int64 [2, P], and the node
        [N'] whose row stays (of a cluster its centre); none [0] where rows are added up.
        """
        if self.name == "edge":
            return self._contracted(h, supply)
        if self.name == "asa":
            return self._clustered(h, supply)
        edges = torch.arange(supply.edge_index.shape[1], device=h.device)
        h, edge_index, kept, batch, perm, _ = self.module(h, supply.edge_index, edges, supply.batch)
        kinds = supply.kinds and (supply.kinds[0][kept], supply.kinds[1])
        smaller = replace(
            supply, edge_index=edge_index, edge_attr=supply.edge_attr[kept], kinds=kinds,
            x_0=supply.x_0[perm], batch=batch,
            given_pos=None if supply.given_pos is None else supply.given_pos[perm],
            atoms=supply.atoms[perm], prepared=None,
            bonds=None if supply.bonds is None else supply.bonds[kept],
        )  # fmt: skip
        return h, smaller, torch.stack([perm, torch.arange(len(perm), device=h.device)]), perm

    def _clustered(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply, Tensor, Tensor]:
        """Every atom with its neighbours is a cluster; those with the best score stay."""
        nodes = len(h)
        ones = h.new_ones(supply.edge_index.shape[1])  # else PyG takes them of single precision
        h, edge_index, _, batch, perm = self.module(h, supply.edge_index, ones, supply.batch)
        source, target = add_remaining_self_loops(supply.edge_index, num_nodes=nodes)[0]
        after = torch.full((nodes,), -1, device=h.device)
        after[perm] = torch.arange(len(perm), device=h.device)
        stays = after[target] >= 0
        members = torch.stack([source[stays], after[target[stays]]])
        return h, _coarse(supply, edge_index, batch), members, perm

    def _contracted(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply, Tensor, Tensor]:
        """Bonds are contracted; the nodes are then brought into the order of their molecules."""
        h, edge_index, batch, info = self.module(h, supply.edge_index, supply.batch)
        batch, order = batch.sort(stable=True)
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order), device=order.device)
        before = torch.arange(len(info.cluster), device=h.device)
        members = torch.stack([before, place[info.cluster]])
        return h[order], _coarse(supply, place[edge_index], batch), members, order[:0]


def _coarse(supply: Supply, edge_index: Tensor, batch: Tensor) -> Supply:
    """The graph of merged atoms: its edges have no features, its nodes no place."""
    nothing = supply.x_0.new_zeros
    return replace(
        supply, edge_index=edge_index, edge_attr=nothing(edge_index.shape[1], 0), kinds=None,
        x_0=nothing(len(batch), 0), batch=batch, given_pos=None,
        atoms=nothing(len(batch), 0), prepared=None, bonds=None,
    )  # fmt: skip
