"""A pooling between rounds: atoms drop out or merge.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import EdgePooling
from torch_geometric.nn.pool.select import SelectOutput, SelectTopK
from torch_geometric.utils import add_remaining_self_loops, scatter

from mpnn_lab.nn.supply import Supply

FINEST = 2.0**-20
"""Scores nearer than this, of numbers of about one, are one score."""


class OrderedEdgePooling(EdgePooling):
    """PyG's edge contraction; of bonds with one score the first in the molecule goes first.

    PyG leaves their order to a sort that is not stable, so that which of them is contracted would
    depend on the molecules that share the batch.
    """

    def _merge_edges(
        self, x: Tensor, edge_index: Tensor, batch: Tensor, edge_score: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Any]:
        count = len(edge_score)
        order = (edge_score.detach() / FINEST).round().argsort(descending=True, stable=True)
        places = torch.empty_like(order)
        places[order] = torch.arange(count, device=order.device)
        # Whole numbers, all different, and none of them the 1 of a node that stays alone.
        ranks = (count + 1 - places).double()
        _, edge_index, batch, info = super()._merge_edges(x.double(), edge_index, batch, ranks)
        ranked = info.new_edge_score.long()
        chosen = ranked[ranked > 1]  # those of merged nodes come first
        score = x.new_ones(len(ranked))
        score[: len(chosen)] = edge_score[order[count + 1 - chosen]]
        merged = scatter(x, info.cluster, dim=0, dim_size=len(ranked), reduce="sum")
        info = info._replace(new_edge_score=score)
        return merged * score.unsqueeze(1), edge_index, batch, info


class OrderedSelect(SelectTopK):
    """PyG's choice of the best scores; of scores that are one the first in the molecule is better.

    PyG leaves their order to a sort that is not stable, and atoms that are alike to the last bits
    of their scores, so that which of them stays would depend on the molecules that share the batch.

    Parameters
    ----------
    select : what it takes the place of, with whose weight it goes on.
    """

    def __init__(self, select: SelectTopK) -> None:
        super().__init__(select.in_channels, select.ratio, select.min_score, select.act)
        self.weight = select.weight

    def forward(self, x: Tensor, batch: Tensor) -> SelectOutput:
        """Scores [N] or states [N, F], and each one's molecule, to those that stay, best first."""
        x = x.view(len(x), -1)
        score = self.act((x * self.weight).sum(dim=-1) / self.weight.norm(p=2, dim=-1))
        count = batch.bincount()
        stay = (float(self.ratio) * count.to(score.dtype)).ceil().long()
        best = (score.detach() / FINEST).round().argsort(descending=True, stable=True)
        best = best[batch[best].argsort(stable=True)]
        place = torch.arange(len(best), device=x.device) - (count.cumsum(0) - count)[batch[best]]
        kept = best[place < stay[batch[best]]]
        clusters = torch.arange(len(kept), device=x.device)
        return SelectOutput(kept, len(x), clusters, len(kept), score[kept])


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
        if isinstance(select := getattr(module, "select", None), SelectTopK):
            module.select = OrderedSelect(select)

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
