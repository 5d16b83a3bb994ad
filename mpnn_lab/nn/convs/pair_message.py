"""The pair message of Gilmer et al. (2017), section 5.1."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.nn import MessagePassing

from mpnn_lab.nn.convs.interaction import two_layers


class PairMessageConv(MessagePassing):
    r"""A network over both ends and the bond.

    .. math:: m_i = \square_{j \in N(i)} f([h_j, h_i, e_{ij}])

    (Gilmer et al. 2017, section 5.1, "pair message".) It gives the aggregated message alone: the
    GRU is the round's update. The paper leaves f open; here it is two linear layers with a ReLU.

    Parameters
    ----------
    in_channels, out_channels : widths of h_j and m_i.
    edge_dim : width of e_ij.
    hidden : width between the two linear layers of f.
    """

    def __init__(
        self, in_channels: int, out_channels: int, edge_dim: int, hidden: int = 64,
        aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(aggr=aggr)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.nn = two_layers(2 * in_channels + edge_dim, hidden, out_channels)

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        """States [N, in], edges [2, E] and their features [E, D] to messages [N, out]."""
        out: Tensor = self.propagate(edge_index, x=x, edge_attr=edge_attr)
        return out

    def message(self, x_i: Tensor, x_j: Tensor, edge_attr: Tensor) -> Tensor:
        """f([h_j, h_i, e_ij]), shape [E, out]."""
        out: Tensor = self.nn(torch.cat([x_j, x_i, edge_attr], dim=-1))
        return out
