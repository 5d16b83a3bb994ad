"""GIN with edge features and edge weights, as mlx_graphs defines its GINConv."""

from __future__ import annotations

import torch
from torch import Tensor
from torch import nn as torch_nn
from torch_geometric.nn import MessagePassing

from mpnn_lab.errors import InputError


class EdgeGINConv(MessagePassing):
    r"""GIN whose messages may read bonds, and be weighted.

    .. math::
        h_i' = MLP((1 + \epsilon) h_i + \square_{j \in N(i)} w_{ij} \, ReLU(h_j + e_{ij} W_e + b_e))

    Without edge features the message is w_ij h_j, without edge weights w_ij is 1. (Xu et al. 2019,
    arXiv:1810.00826; edge features after Hu et al. 2020, arXiv:1905.12265; the arguments are those
    of ``mlx_graphs.nn.GINConv``.)

    Parameters
    ----------
    mlp : torch.nn.Module
        From the width of h_i to that of h_i'.
    node_features_dim : width of h_i; needed with `edge_features_dim`.
    edge_features_dim : width of e_ij, which is projected to that of h_i; 0 for none.
    eps : ε, or what it starts from.
    learn_eps : whether ε is learned.
    weighted : whether edges have weights.

    Attributes
    ----------
    reads : what `forward` is to be given beside states and edges.
    """

    eps: Tensor

    def __init__(
        self, mlp: torch_nn.Module, node_features_dim: int = 0, edge_features_dim: int = 0,
        eps: float = 0.0, learn_eps: bool = False, weighted: bool = False, aggr: str = "sum",
    ) -> None:  # fmt: skip
        super().__init__(aggr=aggr)
        self.nn = mlp
        self.weighted = weighted
        start = torch.full((1,), float(eps))
        if learn_eps:
            self.eps = torch_nn.Parameter(start)
        else:
            self.register_buffer("eps", start)
        if edge_features_dim and not node_features_dim:
            raise ValueError("edge features need node_features_dim, the width to project them to")
        self.lin = (
            torch_nn.Linear(edge_features_dim, node_features_dim) if edge_features_dim else None
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """Names of `forward`'s arguments."""
        features = () if self.lin is None else ("edge_attr",)
        return (*features, *(("edge_weight",) if self.weighted else ()))

    def forward(
        self, x: Tensor, edge_index: Tensor, edge_attr: Tensor | None = None,
        edge_weight: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """States [N, in], edges [2, E], features [E, D], weights [E] to states [N, out]."""
        for name, given in (("edge_attr", edge_attr), ("edge_weight", edge_weight)):
            if (given is not None) is not (name in self.reads):
                raise InputError(
                    f"{name}: {'not given' if given is None else 'given'}; this layer reads "
                    f"{' and '.join(self.reads) or 'states alone'}",
                    mend="Say so with edge_features_dim, and with weighted.",
                )
        total = self.propagate(edge_index, x=x, edge_attr=edge_attr, edge_weight=edge_weight)
        out: Tensor = self.nn((1 + self.eps) * x + total)
        return out

    def message(self, x_j: Tensor, edge_attr: Tensor | None, edge_weight: Tensor | None) -> Tensor:
        """w_ij ReLU(h_j + e_ij W_e + b_e), shape [E, in]."""
        m = x_j
        if edge_attr is not None:
            assert self.lin is not None
            m = (m + self.lin(edge_attr)).relu()
        return m if edge_weight is None else edge_weight.view(-1, 1) * m
