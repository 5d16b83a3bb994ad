"""Every operation of the arithmetic, computed anew in float64 with numpy.

Nothing here is shared with torch or PyG: this is the independent half of every check.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing.arithmetic import Op

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """What the rows stand on: the edges' ends and kinds, the atoms' graphs.

    `source`, `target`, `kind` are [edges], `graph` is [nodes]; all int64.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    kind: NDArray[np.int64]
    graph: NDArray[np.int64]
    graphs: int

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.graph)


@dataclass(frozen=True)
class Operand:
    """A value, and the size of the terms behind it: rounding errors are small against that.

    `magnitude` is |value| for what was recorded; through what is only recomputed it adds up, so
    that two large terms that nearly cancel are not held to the precision of their difference.
    """

    value: Array
    magnitude: Array


def recorded(value: Array) -> Operand:
    """An operand that is exactly what the run had."""
    return Operand(value, abs(value))


def scatter(values: Array, index: NDArray[np.int64], rows: int) -> Array:
    """Sum the rows that share an index: [E, ...] -> [rows, ...]."""
    out = np.zeros((rows, *values.shape[1:]))
    np.add.at(out, index, values)
    return out


def _both(function: Callable[[Array], Array]) -> Callable[[Operand], Operand]:
    """Move rows about, and their magnitudes with them."""
    return lambda x: Operand(function(x.value), function(x.magnitude))


def _bounded(function: Callable[[Array], Array]) -> Callable[[Operand], Operand]:
    """Functions of slope one at most, with values of size one."""
    return lambda x: Operand(function(x.value), np.maximum(1.0, x.magnitude))


def _rectified(x: Operand, slope: float = 0.0) -> Operand:
    return Operand(np.where(x.value > 0, x.value, slope * x.value), x.magnitude)


def _linear(x: Operand, weight: Operand, bias: Operand | None = None) -> Operand:
    spec = "...i,...io->...o"
    value = np.einsum(spec, x.value, weight.value)
    magnitude = np.einsum(spec, x.magnitude, weight.magnitude)
    if bias is None:
        return Operand(value, magnitude)
    return Operand(value + bias.value, magnitude + bias.magnitude)


def _aligned(parts: tuple[Operand, ...]) -> list[Operand]:
    """Append axes of length one, so that shorter shapes align with longer ones from the left."""
    most = max(p.value.ndim for p in parts)

    def grown(a: Array) -> Array:
        return a.reshape(a.shape + (1,) * (most - a.ndim))

    return [Operand(grown(p.value), grown(p.magnitude)) for p in parts]


def _add(*parts: Operand) -> Operand:
    first, *others = _aligned(parts)
    value, magnitude = first.value, first.magnitude
    for part in others:
        value, magnitude = value + part.value, magnitude + part.magnitude
    return Operand(value, magnitude)


def _multiply(*parts: Operand) -> Operand:
    first, *others = _aligned(parts)
    value, magnitude = first.value, first.magnitude
    for part in others:
        value, magnitude = value * part.value, magnitude * part.magnitude
    return Operand(value, magnitude)


def _power(x: Operand, exponent: float) -> Operand:
    base = np.where(x.value == 0, 1.0, x.value)
    return recorded(np.where(x.value == 0, 0.0, np.power(base, exponent)))


def _split(x: Array, heads: int) -> Array:
    return x.reshape(len(x), heads, x.shape[1] // heads)


def _interpolate(z: Operand, n: Operand, h: Operand) -> Operand:
    value = (1 - z.value) * n.value + z.value * h.value
    return Operand(value, z.magnitude * (n.magnitude + h.magnitude) + n.magnitude)


def _layer_norm(x: Operand, weight: Operand, bias: Operand, eps: float) -> Operand:
    centred = x.value - x.value.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    size = (x.magnitude + abs(x.value.mean(-1, keepdims=True))) / spread
    return Operand(
        centred / spread * weight.value + bias.value, size * weight.magnitude + bias.magnitude
    )


def _dot(a: Operand, b: Operand) -> Operand:
    return Operand((a.value * b.value).sum(-1), (a.magnitude * b.magnitude).sum(-1))


def _softmax(x: Operand, index: NDArray[np.int64], rows: int) -> Operand:
    top = np.full((rows, *x.value.shape[1:]), -np.inf)
    np.maximum.at(top, index, x.value)
    e = np.exp(x.value - top[index])
    size = max(1.0, float(x.magnitude.max(initial=0.0)))
    return Operand(e / scatter(e, index, rows)[index], np.full_like(e, size))


def _max(x: Operand, index: NDArray[np.int64], rows: int) -> Operand:
    top = np.full((rows, *x.value.shape[1:]), -np.inf)
    np.maximum.at(top, index, x.value)
    size = np.zeros_like(top)
    np.maximum.at(size, index, x.magnitude)
    return Operand(np.where(np.isinf(top), 0.0, top), size)


def _sum(x: Operand, index: NDArray[np.int64], rows: int) -> Operand:
    return _both(lambda a: scatter(a, index, rows))(x)


def _mean(x: Operand, index: NDArray[np.int64], rows: int) -> Operand:
    count = np.maximum(np.bincount(index, minlength=rows), 1).astype(float)
    shape = (rows,) + (1,) * (x.value.ndim - 1)
    return _both(lambda a: scatter(a, index, rows) / count.reshape(shape))(x)


def evaluate(
    op: Op, args: list[Operand], constants: dict[str, float], ground: Ground
) -> Operand | None:
    """Recompute one operation; ``None`` for those that cannot be (`recorded`, `opaque`)."""
    g = ground
    table: dict[str, Callable[..., Operand]] = {
        "source": _both(lambda x: x[g.source]),
        "target": _both(lambda x: x[g.target]),
        "of_kind": _both(lambda x: x[g.kind]),
        "of_graph": _both(lambda x: x[g.graph]),
        "linear": _linear,
        "add": _add,
        "multiply": _multiply,
        "power": _power,
        "relu": _rectified,
        "leaky_relu": _rectified,
        "elu": _bounded(lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
        "silu": _bounded(lambda x: x / (1 + np.exp(-x))),
        "sigmoid": _bounded(lambda x: 1 / (1 + np.exp(-x))),
        "tanh": _bounded(np.tanh),
        "layer_norm": _layer_norm,
        "dot": _dot,
        "softmax_incoming": lambda x: _softmax(x, g.target, g.nodes),
        "sum_incoming": lambda x: _sum(x, g.target, g.nodes),
        "mean_incoming": lambda x: _mean(x, g.target, g.nodes),
        "max_incoming": lambda x: _max(x, g.target, g.nodes),
        "interpolate": _interpolate,
        "split_heads": lambda x, heads: _both(lambda a: _split(a, int(heads)))(x),
        "flatten": _both(lambda x: x.reshape(len(x), math.prod(x.shape[1:]))),
        "mean_heads": _both(lambda x: x.mean(1)),
        "concatenate": lambda *x: Operand(
            np.concatenate([p.value for p in x], -1), np.concatenate([p.magnitude for p in x], -1)
        ),
        "softmax_nodes": lambda x: _softmax(x, g.graph, g.graphs),
        "sum_nodes": lambda x: _sum(x, g.graph, g.graphs),
        "mean_nodes": lambda x: _mean(x, g.graph, g.graphs),
        "max_nodes": lambda x: _max(x, g.graph, g.graphs),
        "weighted_sum_nodes": lambda a, x: _sum(_multiply(a, x), g.graph, g.graphs),
    }
    known: dict[str, Any] = constants
    return table[op](*args, **known) if op in table else None
