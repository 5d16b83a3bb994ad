"""Layers that weigh their neighbours by attention."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.entry import (
    ATOMS,
    BONDS,
    CACHE,
    LayerEntry,
    Shape,
    nothing,
    same_width,
    widths,
)


def _per_head(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    """Heads that stand side by side share the width."""
    heads = options.get("heads", 1) if options.get("concat", True) else 1
    return {"in_channels": shape.width_in, "out_channels": shape.width // heads}


def _with_edges(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**_per_head(shape, options), "edge_dim": shape.bond_columns}


def _relations(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    """What is sent has its channels once for each dimension of multiplicative attention."""
    made = _with_edges(shape, options)
    dim = options.get("dim", 1)
    if made["out_channels"] % dim:
        raise SpecError(
            f"options.dim: {dim} does not divide the {made['out_channels']} channels of a head"
        )
    made["out_channels"] //= dim
    return {**made, "num_relations": shape.bond_types}


def _elements(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {
        **_with_edges(shape, options),
        "num_node_types": shape.node_types,
        "num_edge_types": shape.bond_types,
    }


def _dna(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    for name in ("heads", "groups"):
        if shape.width % options.get(name, 1):
            raise SpecError(f"options.{name}: {options[name]} does not divide width {shape.width}")
    return same_width(shape, options)


def _fill_scale(module: Any) -> None:
    """PyG works out what to fill this matrix with, and leaves in it what memory held."""
    nn.init.constant_(module.l2, 1 / module.out_channels)


LOSS = "it is for a loss of the attention, which these networks are not trained by"

ENTRIES = (
    LayerEntry(
        "RGATConv",
        pyg.RGATConv,
        "m_ij = α_ij · (h_j · W_r),  r the bond's type,  α_ij = softmax_j LeakyReLU(h_i W_r Q + "
        "h_j W_r K + e_ij W_e);   h_i' = Σ_j m_ij + b",
        "Busbridge et al. 2019, Relational Graph Attention Networks, arXiv:1904.05811",
        arguments=_relations,
        reads=("edge_type", "edge_attr"),
        fixed={"num_relations": BONDS, "edge_dim": BONDS},
        finish=_fill_scale,
    ),
    LayerEntry(
        "GATConv",
        pyg.GATConv,
        "m_ij = α_ij · (h_j · W),  α_ij = softmax_j LeakyReLU(a_s · h_j W + a_t · h_i W + "
        "a_e · e_ij W_e);   h_i' = Σ_j m_ij + b",
        "Veličković et al. 2018, Graph Attention Networks, arXiv:1710.10903",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "GATv2Conv",
        pyg.GATv2Conv,
        "m_ij = α_ij · (h_j · W_l),  α_ij = softmax_j a · LeakyReLU(h_i · W_r + h_j · W_l "
        "+ e_ij · W_e);   h_i' = Σ_j m_ij + b",
        "Brody et al. 2022, How Attentive are Graph Attention Networks?, arXiv:2105.14491",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "TransformerConv",
        pyg.TransformerConv,
        "m_ij = α_ij · (h_j · W_v + e_ij · W_e),  α_ij = softmax_j (h_i W_q) · (h_j W_k + e_ij W_e)"
        "/√d;   h_i' = Σ_j m_ij + h_i · W + b",
        "Shi et al. 2021, Masked Label Prediction, arXiv:2009.03509",
        arguments=_with_edges,
        reads=("edge_attr",),
        fixed={"edge_dim": BONDS},
    ),
    LayerEntry(
        "SuperGATConv",
        pyg.SuperGATConv,
        "m_ij = α_ij · (h_j · W),  α_ij = softmax_j LeakyReLU((a_s · h_j W + a_t · h_i W) · "
        "σ(h_i W · h_j W));   h_i' = Σ_j m_ij + b",
        "Kim and Oh 2021, How to Find Your Friendly Neighborhood, arXiv:2204.04879",
        arguments=_per_head,
        fixed=dict.fromkeys(("neg_sample_ratio", "edge_sample_ratio", "is_undirected"), LOSS),
    ),
    LayerEntry(
        "AGNNConv",
        pyg.AGNNConv,
        "m_ij = α_ij · h_j,  α_ij = softmax_j β cos(h_i, h_j);   h_i' = Σ_j m_ij",
        "Thekumparampil et al. 2018, Attention-based Graph Neural Network, arXiv:1803.03735",
        arguments=nothing,
        keeps_width=True,
    ),
    LayerEntry(
        "FeaStConv",
        pyg.FeaStConv,
        "m_ij = Σ_k q_k(h_i, h_j) · (h_j · W_k),  q = softmax_k ((h_j − h_i) · u_k + c_k);   "
        "h_i' = mean_j m_ij + b",
        "Verma et al. 2018, FeaStNet, arXiv:1706.05206",
        arguments=widths,
        aggr="mean",
        fixed={"add_self_loops": "without a loop PyG's layer stops where there is no bond"},
    ),
    LayerEntry(
        "HEATConv",
        pyg.HEATConv,
        "m_ij = α_ij · ([z_j, f_ij] · W),  z = h · W_τ,  τ the atom's element,  f_ij = "
        "LeakyReLU(e_ij · W_e),  α_ij = softmax_j LeakyReLU([z_i, z_j, t_ij, f_ij] · A),  t_ij of "
        "the bond's type;   h_i' = Σ_j m_ij + z_i",
        "Mo et al. 2021, Heterogeneous Edge-Enhanced Graph Attention Network, arXiv:2106.07161",
        arguments=_elements,
        reads=("node_type", "edge_type", "edge_attr"),
        ours={"edge_type_emb_dim": 8, "edge_attr_emb_dim": 8},
        fixed={"num_node_types": ATOMS, "num_edge_types": BONDS, "edge_dim": BONDS},
    ),
    LayerEntry(
        "DNAConv",
        pyg.DNAConv,
        "m_ij = c_ij · Σ_s α^s_ij (h^s_j · W_v),  s over all rounds so far,  "
        "α^s_ij = exp(l^s_ij)/(1 + Σ_s exp(l^s_ij)),  l^s_ij = (h_i · W_q) · (h^s_j · W_k)/√d,  "
        "c_ij = 1/√(d_i d_j);   h_i' = Σ_j m_ij",
        "Fey 2019, Just Jump: Dynamic Neighborhood Aggregation in GNNs, arXiv:1904.04849",
        arguments=_dna,
        reads=("history",),
        keeps_width=True,
        fixed={"cached": CACHE, "normalize": "without it PyG finds no factors and stops"},
    ),
)
