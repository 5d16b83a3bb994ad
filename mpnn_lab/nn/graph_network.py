"""Graph networks (Battaglia et al. 2018): bonds, atoms and the molecule all have states.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing, MetaLayer

from mpnn_lab.nn.by_type import Behind, Enclosing


def two_linear(width_in: int, width: int) -> nn.Sequential:
    """Two linear layers with a ReLU between them."""
    return nn.Sequential(nn.Linear(width_in, width), nn.ReLU(), nn.Linear(width, width))


class EdgeModel(nn.Module):
    """e_ij' of both atoms, the bond and the molecule; u has a row for each molecule."""

    def __init__(self, width_in: int, edge_dim: int, edge_width: int, graph_width: int) -> None:
        super().__init__()
        self.mlp = two_linear(2 * width_in + edge_dim + graph_width, edge_width)

    def forward(self, src: Tensor, dst: Tensor, edge_attr: Tensor, u: Tensor, batch: Tensor) -> Any:
        """Rows of both atoms and of the bond, and the molecule of each, to [E, edge_width]."""
        return self.mlp(torch.cat([src, dst, edge_attr, u[batch]], dim=-1))


class NodeModel(MessagePassing):
    """h_i' of the atom, what it hears and the molecule; m_ij of the neighbour and e_ij'."""

    def __init__(
        self, width_in: int, width: int, edge_width: int, graph_width: int, aggr: Any
    ) -> None:
        super().__init__(aggr=aggr)
        self.message_mlp = two_linear(width_in + edge_width, width)
        self.update_mlp = two_linear(width_in + width + graph_width, width)

    def forward(
        self, x: Tensor, edge_index: Tensor, edge_attr: Tensor, u: Tensor, batch: Tensor
    ) -> Any:
        """States [N, in], edges [2, E] and their new states to new states [N, out]."""
        m = self.propagate(edge_index, x=x, edge_attr=edge_attr)
        return self.update_mlp(torch.cat([x, m, u[batch]], dim=-1))

    def message(self, x_j: Tensor, edge_attr: Tensor) -> Any:
        """m_ij, shape [E, out]."""
        return self.message_mlp(torch.cat([x_j, edge_attr], dim=-1))


class GlobalModel(nn.Module):
    """u' of the molecule and the mean of its atoms' new states."""

    def __init__(self, width: int, graph_width: int) -> None:
        super().__init__()
        self.mlp = two_linear(graph_width + width, graph_width)

    def forward(
        self, x: Tensor, edge_index: Tensor, edge_attr: Tensor, u: Tensor, batch: Tensor
    ) -> Any:
        """New states [N, out] and u [graphs, graph_width] to [graphs, graph_width]."""
        total = x.new_zeros(len(u), x.shape[1]).index_add(0, batch, x)
        count = batch.bincount(minlength=len(u)).clamp(min=1).to(x.dtype)
        return self.mlp(torch.cat([u, total / count.unsqueeze(1)], dim=-1))


class GraphNetwork(Enclosing):
    r"""PyG's MetaLayer with a network of two linear layers for bonds, atoms and the molecule each.

    .. math::
        e_{ij}' &= \phi_e([h_j, h_i, e_{ij}, u]) \\
        m_{ij} &= \phi_m([h_j, e_{ij}']) \\
        h_i' &= \phi_h([h_i, \square_{j \in N(i)} m_{ij}, u]) \\
        u' &= \phi_u([u, \mathrm{mean}_i h_i'])

    (Battaglia et al. 2018, "Relational inductive biases, deep learning, and graph networks",
    arXiv:1806.01261, section 3.2, with the messages of the example in PyG's MetaLayer.) The
    molecule's state u begins as zeros.

    Parameters
    ----------
    in_channels, out_channels : widths of h_i and h_i'.
    edge_dim : width of e_ij.
    edge_width : width of e_ij'.
    graph_width : width of u and u'.
    aggr : of the messages.
    """

    updates_edges = True

    def __init__(
        self, in_channels: int, out_channels: int, edge_dim: int, edge_width: int = 32,
        graph_width: int = 32, aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__()
        self.edge_width, self.graph_width = edge_width, graph_width
        self.conv = MetaLayer(
            EdgeModel(in_channels, edge_dim, edge_width, graph_width),
            NodeModel(in_channels, out_channels, edge_width, graph_width, aggr),
            GlobalModel(out_channels, graph_width),
        )

    def forward(
        self, x: Tensor, edge_index: Tensor, edge_attr: Tensor, batch: Tensor, graphs: int,
        u: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:  # fmt: skip
        """The new states of atoms [N, out], edges [E, edge_width], molecules [graphs, .].

        `batch` [N] is each atom's molecule, `u` their states; None before the first round.
        """
        if u is None:
            u = x.new_zeros(graphs, self.graph_width)
        out: tuple[Tensor, Tensor, Tensor] = self.conv(x, edge_index, edge_attr, u, batch)
        return out

    def behind(self, x: Tensor, edge_index: Tensor, **given: Any) -> list[Behind]:
        """One propagation among all atoms in their order."""
        atoms = torch.arange(len(x), device=edge_index.device)
        return [Behind(atoms, atoms)]
