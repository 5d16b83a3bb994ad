"""Layers that read states alone, and aggregate them before or after a network."""

from __future__ import annotations

from typing import Any

from torch_geometric import nn as pyg

from mpnn_lab.nn.entry import WIDTHS, LayerEntry, Shape, nothing
from mpnn_lab.nn.layers.edges import mlp


def _gin(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {"nn": mlp(shape.width_in, shape.width)}


def _edge(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {"nn": mlp(2 * shape.width_in, shape.width)}


def _gated(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {"out_channels": shape.width}


ENTRIES = (
    LayerEntry(
        "GINConv",
        pyg.GINConv,
        "m_ij = h_j;   h_i' = MLP((1 + ε) h_i + Σ_j m_ij)",
        "Xu et al. 2019, How Powerful are Graph Neural Networks?, arXiv:1810.00826",
        arguments=_gin,
        fixed={"nn": WIDTHS},
    ),
    LayerEntry(
        "SAGEConv",
        pyg.SAGEConv,
        "m_ij = h_j;   h_i' = mean_j m_ij · W_l + h_i · W_r + b",
        "Hamilton et al. 2017, Inductive Representation Learning, arXiv:1706.02216",
        aggr="mean",
    ),
    LayerEntry(
        "GraphConv",
        pyg.GraphConv,
        "m_ij = h_j;   h_i' = Σ_j m_ij · W_1 + h_i · W_2 + b",
        "Morris et al. 2019, Weisfeiler and Leman Go Neural, arXiv:1810.02244",
    ),
    LayerEntry(
        "SimpleConv",
        pyg.SimpleConv,
        "m_ij = h_j;   h_i' = Σ_j m_ij",
        "without weights: the aggregate alone (torch_geometric.nn.SimpleConv)",
        arguments=nothing,
        keeps_width=True,
        fixed={"combine_root": "it would change the width"},
    ),
    LayerEntry(
        "GatedGraphConv",
        pyg.GatedGraphConv,
        "T times m_ij = h_j · W_t,  h_i ← GRU(Σ_j m_ij, h_i)",
        "Li et al. 2016, Gated Graph Sequence Neural Networks, arXiv:1511.05493",
        arguments=_gated,
        keeps_width=True,
        ours={"num_layers": 1},
    ),
    LayerEntry(
        "MFConv",
        pyg.MFConv,
        "m_ij = h_j;   h_i' = Σ_j m_ij · W_d + h_i · V_d,  one W and V for each degree d",
        "Duvenaud et al. 2015, Convolutional Networks on Graphs, arXiv:1509.09292",
    ),
    LayerEntry(
        "EdgeConv",
        pyg.EdgeConv,
        "m_ij = MLP([h_i, h_j − h_i]);   h_i' = max_j m_ij",
        "Wang et al. 2019, Dynamic Graph CNN, arXiv:1801.07829",
        arguments=_edge,
        aggr="max",
        fixed={"nn": WIDTHS},
    ),
    LayerEntry(
        "DirGNNConv",
        pyg.DirGNNConv,
        "h_i' = (1 − α) SAGE over incoming + α SAGE over outgoing edges + h_i · W + b",
        "Rossi et al. 2023, Edge Directionality Improves Learning, arXiv:2305.10498",
        arguments=lambda s, options: {"conv": pyg.SAGEConv(s.width_in, s.width)},
        aggr=None,
        fixed={"conv": "SAGEConv, as in the paper"},
    ),
    LayerEntry(
        "WLConvContinuous",
        pyg.WLConvContinuous,
        "m_ij = h_j / d_i;   h_i' = ½ (h_i + Σ_j m_ij)",
        "Togninalli et al. 2019, Wasserstein Weisfeiler-Lehman Graph Kernels, arXiv:1906.01277",
        arguments=nothing,
        aggr=None,
        keeps_width=True,
    ),
)
