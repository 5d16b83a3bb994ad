"""What need not be sent, since the page works it out to the last bit."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.views.stage import PropagationView, StageView
from mpnn_lab.views.wire import LeftOut

Array = NDArray[np.float64]

# How far two implementations of a function may lie apart in float64, by the size of its value. Sums
# and products are the same everywhere, term by term in the same order.
APART = {"sigmoid": 2e-15, "tanh": 2e-15}
MOST_OFF = 1 << 20


def lean(view: StageView) -> StageView:
    """The same view without the values that frontend/stage/fill.ts makes anew.

    What the model itself has recorded differs from such a recomputation by a few units in the
    last place: those are sent then, and give its numbers back as they are. Parameters that nothing
    shown is computed with are left out altogether.
    """
    known: dict[str, Quantity] = {}
    quantities = []
    spared = _unread(view)
    along = {p.messages: p for r in view.rounds for p in r.propagations}
    along |= {p.aggregated: p for r in view.rounds for p in r.propagations if p.aggregated}
    for quantity in view.quantities:
        if quantity.name in spared:
            continue
        known[quantity.name] = quantity
        args = tuple(a for a in quantity.args if a not in spared)
        made = _made(quantity, known, along.get(quantity.name))
        left = None if made is None else _left_out(quantity, made)
        # On the wire the field holds what stands in for an array.
        values: Any = quantity.values if left is None else left
        quantities.append(replace(quantity, values=values, args=args))
    return replace(view, quantities=tuple(quantities))


def _unread(view: StageView) -> set[str]:
    """Parameters that stand only behind quantities whose making is not spelled out."""
    read = {a for q in view.quantities if q.op != "opaque" for a in q.args}
    read |= {name for step in view.steps for name in step.quantities}
    behind = {a for q in view.quantities if q.op == "opaque" for a in q.args}
    return {q.name for q in view.quantities if q.per == "model" and q.name in behind - read}


def _left_out(quantity: Quantity, made: Array) -> LeftOut | None:
    """What stands for the values where they follow from `made`; None where they have to be sent."""
    assert quantity.values is not None
    apart = APART.get(quantity.op, 0.0)
    low, high = ((made * (1 + by)).astype(np.float32) for by in (-apart, apart))
    if not (low == high).all():  # another browser might round the other way
        return None
    off = _ranks(quantity.values) - _ranks(low)
    most = int(abs(off).max())
    if most > MOST_OFF:
        return None
    folded = np.where(off < 0, -2 * off - 1, 2 * off)  # 0, -1, 1, -2 ... are 0, 1, 2, 3 ...
    return LeftOut(
        made.shape, folded.astype(np.uint8 if most < 128 else np.int32) if most else None
    )


def _ranks(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """The place of each number among all float32 numbers, 0 for 0."""
    bits = np.ascontiguousarray(values).view(np.int32).astype(np.int64)
    return np.where(bits < 0, -(bits & 0x7FFFFFFF), bits)


def _made(
    quantity: Quantity, known: dict[str, Quantity], along: PropagationView | None
) -> Array | None:
    """The values in float64 as the page makes them from what it has; None where it cannot."""
    if quantity.values is None or quantity.values.size == 0:
        return None
    args = [known[a] for a in quantity.args if a in known]
    if not args or len(args) < len(quantity.args):
        return None
    if quantity.op in ("linear", "sum_incoming") and along is not None:
        made = _along_edges(quantity, args, known, along)
    elif quantity.op not in OPS or any(not _beside(a, quantity) for a in args):
        return None
    else:
        made = OPS[quantity.op](*(a.values.astype(np.float64) for a in args))  # type: ignore[union-attr]
    return made if made is not None and made.shape == quantity.values.shape else None


def _beside(arg: Quantity, quantity: Quantity) -> bool:
    """Whether an argument has as many rows, or is a parameter that goes with each of them."""
    assert quantity.values is not None
    if arg.values is None or arg.values.size == 0 or arg.per not in (quantity.per, "model"):
        return False
    if quantity.op == "linear":
        return True
    if arg.per != "model":
        return arg.values.shape == quantity.values.shape
    return arg.values.size == 1 or arg.values.shape == quantity.values.shape[1:]


def _along_edges(
    quantity: Quantity, args: list[Quantity], known: dict[str, Quantity], p: PropagationView
) -> Array | None:
    """Messages that are the neighbour's state times the matrix of the edge's kind, or their sum."""
    if quantity.op == "sum_incoming":
        (messages,) = args
        if messages.name != p.messages or messages.values is None or quantity.values is None:
            return None
        total = np.zeros(quantity.values.shape)
        np.add.at(total, p.target, messages.values.astype(np.float64))  # in the edges' order
        return total
    if len(args) != 2 or (args[0].op, args[1].op) != ("source", "of_kind"):
        return None
    state, table = (known.get(a.args[0]) for a in args)
    if state is None or table is None or state.values is None or table.values is None:
        return None
    if state.values.ndim != 2 or table.values.ndim != 3 or (p.kind < 0).any():
        return None
    if state.values.shape[1] != table.values.shape[1]:
        return None
    x = state.values.astype(np.float64)[p.source]
    W = table.values.astype(np.float64)
    total = np.zeros((len(x), W.shape[2]))
    for i in range(W.shape[1]):
        total += x[:, i, None] * W[p.kind, i]
    return total


def _linear(x: Array, W: Array, b: Array | None = None) -> Array | None:
    """Term by term, as the page adds them up: a matrix product may add in another order."""
    if W.ndim != 2 or x.ndim != 2 or x.shape[1] != W.shape[0]:
        return None
    if b is not None and b.shape != W.shape[1:]:
        return None
    total = np.zeros((len(x), W.shape[1]))
    for column, row in zip(x.T, W, strict=True):
        total += column[:, None] * row
    return total if b is None else total + b


OPS: dict[str, Callable[..., Array | None]] = {
    "linear": _linear,
    "add": lambda *parts: reduce(operator.add, parts),
    "multiply": lambda *parts: reduce(operator.mul, parts),
    "interpolate": lambda z, n, h: (1 - z) * n + z * h,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-np.clip(x, -700, 700))),
    "tanh": np.tanh,
}
"""Each operation that the page can do row by row."""
