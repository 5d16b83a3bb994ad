"""One round of message passing: layer, activation, dropout, update."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor, nn

from mpnn_lab.nn.both_directions import BothDirections
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.master_node import MasterNode
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
    """One round of message passing: layer, activation, dropout, update.

    With `both_directions` two layers send, along the edges and against them; with `d_master` the
    atoms also hear a master node of that width, and write to it.
    """

    def __init__(
        self, shape: Shape, layer: Layer, update: str, *, both_directions: bool = False,
        d_master: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        entry = layer_entry(layer.name)
        self.conv = entry.build(shape, layer)
        heard = layer.width
        if both_directions:
            self.conv, heard = BothDirections(self.conv, entry.build(shape, layer)), 2 * heard
        self.master = MasterNode(shape.width_in, heard, d_master) if d_master else None
        self.activation = ACTIVATIONS[layer.activation]()
        self.dropout = Dropout(layer.dropout)
        self.update = build_update(update, layer.width, heard)
        self.reads: tuple[str, ...] = getattr(self.conv, "reads", entry.reads)
        if entry.name == "NNConv":
            self.reads += ("kinds",)

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply]:
        """States [N, F_in] to states [N, F], and what the next round finds of the graph."""
        given = {name: getattr(supply, name) for name in self.reads}
        m = self.conv(h, edge_index=supply.edge_index, **given)
        if getattr(self.conv, "updates_edges", False):
            m, edges = m
            supply = supply.with_edges(edges)
        if self.master is not None:
            told, master = self.master(h, supply.master, supply.batch)
            m, supply = m + told, replace(supply, master=master)
        out: Tensor = self.update(self.dropout(self.activation(m)), h)
        return out, supply
