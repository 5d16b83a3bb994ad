"""Interaction networks (Battaglia et al. 2016)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


def two_layers(width_in: int, hidden: int, width: int) -> nn.Sequential:
    """Two linear layers with a ReLU between them."""
    return nn.Sequential(nn.Linear(width_in, hidden), nn.ReLU(), nn.Linear(hidden, width))


class InteractionConv(MessagePassing):
    r"""Networks over both ends and the bond, and over state, outside effect and message.

    .. math::
        m_i = \square_{j \in N(i)} M([h_i, h_j, e_{ij}]), \qquad
        h_i' = U([h_i, x_i, m_i])

    (Battaglia et al. 2016, "Interaction Networks for Learning about Objects, Relations and
    Physics", arXiv:1612.00222, as in Gilmer et al. 2017, section 2.) x_i is what acts on node i
    from outside; of a molecule it is the atom's first state, h⁰_i. The original is one round.

    Parameters
    ----------
    in_channels, out_channels : widths of h_i and h_i'.
    edge_dim : width of e_ij.
    effect_dim : width of x_i.
    hidden : width between the two linear layers of M and of U.
    """

    def __init__(
        self, in_channels: int, out_channels: int, edge_dim: int, effect_dim: int,
        hidden: int = 64, aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(aggr=aggr)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.message_nn = two_layers(2 * in_channels + edge_dim, hidden, out_channels)
        self.update_nn = two_layers(in_channels + effect_dim + out_channels, hidden, out_channels)

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor, x_0: Tensor) -> Tensor:
        """States [N, in], edges, their features [E, D], effects [N, X] to states [N, out]."""
        m = self.propagate(edge_index, x=x, edge_attr=edge_attr)
        out: Tensor = self.update_nn(torch.cat([x, x_0, m], dim=-1))
        return out

    def message(self, x_i: Tensor, x_j: Tensor, edge_attr: Tensor) -> Tensor:
        """M([h_i, h_j, e_ij]), shape [E, out]."""
        out: Tensor = self.message_nn(torch.cat([x_i, x_j, edge_attr], dim=-1))
        return out
