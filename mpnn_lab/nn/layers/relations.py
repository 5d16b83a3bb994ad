"""Layers with weights of their own for each type of bond."""

from __future__ import annotations

from typing import Any

from torch_geometric import nn as pyg

from mpnn_lab.nn.entry import BONDS, LayerEntry, Shape, widths

RELATIONS = {"num_relations": BONDS}


def _relations(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    return {**widths(shape, options), "num_relations": shape.bond_types}


RGCN = (
    "m_ij = h_j · W_r,  r the bond's type;   h_i' = Σ_r mean_j m_ij + h_i · W + b",
    "Schlichtkrull et al. 2018, Modeling Relational Data with GCNs, arXiv:1703.06103",
)

ENTRIES = (
    LayerEntry(
        "RGCNConv",
        pyg.RGCNConv,
        *RGCN,
        arguments=_relations,
        reads=("edge_type",),
        aggr="mean",
        fixed={**RELATIONS, "is_sorted": BONDS},
    ),
    LayerEntry(
        "FastRGCNConv",
        pyg.FastRGCNConv,
        *RGCN,
        arguments=_relations,
        reads=("edge_type",),
        aggr="mean",
        aggrs=("sum", "mean"),
        fixed={**RELATIONS, "is_sorted": BONDS},
    ),
    LayerEntry(
        "FiLMConv",
        pyg.FiLMConv,
        "m_ij = ReLU(γ_i · (h_j · W_r) + β_i),  [β_i, γ_i] = h_i · V_r;   "
        "h_i' = Σ_r mean_j m_ij + ReLU(γ_i · (h_i · W) + β_i)",
        "Brockschmidt 2020, GNN-FiLM, arXiv:1906.12192",
        arguments=_relations,
        reads=("edge_type",),
        aggr="mean",
        fixed=RELATIONS,
    ),
)
