"""The input as wide as the states, by zeros instead of a projection."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ZeroPad(nn.Module):
    """h⁰ = [x, 0, ..., 0] (Gilmer et al. 2017, section 6: padded up to the width of the states).

    Parameters
    ----------
    columns, width : widths of x and of h⁰; the second is not the smaller.
    """

    def __init__(self, columns: int, width: int) -> None:
        super().__init__()
        self.zeros = width - columns

    def forward(self, x: Tensor) -> Tensor:
        """Features [N, columns] to states [N, width]."""
        return torch.cat([x, x.new_zeros(len(x), self.zeros)], dim=-1)
