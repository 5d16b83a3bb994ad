"""Towers: states in k parts, each passing messages by itself, mixed after every round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import torch
from torch import Tensor, nn

from mpnn_lab.nn.round import Round
from mpnn_lab.nn.supply import Supply


class Towers(nn.Module):
    r"""k rounds side by side, and a network over what they leave, shared by all atoms.

    .. math:: (h_v^{t,1}, ..., h_v^{t,k}) = g(\tilde h_v^{t,1}, ..., \tilde h_v^{t,k})

    (Gilmer et al. 2017, section 5.4.) Each tower has message and update functions of its own, on
    d / k of the d channels. The paper leaves g open; here it is two linear layers with a ReLU.

    Parameters
    ----------
    towers : k rounds of width d / k.
    width : d.
    """

    def __init__(self, towers: Iterable[Round], width: int) -> None:
        super().__init__()
        self.towers = nn.ModuleList(towers)
        self.mix = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))

    def prepare(self, h: Tensor, supply: Supply) -> Supply:
        """As it is: what one tower could work out for all its rounds is no other's."""
        return supply

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply]:
        """States [N, d_in] to states [N, d], and what the next round finds of the graph."""
        k = len(self.towers)
        parts = zip(self.towers, h.chunk(k, -1), self._supplied(supply), strict=True)
        apart = [tower(h_k, supplied)[0] for tower, h_k, supplied in parts]
        out: Tensor = self.mix(torch.cat(apart, dim=-1))
        return out, supply

    def _supplied(self, supply: Supply) -> list[Supply]:
        """The graph as each tower finds it: of first and former states its own channels."""
        k = len(self.towers)
        former = [[h.chunk(k, -1)[n] for h in supply.history] for n in range(k)]
        return [
            replace(supply, x_0=x_0, history=tuple(history))
            for x_0, history in zip(supply.x_0.chunk(k, -1), former, strict=True)
        ]
