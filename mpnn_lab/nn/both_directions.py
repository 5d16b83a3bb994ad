"""Two channels: messages along the edges and against them, by layers of their own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class BothDirections(nn.Module):
    r"""What comes in along the edges and what comes in against them, side by side.

    .. math:: m_v = [m_v^{in}, m_v^{out}]

    (Gilmer et al. 2017, section 5; Li et al. 2016, arXiv:1511.05493.) Each bond is an edge both
    ways, so that both layers hear every neighbour; each has weights of its own.

    Parameters
    ----------
    along, against : layers of one width.
    """

    def __init__(self, along: nn.Module, against: nn.Module) -> None:
        super().__init__()
        self.along, self.against = along, against

    def forward(self, x: Tensor, edge_index: Tensor, **given: Any) -> Tensor:
        """States [N, in] and edges [2, E] to messages [N, 2 out]."""
        heard = self.along(x, edge_index=edge_index, **given)
        other = self.against(x, edge_index=edge_index.flip(0), **given)
        return torch.cat([heard, other], dim=-1)
