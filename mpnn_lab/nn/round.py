"""One round of message passing: layer, norm, activation, dropout, update, pooling."""

from __future__ import annotations

from torch import Tensor, nn

from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.norms import Norm
from mpnn_lab.nn.pooling import build_pool
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.supply import Supply
from mpnn_lab.nn.updates import build_update

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


class Round(nn.Module):
    """One round of message passing: layer, norm, activation, dropout, update, pooling."""

    def __init__(self, shape: Shape, layer: Layer, update: str) -> None:
        super().__init__()
        entry = layer_entry(layer.name)
        self.conv = entry.build(shape, layer)
        self.norm = Norm(layer.norm, layer.width)
        self.activation = ACTIVATIONS[layer.activation]()
        self.dropout = Dropout(layer.dropout)
        self.update = build_update(update, layer.width, shape.width_in)
        self.pool = build_pool(layer)
        self.reads: tuple[str, ...] = entry.reads
        if entry.name == "NNConv":
            self.reads += ("kinds",)

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply]:
        """States [N, F_in] to states [N', F], and what the next round finds of the graph."""
        given = {name: getattr(supply, name) for name in self.reads}
        m = self.conv(h, edge_index=supply.edge_index, **given)
        m = self.norm(m, h, supply.batch, supply.graphs)
        out: Tensor = self.update(self.dropout(self.activation(m)), h)
        if self.pool is not None:
            out, supply, *_ = self.pool(out, supply)
        return out, supply
