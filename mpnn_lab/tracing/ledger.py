"""A ledger: the quantities of one run, entered in the order in which they are computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from mpnn_lab.tracing.arithmetic import Op, Per, Quantity
from mpnn_lab.tracing.evaluate import Ground, evaluate
from mpnn_lab.tracing.operand import Operand
from mpnn_lab.tracing.precision import FINE, Precision

VIEWS = ("source", "target", "of_kind", "of_graph")
PER: dict[str, Per] = {
    "source": "edge", "target": "edge", "of_kind": "edge", "of_graph": "node",
}  # fmt: skip
ORDER: tuple[Per, ...] = ("edge", "hyperedge", "node", "graph", "kind", "model")


@dataclass(frozen=True)
class Check:
    """One comparison: agreed (True), differed (False), or ``None`` with the reason why not."""

    name: str
    agrees: bool | None
    error: float
    relative: float
    reason: str = ""


@dataclass(frozen=True)
class Entry:
    """A quantity, the sub-step it belongs to, and whether the lens lists it there."""

    step: str
    propagation: int
    quantity: Quantity
    shown: bool


class Ledger:
    """Collects quantities under a prefix such as ``"round 2"``, checking each that is recorded.

    Values handed in are torch tensors, arrays or numbers; quantities are named by strings, and
    every method returns the full name of what it entered. `precision` says when two numbers agree,
    `scaled` by what factor rows of a quantity were multiplied on purpose, by its full name, before
    anything was made of them.
    """

    def __init__(self, prefix: str, ground: Ground, precision: Precision = FINE) -> None:
        self.prefix = prefix
        self.ground = ground
        self.precision = precision
        self.entries: list[Entry] = []
        self.checks: list[Check] = []
        self._by_name: dict[str, Quantity] = {}
        self._magnitudes: dict[str, NDArray[np.float64]] = {}
        self._grounds: dict[str, Ground] = {}  # of those that are looked at anew, as views are
        self.coefficients: dict[int, str] = {}
        self.scaled: dict[str, dict[int, float]] = {}
        self._step, self._propagation = "", -1
        self._first: int | None = None

    @contextmanager
    def part(self, name: str, first: int) -> Iterator[None]:
        """What is entered inside belongs to a part, whose propagations begin with number `first`.

        Its quantities are named after it. Sub-steps without a propagation count to the first.
        """
        before = self.prefix, self._first
        self.prefix, self._first = f"{self.prefix}/{name}", first
        yield
        self.prefix, self._first = before

    @contextmanager
    def step(self, name: str, propagation: int = -1) -> Iterator[None]:
        """What is entered inside belongs to this sub-step."""
        before = self._step, self._propagation
        if self._first is not None:
            propagation = self._first + max(propagation, 0)
        self._step, self._propagation = name, propagation
        yield
        self._step, self._propagation = before

    @contextmanager
    def on(self, ground: Ground) -> Iterator[None]:
        """What is entered inside stands on other edges."""
        before, self.ground = self.ground, ground
        yield
        self.ground = before

    def __getitem__(self, name: str) -> Quantity:
        return self._by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def get(self, name: str) -> Quantity | None:
        """The quantity of this name, if it is here."""
        return self._by_name.get(name)

    def borrow(self, quantity: Quantity) -> str:
        """Make a quantity of another ledger available as an argument here."""
        self._by_name[quantity.name] = quantity
        return quantity.name

    def recorded(
        self,
        name: str,
        symbol: str,
        label: str,
        values: Any,
        per: Per,
        axes: tuple[str, ...] = ("channel",),
        *,
        shown: bool = True,
        unit: str = "",
    ) -> str:
        """Enter what the run or the model holds."""
        array = to_array(values)
        quantity = Quantity(self._full(name), symbol, label, per, axes, array, unit=unit)
        return self._enter(quantity, shown)

    def weight(self, name: str, symbol: str, label: str, values: Any, axes: tuple[str, ...]) -> str:
        """Enter a parameter of the model; it is drawn beside what it is multiplied with."""
        return self.recorded(name, symbol, label, values, "model", axes, shown=False)

    def weight_once(
        self, name: str, symbol: str, label: str, values: Any, axes: tuple[str, ...]
    ) -> str:
        """Enter a parameter that several steps use, where none of them has yet."""
        known = self._full(name) in self._by_name
        return self._full(name) if known else self.weight(name, symbol, label, values, axes)

    def derive(
        self,
        name: str,
        symbol: str,
        label: str,
        op: Op,
        *args: str,
        recorded: Any = None,
        axes: tuple[str, ...] | None = None,
        per: Per | None = None,
        shown: bool = True,
        unit: str = "",
        constants: dict[str, float] | None = None,
        recomputed: Operand | None = None,
    ) -> str:
        """Enter a quantity made by `op` from others; where the run recorded it, compare.

        `recomputed` is what an opaque one should be, where it is known but not spelled out.
        """
        given = [self._by_name[a] for a in args]
        constants = constants or {}
        if axes is None:
            axes = ("channel",) if op == "linear" else _longest_axes(given)
        quantity = Quantity(
            self._full(name), symbol, label, per or self._per(op, given), axes, None, op, args,
            constants, recorded is not None, None, unit,
        )  # fmt: skip
        if op in VIEWS:
            self._grounds[quantity.name] = self.ground
            return self._enter(replace(quantity, recorded=False), shown)
        operands = [] if op == "opaque" else [self._operand(op, a) for a in args]
        result = recomputed
        if result is None:
            result = evaluate(op, operands, constants, self.ground)
        if recorded is None:
            assert result is not None
            self._magnitudes[quantity.name] = result.magnitude
            return self._enter(replace(quantity, values=to_array(result.value)), shown)
        values = to_array(recorded)
        if result is None:
            return self._enter(replace(quantity, values=values), shown)
        if factors := self.scaled.get(quantity.name):
            result = result.scaled(factors)
            quantity = replace(quantity, scaled={str(row): f for row, f in factors.items()})
        check = compare(quantity.name, values, result, self.precision)
        self.checks.append(check)
        return self._enter(replace(quantity, values=values, error=check.error), shown)

    @property
    def propagation(self) -> int:
        """The propagation that what is entered now belongs to, within its part."""
        return self._propagation - (self._first or 0)

    def weighs(self, name: str, propagation: int = 0) -> str:
        """Say that a quantity per edge holds the coefficients of a propagation's messages.

        What is said first stands: a layer's own coefficients before those of its aggregation.
        """
        self.coefficients.setdefault(propagation + (self._first or 0), name)
        return name

    def cannot_check(self, name: str, reason: str) -> None:
        """Say that something could not be recomputed, and why."""
        self.checks.append(Check(self._full(name), None, 0.0, 0.0, reason))

    def rows(self, name: str) -> NDArray[np.float64]:
        """The values behind a name, views resolved, in float64."""
        return self.operand(name).value

    def operand(self, name: str) -> Operand:
        """The same, with the size of the terms behind them."""
        quantity = self._by_name[name]
        if quantity.values is not None:
            value = quantity.values.astype(np.float64)
            return Operand(value, self._magnitudes.get(name, abs(value)))
        given = [self.operand(a) for a in quantity.args]
        result = evaluate(quantity.op, given, {}, self._grounds.get(name, self.ground))
        assert result is not None
        return result

    def _operand(self, op: Op, name: str) -> Operand:
        """What stands behind a name; what belongs to the whole model gets a row to align with."""
        operand = self.operand(name)
        if self._by_name[name].per == "model" and op in ("add", "multiply"):
            if operand.value.size == 1:  # one number for all, however many axes the others have
                return Operand(operand.value.reshape(1), operand.magnitude.reshape(1))
            return Operand(operand.value[None], operand.magnitude[None])
        return operand

    def _per(self, op: Op, given: list[Quantity]) -> Per:
        if op in PER:
            return PER[op]
        verb, _, over = op.rpartition("_")
        if over in ("incoming", "nodes") and verb != "softmax":
            return self.ground.receivers if over == "incoming" else "graph"
        return next(p for p in ORDER if any(g.per == p for g in given))

    def _full(self, name: str) -> str:
        return f"{self.prefix}/{name}"

    def _enter(self, quantity: Quantity, shown: bool) -> str:
        if quantity.name in self._by_name:
            raise ValueError(f"{quantity.name!r} is already in the ledger")
        if quantity.per == "node":
            quantity = replace(quantity, nodes=self.ground.pooled)
        self._by_name[quantity.name] = quantity
        self.entries.append(Entry(self._step, self._propagation, quantity, shown))
        return quantity.name


def _longest_axes(given: list[Quantity]) -> tuple[str, ...]:
    """Those of the argument that has most, the model's own numbers aside."""
    return max((g.axes for g in given if g.per != "model"), key=len, default=given[0].axes)


def to_array(values: Any) -> NDArray[np.float32]:
    """As a float32 array on the CPU."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().float().numpy()
    return np.ascontiguousarray(values, dtype=np.float32)


def compare(
    name: str, values: NDArray[np.float32], recomputed: Operand, precision: Precision = FINE
) -> Check:
    """Hold recorded values against recomputed ones."""
    if values.shape != recomputed.value.shape:
        reason = f"recorded {values.shape}, recomputed {recomputed.value.shape}"
        return Check(name, False, float("inf"), float("inf"), reason)
    if values.size == 0:
        return Check(name, True, 0.0, 0.0)
    error = abs(values - recomputed.value)
    size = np.maximum(recomputed.magnitude, precision.least)
    relative = float((error / size).max())
    agrees = bool((error <= precision.tolerance * size).all())
    return Check(name, agrees, float(error.max()), relative)
