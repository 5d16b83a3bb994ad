"""Aggregations by attention among the rows: set, multiset and patch transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import nn
from torch_geometric.nn import aggr

from mpnn_lab.tracing.forms.in_one_piece import Mask, in_one_piece, normalised, numbers, through
from mpnn_lab.tracing.forms.task import Task
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.operand import Operand


def attention(module: nn.MultiheadAttention, x: Operand, y: Operand, mask: Mask | None) -> Operand:
    """Rows of x [B, N, F] ask those of y [B, M, F] (Vaswani et al. 2017, section 3.2.2)."""
    heads, width = module.num_heads, x.shape[-1]
    weight, bias = numbers(module.in_proj_weight).reshape(3, width, width), module.in_proj_bias
    shift = None if bias is None else numbers(bias).reshape(3, width)

    def part(k: int, rows: Operand) -> Operand:
        made = rows @ weight[k].swap(0, 1)
        made = made if shift is None else made + shift[k]
        return made.reshape(*rows.shape[:2], heads, width // heads).swap(1, 2)

    query, key, value = part(0, x), part(1, y), part(2, y)
    logit = (query @ key.swap(2, 3)).times((width // heads) ** -0.5)
    if mask is not None:
        there = mask[:, None, None]
        none = np.where(there.any(-1, keepdims=True), -np.inf, 0.0)  # no group is all shut
        shut = np.where(there, logit.value, none)
        logit = Operand(shut, np.where(there, logit.magnitude, 0.0))
    heard = (logit.softmax(-1) @ value).swap(1, 2).reshape(*x.shape)
    return through(heard, module.out_proj)


def block(
    module: Any, x: Operand, y: Operand, x_mask: Mask | None = None, y_mask: Mask | None = None
) -> Operand:
    """X + attention of x to y, then a linear layer beside it (Lee et al. 2019, eq. 6 and 7)."""
    heard = attention(module.attn, x, y, y_mask)
    if x_mask is not None:
        heard = heard.where(x_mask)
    out = heard + x
    if module.layer_norm1 is not None:
        out = normalised(out, module.layer_norm1)
    out = out + through(out, module.lin).rectified()
    return out if module.layer_norm2 is None else normalised(out, module.layer_norm2)


def pooled(module: Any, x: Operand, mask: Mask | None) -> Operand:
    """Seeds that are learned ask the rows (Lee et al. 2019, eq. 11)."""
    seeds = numbers(module.seed)[np.zeros(len(x.value), dtype=int)]
    return block(module.mab, seeds, through(x, module.lin).rectified(), None, mask)


def set_transformer(module: Any, x: Operand, mask: Mask) -> Operand:
    """Attention among the rows, of seeds to them, among the seeds."""
    for encoder in module.encoders:
        x = block(encoder.mab, x, x, mask, mask)
    x = pooled(module.pma, x, mask)
    for decoder in module.decoders:
        x = block(decoder.mab, x, x)
    return x.reshape(len(x.value), -1) if module.concat else x.mean(1)


def multiset_transformer(module: Any, x: Operand, mask: Mask) -> Operand:
    """Attention of seeds to the rows, among the seeds, of one to them."""
    x = pooled(module.pma1, x, mask)
    for encoder in module.encoders:
        x = block(encoder.mab, x, x)
    return pooled(module.pma2, x, None)[:, 0]


def patch_transformer(module: Any, x: Operand, mask: Mask) -> Operand:
    """Patches of several rows, where they stand added, attention among them, their mean."""
    size, (groups, rows, _) = module.patch_size, x.shape
    room = (rows + 1) // size * size
    x = through(x, module.lin).where(mask)[:, :room]
    gap = np.zeros((groups, room - x.shape[1], x.shape[2]))
    x = Operand(*(np.concatenate([a, gap], 1) for a in (x.value, x.magnitude)))
    x = through(x.reshape(groups, room // size, size * x.shape[2]), module.pad_projector)
    x = x + _places(module.pe, room // size)
    for own in module.blocks:
        x = block(own, x, x)
    parts = [getattr(x, way)(1) for way in module.aggrs]
    joined = (np.concatenate([getattr(p, a) for p in parts], 1) for a in ("value", "magnitude"))
    return through(Operand(*joined), module.fc)


def _places(module: Any, count: int) -> Operand:
    """Sines and cosines of a patch's place."""
    turn = np.arange(count)[:, None] / module.granularity * numbers(module.frequency).value
    value = np.concatenate([np.sin(turn), np.cos(turn)], axis=-1)
    return Operand(value, abs(value) + np.concatenate([turn, turn], axis=-1))


KNOWN = {
    aggr.SetTransformerAggregation: lambda module: True,
    aggr.GraphMultisetTransformer: lambda module: True,
    aggr.PatchTransformerAggregation: lambda module: set(module.aggrs) <= {"mean", "sum"},
}


def _form(piece: Any, label: str) -> Any:
    def form(ledger: Ledger, task: Task) -> str:
        return in_one_piece(ledger, task, piece, label.format(things=f"{task.thing}s"))

    return form


FORMS = {
    aggr.SetTransformerAggregation: _form(
        set_transformer, "attention among the {things}, then of seeds to them"
    ),
    aggr.GraphMultisetTransformer: _form(
        multiset_transformer, "attention of seeds to the {things}, among them, of one to them"
    ),
    aggr.PatchTransformerAggregation: _form(
        patch_transformer, "attention among patches of the {things}"
    ),
}
