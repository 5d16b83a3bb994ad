"""Aggregates recomputed as a whole: checked like the others, but not spelled out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing.forms.task import Task
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.operand import Operand, recorded
from mpnn_lab.tracing.reductions import REDUCTIONS

Mask = NDArray[np.bool_]
Piece = Callable[[Any, Operand, Mask], Operand]
"""The module, rows [B, N, F] of B groups, which of them there are [B, N] -> aggregates [B, F']."""


def in_one_piece(ledger: Ledger, task: Task, piece: Piece, label: str) -> str:
    """The aggregate by a function of all rows of a group; 0 of a group without any."""
    result = by_group(ledger, task, piece)
    return ledger.derive(
        task.name, task.symbol, label, "opaque", task.rows, recorded=task.recorded,
        axes=("channel",), per=task.per(ledger), shown=task.shown, recomputed=result,
    )  # fmt: skip


def by_group(ledger: Ledger, task: Task, piece: Piece) -> Operand:
    """Groups of one size at a time, or all together where the module pads them."""
    index, groups = task.index(ledger)
    x, count = ledger.operand(task.rows), np.bincount(index, minlength=groups)
    most = int(count.max(initial=0))
    laid = REDUCTIONS["rows"](x, index, groups, max(1, most))
    dense = laid.reshape(groups, max(1, most), x.shape[-1])
    there = np.arange(max(1, most)) < count[:, None]
    if task.padded:
        return piece(task.module, dense, there).where(count > 0)
    width = 0 if task.recorded is None else task.recorded.shape[-1]
    out = Operand(*(np.zeros((groups, width)) for _ in range(2)))
    for size in np.unique(count[count > 0]):
        own = count == size
        part = piece(task.module, dense[own][:, :size], there[own][:, :size])
        if not width:
            width = part.shape[-1]
            out = Operand(*(np.zeros((groups, width)) for _ in range(2)))
        out.value[own], out.magnitude[own] = part.value, part.magnitude
    return out


def numbers(parameter: Any) -> Operand:
    """A parameter of the model, as it is."""
    return recorded(parameter.detach().cpu().double().numpy())


def through(x: Operand, linear: Any) -> Operand:
    """X @ W + b."""
    y = x @ numbers(linear.weight).swap(0, 1)
    return y if linear.bias is None else y + numbers(linear.bias)


def normalised(x: Operand, norm: Any) -> Operand:
    """Each row less its mean, over its spread, by the weights of a layer norm."""
    scaled, _ = standard(x, norm.eps)
    return scaled * numbers(norm.weight) + numbers(norm.bias)


def standard(x: Operand, eps: float) -> tuple[Operand, Operand]:
    """Each row at mean 0 and variance 1, and one over its spread."""
    centred = x - x.mean(-1, keepdims=True)
    variance = (centred * centred).mean(-1, keepdims=True)
    slack = np.full_like(variance.value, eps)
    inverse = (variance + Operand(slack, slack)).power(-0.5)
    return centred * inverse, inverse
