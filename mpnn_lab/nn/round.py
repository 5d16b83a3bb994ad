"""One round of message passing: layer, activation, dropout, update."""

from __future__ import annotations

import inspect

import torch
from torch import Tensor, nn

from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.layer import Layer
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
    """One round of message passing: layer, activation, dropout, update."""

    def __init__(self, shape: Shape, layer: Layer, update: str) -> None:
        super().__init__()
        entry = layer_entry(layer.name)
        self.conv = entry.build(shape, layer)
        self.activation = ACTIVATIONS[layer.activation]()
        self.dropout = Dropout(layer.dropout)
        self.update = build_update(update, layer.width)
        self.reads: tuple[str, ...] = entry.reads
        if entry.name == "NNConv":
            self.reads += ("kinds",)
        if "edge_index" in inspect.signature(self.conv.forward).parameters:
            self.reads += ("edge_index",)
        self.stacked = "history" in self.reads

    def forward(self, h: Tensor, supply: Supply) -> tuple[Tensor, Supply]:
        """States [N, F_in] to states [N, F], and what the next round finds of the graph."""
        given = {name: getattr(supply, name) for name in self.reads}
        x = torch.stack(given.pop("history"), dim=1) if self.stacked else h
        m = self.conv(x, **given)
        out: Tensor = self.update(self.dropout(self.activation(m)), h)
        return out, supply
