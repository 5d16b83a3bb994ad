"""The layer of neural fingerprints (Duvenaud et al. 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


class FingerprintConv(MessagePassing):
    r"""A sum of neighbours and bonds through a matrix for each number of neighbours.

    .. math::
        m_i = \sum_{j \in N(i)} [h_j, e_{ij}], \qquad
        h_i' = \sigma(m_i H^{\deg(i)})

    (Duvenaud et al. 2015, "Convolutional Networks on Graphs for Learning Molecular Fingerprints",
    arXiv:1509.09292, as Gilmer et al. 2017, section 2, write it: σ is the sigmoid. Algorithm 2 of
    Duvenaud et al. adds the atom's own state to the sum; Gilmer's form does not, nor does this.)

    Parameters
    ----------
    in_channels, out_channels : widths of h_j and h_i'.
    edge_dim : width of e_ij.
    max_degree : atoms with more neighbours share the last matrix; those without any hear nothing,
        so that no matrix is theirs (σ(0) = 1/2).
    """

    def __init__(
        self, in_channels: int, out_channels: int, edge_dim: int, max_degree: int = 5,
        aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(aggr=aggr)
        if max_degree < 1:
            raise ValueError(f"max_degree is {max_degree}; expected 1 or more")
        self.in_channels, self.out_channels = in_channels, out_channels
        self.edge_dim, self.max_degree = edge_dim, max_degree
        self.lins = nn.ModuleList(
            nn.Linear(in_channels + edge_dim, out_channels, bias=False) for _ in range(max_degree)
        )

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        """States [N, in], edges [2, E] and their features [E, D] to states [N, out]."""
        m = self.propagate(edge_index, x=x, edge_attr=edge_attr)
        degree = edge_index[1].bincount(minlength=len(x)).clamp(1, self.max_degree)
        out = m.new_zeros(len(x), self.out_channels)
        for d, lin in enumerate(self.lins, 1):
            of_degree = (degree == d).nonzero().squeeze(1)
            out = out.index_copy(0, of_degree, lin(m.index_select(0, of_degree)))
        result: Tensor = out.sigmoid()
        return result

    def message(self, x_j: Tensor, edge_attr: Tensor) -> Tensor:
        """[h_j, e_ij], shape [E, in + D]."""
        return torch.cat([x_j, edge_attr], dim=-1)
