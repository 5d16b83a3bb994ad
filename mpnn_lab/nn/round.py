"""One round of message passing: layer, norm, activation, dropout, update, pooling.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from torch import Tensor, nn

from mpnn_lab.nn.supply import Supply


class Round(nn.Module):
    """One round: layer, norm, activation, dropout, update, pooling, in this order.

    Parameters
    ----------
    conv : the layer; states [N, F_in] to [N, F].
    activation, dropout : of what the layer gives.
    update : from what was heard and the states before, both [N, F], to the states after.
    reads : what the layer is given beside states and edges: names of a `Supply`'s fields.
    norm : of what the layer gives, before the activation, where there is one.
    pool : what makes the states fewer after the update, where anything does.
    """

    def __init__(
        self,
        conv: nn.Module,
        activation: nn.Module,
        dropout: nn.Module,
        update: nn.Module,
        reads: tuple[str, ...] = (),
        norm: nn.Module | None = None,
        pool: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.conv = conv
        self.activation = activation
        self.dropout = dropout
        self.update = update
        self.reads = reads
        self.norm = norm
        self.pool = pool

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply]:
        """States [N, F_in] to states [N', F], and what the next round finds of the graph."""
        given = {name: getattr(supply, name) for name in self.reads}
        m = self.conv(h, edge_index=supply.edge_index, **given)
        if self.norm is not None:
            m = self.norm(m, h, supply.batch, supply.graphs)
        out: Tensor = self.update(self.dropout(self.activation(m)), h)
        if self.pool is not None:
            out, supply, *_ = self.pool(out, supply)
        return out, supply
