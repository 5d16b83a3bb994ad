"""The message functions that Gilmer et al. (2017) write down, and GIN with bonds."""

from __future__ import annotations

from typing import Any

from mpnn_lab.nn.convs import (
    EdgeGINConv,
    FingerprintConv,
    InteractionConv,
    MatrixMultiplicationConv,
    PairMessageConv,
    TensorConv,
    WeaveConv,
)
from mpnn_lab.nn.entry import BONDS, WIDTHS, LayerEntry, Shape, widths
from mpnn_lab.nn.layers.edges import mlp


def _with_edges(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "edge_dim": shape.bond_columns}


def _interaction(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**_with_edges(shape, options), "effect_dim": shape.width}


def _labels(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "num_edge_types": shape.bond_types}


def _edge_gin(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    edges = shape.bond_columns if options.pop("edge_features") else 0
    return {
        "mlp": mlp(shape.width_in, shape.width),
        "node_features_dim": shape.width_in,
        "edge_features_dim": edges,
    }


GILMER = "Gilmer et al. 2017, Neural Message Passing for Quantum Chemistry, arXiv:1704.01212"

ENTRIES = (
    LayerEntry(
        "MatrixMultiplicationConv",
        MatrixMultiplicationConv,
        "m_ij = h_j · A_e,  one A for each type of bond;   h_i' = Σ_j m_ij",
        f"{GILMER}, section 5.1; Li et al. 2016, arXiv:1511.05493",
        arguments=_labels,
        reads=("edge_type",),
        fixed={"num_edge_types": BONDS},
    ),
    LayerEntry(
        "PairMessageConv",
        PairMessageConv,
        "m_ij = MLP([h_j, h_i, e_ij]);   h_i' = Σ_j m_ij",
        f"{GILMER}, section 5.1",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "FingerprintConv",
        FingerprintConv,
        "m_ij = [h_j, e_ij];   h_i' = σ(Σ_j m_ij · H_d),  one H for each degree d",
        "Duvenaud et al. 2015, Convolutional Networks on Graphs, arXiv:1509.09292",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
        ours={"max_degree": 5},
    ),
    LayerEntry(
        "InteractionConv",
        InteractionConv,
        "m_ij = MLP([h_i, h_j, e_ij]);   h_i' = MLP([h_i, h⁰_i, Σ_j m_ij])",
        "Battaglia et al. 2016, Interaction Networks, arXiv:1612.00222",
        arguments=_interaction,
        reads=("edge_attr", "x_0"),
        fixed={"edge_dim": BONDS, "effect_dim": WIDTHS},
        ours={"hidden": 64},
    ),
    LayerEntry(
        "WeaveConv",
        WeaveConv,
        "m_ij = e_ij;   h_i' = ReLU([ReLU(h_i · W_0), Σ_j m_ij] · W_1),   "
        "e_ij' = ReLU([ReLU(e_ij · W_2), ReLU([h_i, h_j] · W_3)] · W_4)",
        "Kearnes et al. 2016, Molecular graph convolutions, arXiv:1603.00856",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
        ours={"edge_width": 32},
    ),
    LayerEntry(
        "TensorConv",
        TensorConv,
        "m_ij = tanh(((h_j · W_cf + b_1) ⊙ (e_ij · W_df + b_2)) · W_fc);   h_i' = Σ_j m_ij",
        "Schütt et al. 2017, Deep Tensor Neural Networks, arXiv:1609.08259",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
        ours={"factors": 64},
    ),
    LayerEntry(
        "EdgeGINConv",
        EdgeGINConv,
        "m_ij = w_ij ReLU(h_j + e_ij · W_e + b_e);   h_i' = MLP((1 + ε) h_i + Σ_j m_ij)",
        "GIN as mlx_graphs defines it: Xu et al. 2019, How Powerful are Graph Neural Networks?, "
        "arXiv:1810.00826",
        arguments=_edge_gin,
        reads=("edge_attr", "edge_weight"),
        fixed={
            "mlp": WIDTHS,
            "node_features_dim": WIDTHS,
            "edge_features_dim": "the option edge_features decides it",
        },
        ours={"edge_features": True},
    ),
)
