"""Layers that read the bonds' features."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.nn.aggregators import DEGREES
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


def _gmm(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "dim": shape.bond_columns}


def _general(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "in_edge_channels": shape.bond_columns}


def _pna(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {
        **_with_edges(shape, options),
        "aggregators": ["mean", "min", "max", "std"],
        "scalers": ["identity", "amplification", "attenuation"],
        "deg": torch.tensor(DEGREES, device="cpu"),
    }


def _gps(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    inner = pyg.GINEConv(mlp(shape.width, shape.width), edge_dim=shape.bond_columns)
    return {"channels": shape.width, "conv": inner}


def _cg(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {"channels": shape.width, "dim": shape.bond_columns}


PADDED = (
    "with PyG's performer the rows that pad a batch's smaller molecules count in the sums, so that "
    "a prediction would depend on the molecules beside it"
)
PAPERS = "those of the paper"
DATA = "the degrees of FreeSolv's atoms, which the scaling is relative to"
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
        "m_ij = ReLU(h_j + e_ij · W_e) + ε;   h_i' = MLP(h_i + Σ_j s_ij m_ij),  s_ij = softmax_j "
        "(t m_ij),  t an inverse temperature",
        "Li et al. 2020, DeeperGCN: All You Need to Train Deeper GCNs, arXiv:2006.07739",
        arguments=_with_edges,
        reads=("edge_attr",),
        aggr="softmax",
        own_aggrs={"softmax": ("t", "learn_t"), "powermean": ("p", "learn_p")},
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "GMMConv",
        pyg.GMMConv,
        "m_ij = Σ_k w_k(e_ij) · (h_j · W_k),  w_k(e) = exp(−½ (e − μ_k)ᵀ Σ_k⁻¹ (e − μ_k));   "
        "h_i' = mean_j m_ij + h_i · W + b",
        "Monti et al. 2017, Geometric Deep Learning on Graphs and Manifolds, arXiv:1611.08402",
        arguments=_gmm,
        reads=("edge_attr",),
        aggr="mean",
        ours={"kernel_size": 4},
        fixed={"dim": BONDS, "root_weight": "PyG's layer looks for these weights all the same"},
    ),
    LayerEntry(
        "GeneralConv",
        pyg.GeneralConv,
        "m_ij = h_j · W + e_ij · W_e;   h_i' = Σ_j m_ij + h_i · W_r",
        "You et al. 2020, Design Space for Graph Neural Networks, arXiv:2011.08843",
        arguments=_general,
        reads=("edge_attr",),
        ours={"skip_linear": False},
        fixed={"in_edge_channels": BONDS},
    ),
    LayerEntry(
        "PNAConv",
        pyg.PNAConv,
        "m_ij = MLP([h_i, h_j, e_ij W_e]);   h_i' = MLP([h_i, mean, min, max and std of m_ij, "
        "each once as it is and scaled up and down by the degree])",
        "Corso et al. 2020, Principal Neighbourhood Aggregation, arXiv:2004.05718",
        arguments=_pna,
        reads=("edge_attr",),
        aggr=None,
        fixed={"aggregators": PAPERS, "scalers": PAPERS, "deg": DATA, "edge_dim": BONDS},
    ),
    LayerEntry(
        "GPSConv",
        pyg.GPSConv,
        "h_i' = MLP(GINE(h)_i + attention of i to all atoms of its molecule), normalised",
        "Rampášek et al. 2022, Recipe for a General, Powerful, Scalable Graph Transformer, "
        "arXiv:2205.12454",
        arguments=_gps,
        reads=("edge_attr", "batch"),
        aggr=None,
        keeps_width=True,
        fixed={"conv": "GINEConv, as in the paper", "attn_type": PADDED},
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
