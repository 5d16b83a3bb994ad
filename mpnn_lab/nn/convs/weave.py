"""Molecular graph convolutions (Kearnes et al. 2016): bonds have states, too."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


class WeaveConv(MessagePassing):
    r"""Atoms hear the states of their bonds; bonds hear both their atoms.

    .. math::
        m_i &= \square_{j \in N(i)} e_{ij} \\
        h_i' &= \alpha([\alpha(h_i W_0), m_i] W_1) \\
        e_{ij}' &= \alpha([\alpha(e_{ij} W_2), \alpha([h_i, h_j] W_3)] W_4)

    with α the ReLU (Kearnes et al. 2016, "Molecular graph convolutions: moving beyond
    fingerprints", arXiv:1603.00856, as in Gilmer et al. 2017, section 2). Both updates read the
    states as they were. Kearnes et al. make the pair's update symmetric in i and j; in Gilmer's
    form each direction of a bond has a state of its own.

    Parameters
    ----------
    in_channels, out_channels : widths of h_i and h_i'.
    edge_dim : width of e_ij.
    edge_width : width of e_ij'.
    bias : whether the matrices have biases, which the paper does not write.
    """

    updates_edges = True
    sends_states = False

    def __init__(
        self, in_channels: int, out_channels: int, edge_dim: int, edge_width: int = 32,
        bias: bool = False, aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(aggr=aggr)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.edge_width = edge_width
        self.lin_0 = nn.Linear(in_channels, out_channels, bias=bias)
        self.lin_1 = nn.Linear(out_channels + edge_dim, out_channels, bias=bias)
        self.lin_2 = nn.Linear(edge_dim, edge_width, bias=bias)
        self.lin_3 = nn.Linear(2 * in_channels, edge_width, bias=bias)
        self.lin_4 = nn.Linear(2 * edge_width, edge_width, bias=bias)

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> tuple[Tensor, Tensor]:
        """States [N, in], edges [2, E], edge states [E, D] to [N, out] and [E, edge_width]."""
        edges: Tensor = self.edge_updater(edge_index, x=x, edge_attr=edge_attr)
        nodes = (len(x), len(x))  # no state is sent from which PyG could tell
        m = self.propagate(edge_index, size=nodes, x=x, edge_attr=edge_attr)
        out = self.lin_1(torch.cat([self.lin_0(x).relu(), m], dim=-1)).relu()
        return out, edges

    def message(self, edge_attr: Tensor) -> Tensor:
        """e_ij as it is, shape [E, D]."""
        return edge_attr

    def edge_update(self, x_i: Tensor, x_j: Tensor, edge_attr: Tensor) -> Tensor:
        """e_ij', shape [E, edge_width]."""
        pair = self.lin_3(torch.cat([x_i, x_j], dim=-1)).relu()
        out: Tensor = self.lin_4(torch.cat([self.lin_2(edge_attr).relu(), pair], dim=-1)).relu()
        return out
