"""Layers that read the bonds' features."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.entry import BONDS, WIDTHS, LayerEntry, Shape, widths


def mlp(width_in: int, width: int) -> nn.Sequential:
    """Two linear layers with a ReLU between them."""
    return nn.Sequential(nn.Linear(width_in, width), nn.ReLU(), nn.Linear(width, width))


def _edge_network(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    hidden = options.pop("hidden")
    network = nn.Sequential(
        nn.Linear(shape.bond_columns, hidden),
        nn.ReLU(),
        nn.Linear(hidden, shape.width_in * shape.width),
    )
    return {**widths(shape, options), "nn": network}


def _gine(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {"nn": mlp(shape.width_in, shape.width), "edge_dim": shape.bond_columns}


def _with_edges(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "edge_dim": shape.bond_columns}


def _cg(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {"channels": shape.width, "dim": shape.bond_columns}


EDGE_NETWORK = (
    "m_ij = h_j · W(e_ij),  W(e) = NN(e);   h_i' = Σ_j m_ij + h_i · Θ + b",
    "Gilmer et al. 2017, Neural Message Passing for Quantum Chemistry, arXiv:1704.01212",
)

ENTRIES = (
    LayerEntry(
        "NNConv",
        EdgeNetworkConv,
        *EDGE_NETWORK,
        arguments=_edge_network,
        reads=("edge_attr",),
        ours={"hidden": 128},
        fixed={"nn": WIDTHS},
    ),
    LayerEntry(
        "NNConv (PyG)",
        pyg.NNConv,
        *EDGE_NETWORK,
        arguments=_edge_network,
        reads=("edge_attr",),
        ours={"hidden": 128},
        fixed={"nn": WIDTHS},
    ),
    LayerEntry(
        "GINEConv",
        pyg.GINEConv,
        "m_ij = ReLU(h_j + e_ij · W_e + b_e);   h_i' = MLP((1 + ε) h_i + Σ_j m_ij)",
        "Hu et al. 2020, Strategies for Pre-training Graph Neural Networks, arXiv:1905.12265",
        arguments=_gine,
        reads=("edge_attr",),
        fixed={"nn": WIDTHS, "edge_dim": BONDS},
    ),
    LayerEntry(
        "CGConv",
        pyg.CGConv,
        "m_ij = σ(z_ij · W_f + b_f) · softplus(z_ij · W_s + b_s),  z_ij = [h_i, h_j, e_ij];   "
        "h_i' = h_i + Σ_j m_ij",
        "Xie and Grossman 2018, Crystal Graph Convolutional Neural Networks, arXiv:1710.10324",
        arguments=_cg,
        reads=("edge_attr",),
        keeps_width=True,
        fixed={"dim": BONDS},
    ),
    LayerEntry(
        "ResGatedGraphConv",
        pyg.ResGatedGraphConv,
        "m_ij = σ([h_i, e_ij] · W_k + [h_j, e_ij] · W_q) · ([h_j, e_ij] · W_v);   "
        "h_i' = Σ_j m_ij + h_i · W + b",
        "Bresson and Laurent 2017, Residual Gated Graph ConvNets, arXiv:1711.07553",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "GENConv",
        pyg.GENConv,
        "m_ij = ReLU(h_j + e_ij · W_e) + ε;   h_i' = MLP(h_i + softmax-weighted Σ_j m_ij)",
        "Li et al. 2020, DeeperGCN: All You Need to Train Deeper GCNs, arXiv:2006.07739",
        arguments=_with_edges,
        reads=("edge_attr",),
        aggr=None,
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "PDNConv",
        pyg.PDNConv,
        "m_ij = c_ij · (h_j · W),  c_ij = w_ij/√(d_i d_j),  w_ij = σ(MLP(e_ij));   "
        "h_i' = Σ_j m_ij + b",
        "Rozemberczki et al. 2021, Pathfinder Discovery Networks, arXiv:2010.12878",
        arguments=_with_edges,
        reads=("edge_attr",),
        ours={"hidden_channels": 16},
        fixed={"edge_dim": BONDS},
    ),
)
