"""PyG's dense layers: all pairs of nodes at once, by a matrix of what joins them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.tracing.forms.chains import parts_of
from mpnn_lab.tracing.forms.in_one_piece import numbers, through
from mpnn_lab.tracing.operand import Operand, recorded


def _looped(adj: Operand, weight: float = 1.0) -> Operand:
    """Every node joined to itself, whatever it was."""
    own = np.eye(len(adj.value), dtype=bool)
    return Operand(np.where(own, weight, adj.value), np.where(own, weight, adj.magnitude))


def _count(adj: Operand) -> Operand:
    """What joins each node to all, at least 1."""
    degree = adj.sum(-1, keepdims=True)
    return Operand(np.maximum(degree.value, 1.0), np.maximum(degree.magnitude, 1.0))


def _gcn(layer: Any, x: Operand, adj: Operand) -> Operand:
    """D^-½ (A + I) D^-½ X W + b."""
    adj = _looped(adj, 2.0 if layer.improved else 1.0)
    root = _count(adj).power(-0.5)
    out = (root * adj * root.swap(0, 1)) @ through(x, layer.lin)
    return out if layer.bias is None else out + numbers(layer.bias)


def _sage(layer: Any, x: Operand, adj: Operand) -> Operand:
    """The neighbours' mean and the own state, each by its weights."""
    heard = (adj @ x) * _count(adj).power(-1.0)
    return through(heard, layer.lin_rel) + through(x, layer.lin_root)


def _graph(layer: Any, x: Operand, adj: Operand) -> Operand:
    """The neighbours' sum, or mean, and the own state, each by its weights."""
    heard = adj @ x
    if layer.aggr == "mean":
        heard = heard * _count(adj).power(-1.0)
    return through(heard, layer.lin_rel) + through(x, layer.lin_root)


def _gin(layer: Any, x: Operand, adj: Operand) -> Operand:
    """A network over (1 + ε) X + A X."""
    out = (recorded(np.ones(1)) + numbers(layer.eps)) * x + adj @ x
    for part in parts_of(layer.nn):
        out = out.rectified() if type(part) is nn.ReLU else through(out, part)
    return out


def _gat(layer: Any, x: Operand, adj: Operand) -> Operand:
    """Attention among those that are joined, each to itself, too."""
    there = _looped(adj).value[..., None] != 0
    heads = through(x, layer.lin).reshape(len(x.value), layer.heads, layer.out_channels)
    source, target = (
        (heads * numbers(weight)[0]).sum(-1) for weight in (layer.att_src, layer.att_dst)
    )
    logit = (source[None] + target[:, None]).rectified(layer.negative_slope)
    logit = Operand(np.where(there, logit.value, -np.inf), np.where(there, logit.magnitude, 0.0))
    mixed = (logit.softmax(1).swap(1, 2).swap(0, 1) @ heads.swap(0, 1)).swap(0, 1)
    out = mixed.reshape(len(x.value), -1) if layer.concat else mixed.mean(1)
    return out if layer.bias is None else out + numbers(layer.bias)


DENSE: dict[type, Callable[[Any, Operand, Operand], Operand]] = {
    pyg.DenseGCNConv: _gcn,
    pyg.DenseSAGEConv: _sage,
    pyg.DenseGraphConv: _graph,
    pyg.DenseGINConv: _gin,
    pyg.DenseGATConv: _gat,
}
"""The layer, states [N, F] and what joins them [N, N] to new states."""


def knows_dense(layer: Any) -> bool:
    """Whether `DENSE` computes all that this layer does."""
    if type(layer) is pyg.DenseGINConv:
        return all(type(part) in (nn.Linear, nn.ReLU) for part in parts_of(layer.nn))
    odd = getattr(layer, "normalize", False) or getattr(layer, "aggr", "") == "max"
    return type(layer) in DENSE and not odd
