"""The aggregate that minimises a learned potential (Bartunov et al. 2022, arXiv:2202.12795)."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from torch_geometric.nn import aggr

from mpnn_lab.tracing.forms.in_one_piece import (
    Mask,
    in_one_piece,
    numbers,
    standard,
    through,
)
from mpnn_lab.tracing.forms.task import Task
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.operand import Array, Operand, recorded


def equilibrium(ledger: Ledger, task: Task) -> str:
    """Some steps down the potential's slope, with momentum, from nothing."""
    label = f"where the potential of all {task.thing}s is low"
    # Of several groups in a call PyG takes the mean of what holds y back: each has so much less.
    together = task.index(ledger)[1] if task.padded else 1
    return in_one_piece(ledger, task, partial(_descended, together), label)


def _descended(together: int, module: Any, x: Operand, mask: Mask) -> Operand:
    """Y after `grad_iter` steps v ← μ v − λ ∂E/∂y, y ← y + v."""
    rate = _softplus(numbers(module.optimizer._lr).value)
    momentum = numbers(module.optimizer._mom).sigmoid().value
    pull = recorded(2 * _softplus(numbers(module.lamb).value) / together)
    y = recorded(np.zeros((len(x.value), module.output_dim)))
    v = y
    for _ in range(module.grad_iter):
        slope = _slope(module.potential, x, y, mask) + y * pull
        v = v.times(float(momentum[0])) - slope.times(float(rate[0]))
        y = y + v
    return y


def _softplus(x: Array) -> Array:
    bent: Array = np.logaddexp(0.0, x)
    return bent


def _slope(potential: Any, x: Operand, y: Operand, mask: Mask) -> Operand:
    """∂F/∂y of F = mean_j NN([x_j, y]), by the chain rule, layer for layer from the last."""
    beside = y.reshape(len(y.value), 1, -1)[:, np.zeros(x.shape[1], dtype=int)]
    both = Operand(*(
        np.concatenate([getattr(x, a), getattr(beside, a)], -1) for a in ("value", "magnitude")
    ))  # fmt: skip
    h, passed = both, []
    *hidden, _ = potential.layers
    *ways, last = potential.res_trans
    for (linear, norm, _), way in zip(hidden, ways, strict=True):
        scaled, inverse = standard(through(h, linear), norm.eps)
        bent = (scaled * numbers(norm.weight) + numbers(norm.bias)).tanh()
        passed.append((linear, norm, way, scaled, inverse, bent))
        h = bent + through(both, way)
    count = np.maximum(mask.sum(1), 1)[:, None, None]
    start = recorded(np.where(mask[..., None], 1 / count, 0.0))
    found = start @ numbers(last.weight)
    off = start @ numbers(potential.layers[-1].weight)
    for linear, norm, way, scaled, inverse, bent in reversed(passed):
        found = found + off @ numbers(way.weight)
        one = recorded(np.ones(1))
        off = off * (one - bent * bent) * numbers(norm.weight)
        along = (off * scaled).mean(-1, keepdims=True)
        off = (off - off.mean(-1, keepdims=True) - scaled * along) * inverse
        off = off @ numbers(linear.weight)
    found = found + off  # the first layer's input is [x_j, y] itself
    return found[..., x.shape[-1] :].sum(1)


KNOWN = {aggr.EquilibriumAggregation: lambda module: True}
FORMS = {aggr.EquilibriumAggregation: equilibrium}
