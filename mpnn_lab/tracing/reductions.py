"""Rows that share an index put together: what aggregations do, in float64 with numpy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing.arithmetic import QUANTILES
from mpnn_lab.tracing.operand import Array, Operand

Index = NDArray[np.int64]
Reduction = Callable[[Operand, Index, int], Operand]
LEAST_VARIANCE = 1e-5
"""PyG's standard deviation is 0 where the variance is no larger than this."""

MANY = 128
"""Rows that float32 adds up one after another to 1e-5 of their terms, whatever they are."""


def scatter(values: Array, index: Index, rows: int) -> Array:
    """Sum the rows that share an index: [E, ...] -> [rows, ...]."""
    out = np.zeros((rows, *values.shape[1:]))
    np.add.at(out, index, values)
    return out


def total(x: Operand, index: Index, rows: int) -> Operand:
    """The sum of the rows of each index."""
    off = np.sqrt(scatter(x.excess**2, index, rows))
    terms = scatter(abs(x.value), index, rows) * _length(index, rows, x.value.ndim)
    return Operand(scatter(x.value, index, rows), terms + off)


def _length(index: Index, rows: int, axes: int) -> Array:
    """How much more than its terms a sum of this many rows weighs, [rows, 1, ...].

    Equal rows added one after another are off by half their number times the last digit's size.
    """
    count = np.maximum(np.bincount(index, minlength=rows) / MANY, 1.0)
    return count.reshape((rows,) + (1,) * (axes - 1))


def _mean(x: Operand, index: Index, rows: int) -> Operand:
    count = np.maximum(np.bincount(index, minlength=rows), 1).astype(float)
    share = (1 / count).reshape((rows,) + (1,) * (x.value.ndim - 1))
    summed = total(x, index, rows)
    return Operand(summed.value * share, summed.magnitude * share)


def _extreme(ufunc: np.ufunc, start: float) -> Reduction:
    def reduce(x: Operand, index: Index, rows: int) -> Operand:
        found = np.full((rows, *x.value.shape[1:]), start)
        ufunc.at(found, index, x.value)
        size = np.zeros_like(found)
        np.maximum.at(size, index, x.magnitude)
        return Operand(np.where(np.isinf(found), 0.0, found), size)

    return reduce


def _product(x: Operand, index: Index, rows: int) -> Operand:
    value, size = (np.ones((rows, *x.value.shape[1:])) for _ in range(2))
    np.multiply.at(value, index, x.value)
    np.multiply.at(size, index, x.magnitude)
    return Operand(value, size)


def _variance(x: Operand, index: Index, rows: int) -> Operand:
    mean = _mean(x, index, rows)
    squares = _mean(Operand(x.value**2, x.magnitude**2), index, rows)
    return Operand(squares.value - mean.value**2, squares.magnitude + mean.magnitude**2)


def _deviation(x: Operand, index: Index, rows: int) -> Operand:
    variance = _variance(x, index, rows)
    large = variance.value > LEAST_VARIANCE
    root = np.sqrt(np.maximum(variance.value, LEAST_VARIANCE))
    size = variance.magnitude / root
    # In numbers of few digits the least variance may come out as more than itself.
    return Operand(np.where(large, root, 0.0), np.where(large, size, np.maximum(size, 0.5)))


def _quantile(x: Operand, index: Index, rows: int, q: float, rule: float) -> Operand:
    """Numpy's own quantile, index by index, by one of `QUANTILES`."""
    value, size = (np.zeros((rows, *x.value.shape[1:])) for _ in range(2))
    method: Any = QUANTILES[int(rule)]
    for row in np.unique(index):
        value[row] = np.quantile(x.value[index == row], q, axis=0, method=method)
        size[row] = x.magnitude[index == row].max(0)
    return Operand(value, size)


def _softmax(x: Operand, index: Index, rows: int) -> Operand:
    top = np.full((rows, *x.value.shape[1:]), -np.inf)
    np.maximum.at(top, index, x.value)
    e = np.exp(x.value - top[index])
    value = e / scatter(e, index, rows)[index]
    shared = scatter(value * x.magnitude, index, rows)[index]
    length = _length(index, rows, x.value.ndim)[index]
    return Operand(value, value * (length + x.magnitude + shared))


def _rows(x: Operand, index: Index, rows: int, places: float) -> Operand:
    """The rows of each index side by side, [rows, places * F]; 0 where they are fewer."""
    return _laid_out(x, index, rows, int(places), np.argsort(index, kind="stable"))


def _sorted(x: Operand, index: Index, rows: int, places: float) -> Operand:
    """Likewise, by the last channel, the largest first."""
    order = np.argsort(-x.value[:, -1], kind="stable")
    return _laid_out(x, index, rows, int(places), order[np.argsort(index[order], kind="stable")])


def _laid_out(x: Operand, index: Index, rows: int, places: int, order: Index) -> Operand:
    """Rows in this order, those of an index together, each at its place among them."""
    own, count = index[order], np.bincount(index, minlength=rows)
    place = np.arange(len(own)) - (np.cumsum(count) - count)[own]
    fits = place < places

    def laid(values: Array) -> Array:
        out = np.zeros((rows, places, *values.shape[1:]))
        out[own[fits], place[fits]] = values[order[fits]]
        return out.reshape(rows, -1)

    return Operand(laid(x.value), laid(x.magnitude))


REDUCTIONS: dict[str, Callable[..., Operand]] = {
    "sum": total,
    "mean": _mean,
    "max": _extreme(np.maximum, -np.inf),
    "min": _extreme(np.minimum, np.inf),
    "mul": _product,
    "var": _variance,
    "std": _deviation,
    "quantile": _quantile,
    "softmax": _softmax,
    "rows": _rows,
    "sorted": _sorted,
}
