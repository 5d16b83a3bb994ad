"""How the aggregated message m_i changes the state h_i: the U_t of Gilmer et al. (2017)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class NoUpdate(nn.Module):
    """h' = m."""

    def forward(self, m: Tensor, h: Tensor) -> Tensor:
        """Both [N, F]; gives [N, F]."""
        return m


class ResidualUpdate(nn.Module):
    """h' = h + m (He et al. 2016, arXiv:1512.03385)."""

    def forward(self, m: Tensor, h: Tensor) -> Tensor:
        """Both [N, F]; gives [N, F]."""
        return h + m


class DenseUpdate(nn.Module):
    """h' = [h, m] (Huang et al. 2017, arXiv:1608.06993)."""

    def forward(self, m: Tensor, h: Tensor) -> Tensor:
        """Take [N, F] and [N, F_in]; gives [N, F_in + F]."""
        return torch.cat([h, m], dim=-1)


class GRUUpdate(nn.Module):
    """h' = GRU(m, h) (Li et al. 2016, arXiv:1511.05493).

    r = σ(m W_ir + h W_hr + b), z = σ(m W_iz + h W_hz + b),
    n = tanh(m W_in + b + r (h W_hn + b)), h' = (1 - z) n + z h. `heard` is the width of m.
    """

    def __init__(self, width: int, heard: int) -> None:
        super().__init__()
        self.cell = nn.GRUCell(heard, width)

    def forward(self, m: Tensor, h: Tensor) -> Tensor:
        """Both [N, F]; gives [N, F]."""
        out: Tensor = self.cell(m, h)
        return out


class MLPUpdate(nn.Module):
    """h' = MLP([h, m]): two linear layers with a ReLU between them.

    (Battaglia et al. 2016, arXiv:1612.00222: the update of interaction networks, there with the
    effects of the outside beside.)
    """

    def __init__(self, width_in: int, heard: int, width: int) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(width_in + heard, width), nn.ReLU(), nn.Linear(width, width)
        )

    def forward(self, m: Tensor, h: Tensor) -> Tensor:
        """The message [N, F] and the state [N, F_in]; gives [N, F]."""
        out: Tensor = self.mlp(torch.cat([h, m], dim=-1))
        return out


def build_update(name: str, width: int, heard: int, width_in: int) -> nn.Module:
    """The update or block of this name for states of `width` channels, messages of `heard`.

    `width_in` is that of the states before, which an update by an MLP takes in any width.
    """
    if name == "mlp":
        return MLPUpdate(width_in, heard, width)
    if name == "gru":
        return GRUUpdate(width, heard)
    named: dict[str, type[nn.Module]] = {
        "none": NoUpdate,
        "plain": NoUpdate,
        "dense": DenseUpdate,
        **dict.fromkeys(("residual", "res", "res+"), ResidualUpdate),
    }
    return named[name]()
