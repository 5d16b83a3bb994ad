"""The message of gated graph networks (Li et al. 2016): a matrix for each edge label."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


class MatrixMultiplicationConv(MessagePassing):
    r"""A learned matrix for each label an edge can have.

    .. math:: m_i = \square_{j \in N(i)} h_j A_{e_{ij}}

    (Gilmer et al. 2017, section 5.1, "matrix multiplication"; section 2, GG-NN after Li et al.
    2016, "Gated Graph Sequence Neural Networks", arXiv:1511.05493.) It gives the aggregated
    message alone: the GRU is the round's update.

    Parameters
    ----------
    in_channels, out_channels : widths of h_j and m_i.
    num_edge_types : how many labels there are.
    """

    def __init__(
        self, in_channels: int, out_channels: int, num_edge_types: int, aggr: str = "sum"
    ) -> None:
        super().__init__(aggr=aggr)
        self.in_channels, self.out_channels = in_channels, out_channels
        bound = 1 / math.sqrt(in_channels)
        shape = (num_edge_types, in_channels, out_channels)
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

    def forward(self, x: Tensor, edge_index: Tensor, edge_type: Tensor) -> Tensor:
        """States [N, in], edges [2, E] and their labels, int64 [E], to messages [N, out]."""
        out: Tensor = self.propagate(edge_index, x=x, edge_type=edge_type)
        return out

    def message(self, x_j: Tensor, edge_type: Tensor) -> Tensor:
        """h_j @ A of the edge's label, shape [E, out]: one product for each label there is."""
        out = x_j.new_zeros(len(x_j), self.out_channels)
        for label, matrix in enumerate(self.weight.unbind()):
            of_label = (edge_type == label).nonzero().squeeze(1)
            out = out.index_copy(0, of_label, x_j.index_select(0, of_label) @ matrix)
        return out
