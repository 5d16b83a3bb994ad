"""A master node: every atom writes to it and reads from it in every round."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing


class MasterMessage(MessagePassing):
    """m_ij = h_j · A, A the matrix of the edges from the master to the atoms, or of those back.

    Parameters
    ----------
    in_channels, out_channels : widths of h_j and of the message.
    """

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(aggr="sum")
        self.lin = nn.Linear(in_channels, out_channels, bias=False)

    def forward(
        self, x: tuple[Tensor, Tensor], edge_index: Tensor, size: tuple[int, int]
    ) -> Tensor:
        """States of those that send and of those that hear; `size` counts them."""
        out: Tensor = self.propagate(edge_index, x=x, size=size)
        return out

    def message(self, x_j: Tensor) -> Tensor:
        """h_j · A, shape [N, out]."""
        out: Tensor = self.lin(x_j)
        return out


class MasterNode(nn.Module):
    r"""A node of its own width that every atom is joined to by an edge of a type of its own.

    .. math::
        m_v \leftarrow m_v + s A_{read}, \qquad
        s' = GRU_{master}(\sum_v h_v A_{write}, s)

    (Gilmer et al. 2017, section 5.2.) Both messages read the states as they were. The paper does
    not say what the master begins with: here with zeros. The readout does not read it.

    Parameters
    ----------
    width : channels of the atoms' states.
    heard : channels of what an atom hears, m_v.
    d_master : channels of the master's state.
    """

    def __init__(self, width: int, heard: int, d_master: int) -> None:
        super().__init__()
        self.read = MasterMessage(d_master, heard)
        self.write = MasterMessage(width, d_master)
        self.cell = nn.GRUCell(d_master, d_master)

    def forward(self, h: Tensor, s: Tensor, batch: Tensor) -> tuple[Tensor, Tensor]:
        """What each atom is told [N, heard], and the masters' new states [graphs, d_master].

        `h` is [N, width], `s` [graphs, d_master], `batch` [N] each atom's molecule.
        """
        atoms = torch.arange(len(h), device=h.device)
        told = self.read((s, h), torch.stack([batch, atoms]), (len(s), len(h)))
        heard = self.write((h, s), torch.stack([atoms, batch]), (len(h), len(s)))
        return told, self.cell(heard, s)
