"""One round of message passing: layer, norm, activation, dropout, update, pooling.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from mpnn_lab.nn.supply import Supply


class Round(nn.Module):
    """One round: layer, norm, activation, dropout, update, pooling, in this order.

    Parameters
    ----------
    conv : the layer; states [N, F_in] to [N, F].
    activation, dropout : of what the layer gives.
    update : from what was heard and the states before, both [N, F], to the states after.
    reads : what the layer is given beside states: names of a `Supply`'s fields. With ``history``
        among them it is not given the last states, but all so far, as [N, rounds, F].
    before : whether activation and dropout come before the layer, not after it.
    master : the node that all atoms read from and write to, where there is one.
    norm : of what the layer gives (of the states, where activation comes before), if any.
    pool : what makes the states fewer after the update, where anything does.
    """

    def __init__(
        self,
        conv: nn.Module,
        activation: nn.Module,
        dropout: nn.Module,
        update: nn.Module,
        reads: tuple[str, ...] = ("edge_index",),
        master: nn.Module | None = None,
        *,
        before: bool = False,
        norm: nn.Module | None = None,
        pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv = conv
        self.activation = activation
        self.dropout = dropout
        self.update = update
        self.reads = reads
        self.before = before
        self.master = master
        self.norm = norm
        self.pool = pool

    def prepare(self, h: Tensor, supply: Supply) -> Supply:
        """With what the layer can work out once for all its rounds, where it can."""
        if "prepared" not in self.reads:
            return supply
        conv: Any = self.conv
        prepared = conv.prepare(h, supply.edge_index, supply.edge_attr, kinds=supply.kinds)
        return replace(supply, prepared=prepared)

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply]:
        """States [N, F_in] to states [N', F], and what the next round finds of the graph."""
        given = {name: getattr(supply, name) for name in self.reads}
        x = self.dropout(self.activation(self._normalised(h, h, supply))) if self.before else h
        if "history" in given:
            x = torch.stack(given.pop("history"), dim=1)
        m = self.conv(x, **given)
        if getattr(self.conv, "updates_edges", False):
            m, edges, *u = m
            supply = supply.with_edges(edges)
            if u:
                supply = replace(supply, u=u[0])
        if self.master is not None:
            told, master = self.master(h, supply.master, supply.batch)
            m, supply = m + told, replace(supply, master=master)
        if not self.before:
            m = self._normalised(m, h, supply)
        out: Tensor = self.update(m if self.before else self.dropout(self.activation(m)), h)
        if self.pool is not None:
            out, supply, *_ = self.pool(out, supply)
        return out, supply

    def _normalised(self, x: Tensor, h: Tensor, supply: Supply) -> Tensor:
        if self.norm is None:
            return x
        out: Tensor = self.norm(x, h, supply.batch, supply.graphs)
        return out
