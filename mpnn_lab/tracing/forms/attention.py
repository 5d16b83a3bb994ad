"""Layers that weigh their neighbours by attention."""

from __future__ import annotations

from collections.abc import Callable

from torch_geometric import nn as pyg

from mpnn_lab.tracing.forms.agnn import agnn
from mpnn_lab.tracing.forms.feast import feast
from mpnn_lab.tracing.forms.gat import gat, super_gat
from mpnn_lab.tracing.forms.rgat import rgat
from mpnn_lab.tracing.forms.transformer import transformer

FORMS: dict[type, Callable[..., str]] = {
    pyg.GATConv: gat,
    pyg.SuperGATConv: super_gat,
    pyg.TransformerConv: transformer,
    pyg.AGNNConv: agnn,
    pyg.FeaStConv: feast,
    pyg.RGATConv: rgat,
}
