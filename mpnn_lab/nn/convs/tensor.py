"""The message of deep tensor networks (Schütt et al. 2017)."""

from __future__ import annotations

from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


class TensorConv(MessagePassing):
    r"""State and bond, each through a matrix, multiplied channel by channel.

    .. math::
        m_i = \square_{j \in N(i)}
              \tanh(((h_j W_{cf} + b_1) \odot (e_{ij} W_{df} + b_2)) W_{fc})

    (Schütt et al. 2017, "Quantum-chemical insights from deep tensor neural networks",
    arXiv:1609.08259, as in Gilmer et al. 2017, section 2.) It gives the aggregated message alone:
    the sum with h_i is the round's update.

    Parameters
    ----------
    in_channels, out_channels : widths of h_j and m_i.
    edge_dim : width of e_ij.
    factors : width in which state and bond are multiplied.
    """

    def __init__(
        self, in_channels: int, out_channels: int, edge_dim: int, factors: int = 64,
        aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(aggr=aggr)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.lin_cf = nn.Linear(in_channels, factors)
        self.lin_df = nn.Linear(edge_dim, factors)
        self.lin_fc = nn.Linear(factors, out_channels, bias=False)

    def forward(self, x: Tensor, edge_index: Tensor, edge_attr: Tensor) -> Tensor:
        """States [N, in], edges [2, E] and their features [E, D] to messages [N, out]."""
        out: Tensor = self.propagate(edge_index, x=x, edge_attr=edge_attr)
        return out

    def message(self, x_j: Tensor, edge_attr: Tensor) -> Tensor:
        """Shape [E, out]."""
        out: Tensor = self.lin_fc(self.lin_cf(x_j) * self.lin_df(edge_attr)).tanh()
        return out
