"""Layers of PyG's in a module of ours: for types of nodes and edges, and MetaLayer."""

from __future__ import annotations

from typing import Any

from mpnn_lab.nn.by_type import BondHAN, FamilyHetero, FamilyHGT
from mpnn_lab.nn.entry import BONDS, NAMED, LayerEntry, Shape, widths
from mpnn_lab.nn.graph_network import GraphNetwork

RELATIONS = {"relations": BONDS}


def _relations(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "relations": shape.bond_types}


def _with_edges(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "edge_dim": shape.bond_columns}


ENTRIES = (
    LayerEntry(
        "HGTConv",
        FamilyHGT,
        "m_ij = α_ij · (h_j · V_τ(j) · M_r),  α_ij = softmax_j p_r (h_i · Q_τ(i)) · "
        "(h_j · K_τ(j) · A_r)/√d,  τ an atom's family of elements, r the triple of families and "
        "bond type;   h_i' = s_τ (GELU(Σ_j m_ij) · W_τ + b_τ) + (1 − s_τ) h_i,  the last where "
        "widths agree",
        "Hu et al. 2020, Heterogeneous Graph Transformer, arXiv:2003.01332",
        arguments=_relations,
        reads=("edge_type", "family"),
        aggr=None,
        fixed=RELATIONS,
    ),
    LayerEntry(
        "HANConv",
        BondHAN,
        "m_ij = α^r_ij · (h_j · W + b),  α^r_ij = softmax_j LeakyReLU(a_r · h_j W + c_r · h_i W),  "
        "r the bond's type;   h_i' = Σ_r β_r ReLU(Σ_j m_ij),  β_r = softmax_r q · mean_i "
        "tanh(ReLU(Σ_j m_ij) · K + k),  over the molecule's atoms",
        "Wang et al. 2019, Heterogeneous Graph Attention Network, arXiv:1903.07293",
        arguments=_relations,
        reads=("edge_type", "batch"),
        aggr=None,
        fixed=RELATIONS,
    ),
    LayerEntry(
        "HeteroConv",
        FamilyHetero,
        "m_ij = h_j;   h_i' = Σ_r (mean_j m_ij) · W_r,  one W for each triple of the sender's "
        "family of elements, the bond's type and the receiver's family",
        "PyG's HeteroConv, over Hamilton et al. 2017, Inductive Representation Learning on Large "
        "Graphs, arXiv:1706.02216",
        arguments=_relations,
        reads=("edge_type", "family"),
        aggr="mean",
        aggrs=NAMED,
        fixed=RELATIONS,
    ),
    LayerEntry(
        "MetaLayer",
        GraphNetwork,
        "e_ij' = MLP([h_j, h_i, e_ij, u]),  m_ij = MLP([h_j, e_ij']);   h_i' = MLP([h_i, Σ_j m_ij, "
        "u]);   u' = MLP([u, mean_i h_i']),  u the molecule's state, zeros at first",
        "Battaglia et al. 2018, Relational Inductive Biases, arXiv:1806.01261",
        arguments=_with_edges,
        reads=("edge_attr", "batch", "graphs", "u"),
        fixed={"edge_dim": BONDS},
        ours={"edge_width": 32, "graph_width": 32},
    ),
)
