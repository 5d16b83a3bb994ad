"""Every operation of the arithmetic, computed anew in float64 with numpy.

Nothing here is shared with torch or PyG: this is the independent half of every check.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing.arithmetic import Op, Per
from mpnn_lab.tracing.operand import Array, Operand, apart, recorded
from mpnn_lab.tracing.reductions import REDUCTIONS, total

__all__ = ["Ground", "Operand", "evaluate", "recorded"]


def _nothing() -> NDArray[np.int64]:
    return np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Ground:
    """What the rows stand on: the edges' ends and kinds, the atoms' graphs.

    `source`, `target`, `kind` are [edges], `graph` is [nodes]; all int64. `receivers` says what
    targets count, and then the rows of `graph`, where those are no atoms. After a pooling,
    `before` and `after` [P] say which node before it belongs to which of these; `pooled` counts
    the poolings, and `kept` names the node before the last whose row stays.
    """

    source: NDArray[np.int64]
    target: NDArray[np.int64]
    kind: NDArray[np.int64]
    graph: NDArray[np.int64]
    graphs: int
    receivers: Per = "node"
    before: NDArray[np.int64] = field(default_factory=_nothing)
    after: NDArray[np.int64] = field(default_factory=_nothing)
    kept: NDArray[np.int64] = field(default_factory=_nothing)
    pooled: int = 0

    @property
    def nodes(self) -> int:
        """How many nodes there are."""
        return len(self.graph)


def _both(function: Callable[[Array], Array]) -> Callable[[Operand], Operand]:
    """Move rows about, and their magnitudes with them."""
    return lambda x: Operand(function(x.value), function(x.magnitude))


def _bounded(function: Callable[[Array], Array]) -> Callable[[Operand], Operand]:
    """Functions of slope one at most, with values of size one."""
    return lambda x: Operand(function(x.value), np.maximum(1.0, x.magnitude))


def _linear(x: Operand, weight: Operand, bias: Operand | None = None) -> Operand:
    spec = "...i,...io->...o"
    w = abs(weight.value)
    value = np.einsum(spec, x.value, weight.value)
    magnitude = np.einsum(spec, abs(x.value), w)
    squares = [
        np.einsum(spec, a**2, b**2)
        for a, b in ((x.excess, w), (abs(x.value), weight.excess))
        if a.any() and b.any()
    ]
    magnitude = magnitude + np.sqrt(sum(squares)) if squares else magnitude
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
    aligned = _aligned(parts)
    value: Array = sum(p.value for p in aligned[1:]) + aligned[0].value
    terms = sum(abs(p.value) for p in aligned)
    return Operand(value, terms + apart(*(p.excess for p in aligned)))


def _multiply(*parts: Operand) -> Operand:
    return reduce(operator.mul, _aligned(parts))


def _maximum(*parts: Operand) -> Operand:
    value = np.maximum.reduce([p.value for p in parts])
    return Operand(value, np.maximum.reduce([p.magnitude for p in parts]))


def _exp(x: Operand) -> Operand:
    value = np.exp(x.value)
    return Operand(value, value * np.maximum(1.0, x.magnitude))


def _log(x: Operand) -> Operand:
    value = np.log(x.value)
    return Operand(value, np.maximum(abs(value), x.magnitude / x.value))


def _split(x: Array, heads: int) -> Array:
    return x.reshape(len(x), heads, x.shape[1] // heads)


def _repeat(x: Array, heads: int) -> Array:
    return np.broadcast_to(x[:, None], (len(x), heads, *x.shape[1:]))


def _interpolate(z: Operand, n: Operand, h: Operand) -> Operand:
    z, n, h = _aligned((z, n, h))
    rest = Operand(1 - z.value, 1 + z.excess)
    return rest * n + z * h


def _layer_norm(x: Operand, weight: Operand, bias: Operand, eps: float) -> Operand:
    centred = x.value - x.value.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + eps)
    size = (x.magnitude + abs(x.value.mean(-1, keepdims=True))) / spread
    return Operand(
        centred / spread * weight.value + bias.value, size * weight.magnitude + bias.magnitude
    )


def _dot(a: Operand, b: Operand) -> Operand:
    return (a * b).sum(-1)


def _normal(x: Array) -> Array:
    """The standard normal distribution up to x."""
    erf: Array = np.vectorize(math.erf, otypes=[float])(x / math.sqrt(2))
    return (1 + erf) / 2


def _angle(a: Array, b: Array) -> Array:
    """In radians, 0 to π; 0 where one of them has no length."""
    turned: Array = np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1))
    return turned


def _point_pair(d: Operand, first: Operand, second: Operand) -> Operand:
    length = np.linalg.norm(d.value, axis=-1)
    v, n, m = d.value, first.value, second.value
    value = np.stack([length, _angle(n, v), _angle(m, v), _angle(n, m)], axis=-1)
    # An angle moves as far as its sides' ends do, over their lengths.
    size = np.linalg.norm(d.magnitude, axis=-1)
    turn = np.where(length > 0, size / np.where(length > 0, length, 1.0), 1.0) + np.pi
    return Operand(value, np.stack([size, turn, turn, np.full_like(turn, np.pi)], axis=-1))


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
        "kept": _both(lambda x: x[g.kept]),
        "sum_members": lambda x: total(_both(lambda a: a[g.before])(x), g.after, g.nodes),
        "linear": _linear,
        "add": _add,
        "multiply": _multiply,
        "maximum": _maximum,
        "power": Operand.power,
        "clamp": lambda x, low, high: Operand(np.clip(x.value, low, high), x.magnitude),
        "relu": Operand.rectified,
        "leaky_relu": Operand.rectified,
        "elu": _bounded(lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0)))),
        "silu": _bounded(lambda x: x * (1 + np.tanh(x / 2)) / 2),
        "gelu": _bounded(lambda x: x * _normal(x)),
        "sigmoid": Operand.sigmoid,
        "tanh": Operand.tanh,
        "softplus": lambda x: Operand(np.logaddexp(0.0, x.value), 1 + x.magnitude),
        "exp": _exp,
        "log": _log,
        "layer_norm": _layer_norm,
        "dot": _dot,
        "channels": lambda x, start, stop: _both(lambda a: a[..., int(start) : int(stop)])(x),
        "softmax_channels": lambda x: x.softmax(-1),
        "point_pair": _point_pair,
        "interpolate": _interpolate,
        "split_heads": lambda x, heads: _both(lambda a: _split(a, int(heads)))(x),
        "flatten": _both(lambda x: x.reshape(len(x), math.prod(x.shape[1:]))),
        "mean_heads": _both(lambda x: x.mean(1)),
        "sum_heads": _both(lambda x: x.sum(1)),
        "softmax_heads": lambda x: x.softmax(1),
        "repeat_heads": lambda x, heads: _both(lambda a: _repeat(a, int(heads)))(x),
        "combine": operator.matmul,
        "concatenate": lambda *x: Operand(
            np.concatenate([p.value for p in x], -1), np.concatenate([p.magnitude for p in x], -1)
        ),
        "weighted_sum_incoming": lambda a, x: total(_multiply(a, x), g.target, g.nodes),
        "weighted_sum_nodes": lambda a, x: total(_multiply(a, x), g.graph, g.graphs),
    }
    verb, _, over = op.rpartition("_")
    if over in ("incoming", "nodes") and verb in REDUCTIONS:
        rows = (g.target, g.nodes) if over == "incoming" else (g.graph, g.graphs)
        return REDUCTIONS[verb](args[0], *rows, **constants)
    known: dict[str, Any] = constants
    return table[op](*args, **known) if op in table else None
