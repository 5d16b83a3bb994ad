"""Layers that read the atoms' positions p, in Å; made for clouds of points."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.nn.entry import WIDTHS, LayerEntry, Shape, widths
from mpnn_lab.nn.layers.edges import mlp

SPACE = 3
PAIR = 4
"""Point pair features: a distance and three angles."""


def _after(extra: int) -> Any:
    """The arguments of layers with a network on state and place, and one on the aggregate."""

    def arguments(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
        local = mlp(shape.width_in + extra, shape.width)
        return {"local_nn": local, "global_nn": mlp(shape.width, shape.width)}

    return arguments


def _transformer(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    two = {"pos_nn": mlp(SPACE, shape.width), "attn_nn": mlp(shape.width, shape.width)}
    return {**widths(shape, options), **two}


def _point_gnn(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    width = shape.width
    moved = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, SPACE))
    return {"mlp_h": moved, "mlp_f": mlp(SPACE + width, width), "mlp_g": mlp(width, width)}


NETWORKS = {"local_nn": WIDTHS, "global_nn": WIDTHS}

ENTRIES = (
    LayerEntry(
        "PointNetConv",
        pyg.PointNetConv,
        "m_ij = MLP([h_j, p_j − p_i]);   h_i' = MLP(max_j m_ij)",
        "Qi et al. 2017, PointNet++, arXiv:1706.02413",
        arguments=_after(SPACE),
        reads=("pos",),
        aggr="max",
        fixed=NETWORKS,
        turns=True,
    ),
    LayerEntry(
        "PPFConv",
        pyg.PPFConv,
        "m_ij = MLP([h_j, ‖d‖, ∠(n_i, d), ∠(n_j, d), ∠(n_i, n_j)]),  d = p_j − p_i,  n_i outwards "
        "from the molecule's centre;   h_i' = MLP(max_j m_ij)",
        "Deng et al. 2018, PPFNet: Global Context Aware Local Features, arXiv:1802.02669",
        arguments=_after(PAIR),
        reads=("pos", "normal"),
        aggr="max",
        fixed=NETWORKS,
    ),
    LayerEntry(
        "PointTransformerConv",
        pyg.PointTransformerConv,
        "m_ij = α_ij · (h_j · W_3 + δ_ij),  α_ij = softmax_j MLP(h_i · W_1 − h_j · W_2 + δ_ij),  "
        "δ_ij = MLP(p_i − p_j);   h_i' = Σ_j m_ij",
        "Zhao et al. 2021, Point Transformer, arXiv:2012.09164",
        arguments=_transformer,
        reads=("pos",),
        fixed={"pos_nn": WIDTHS, "attn_nn": WIDTHS},
        turns=True,
    ),
    LayerEntry(
        "PointGNNConv",
        pyg.PointGNNConv,
        "m_ij = MLP([p_j − p_i + Δ_i, h_j]),  Δ_i = MLP(h_i);   h_i' = h_i + MLP(max_j m_ij)",
        "Shi and Rajkumar 2020, Point-GNN, arXiv:2003.01251",
        arguments=_point_gnn,
        reads=("pos",),
        aggr="max",
        keeps_width=True,
        fixed={"mlp_h": WIDTHS, "mlp_f": WIDTHS, "mlp_g": WIDTHS},
        turns=True,
    ),
)
