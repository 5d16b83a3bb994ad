"""Numbers in float64 that know how large the terms behind them are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Operand:
    """A value, and the size of the terms behind it: rounding errors are small against that.

    `magnitude` is |value| for what was recorded; through what is only recomputed it adds up, so
    that two large terms that nearly cancel are not held to the precision of their difference. It
    adds up as small errors do: what is off in a factor counts as often as the other is large, and
    errors that know nothing of each other add up like lengths at right angles. (Products and sums
    of magnitudes would grow with every step, until any number agreed.)
    """

    value: Array
    magnitude: Array

    def scaled(self, factors: Mapping[int, float]) -> Operand:
        """With some rows multiplied by a factor each."""
        value, magnitude = self.value.copy(), self.magnitude.copy()
        for row, factor in factors.items():
            value[row] *= factor
            magnitude[row] *= abs(factor)
        return Operand(value, magnitude)

    @property
    def excess(self) -> Array:
        """What the terms behind the value have beyond it; 0 for what was recorded."""
        found: Array = self.magnitude - abs(self.value)
        return found

    @property
    def shape(self) -> tuple[int, ...]:
        """That of both arrays."""
        return self.value.shape

    def __add__(self, other: Operand) -> Operand:
        terms = abs(self.value) + abs(other.value)
        return Operand(self.value + other.value, terms + apart(self.excess, other.excess))

    def __neg__(self) -> Operand:
        return Operand(-self.value, self.magnitude)

    def __sub__(self, other: Operand) -> Operand:
        return self + -other

    def __mul__(self, other: Operand) -> Operand:
        x, y = abs(self.value), abs(other.value)
        return Operand(self.value * other.value, x * y + apart(x * other.excess, y * self.excess))

    def __matmul__(self, other: Operand) -> Operand:
        x, y = abs(self.value), abs(other.value)
        off = np.sqrt(x**2 @ other.excess**2 + self.excess**2 @ y**2)
        return Operand(self.value @ other.value, x @ y + off)

    def __getitem__(self, key: Any) -> Operand:
        return Operand(self.value[key], self.magnitude[key])

    def times(self, factor: float) -> Operand:
        """Scaled by a plain number."""
        return Operand(self.value * factor, self.magnitude * abs(factor))

    def reshape(self, *shape: int) -> Operand:
        """The same numbers in another shape."""
        return Operand(self.value.reshape(shape), self.magnitude.reshape(shape))

    def swap(self, first: int, second: int) -> Operand:
        """Two axes change places."""
        return Operand(self.value.swapaxes(first, second), self.magnitude.swapaxes(first, second))

    def where(self, mask: NDArray[np.bool_]) -> Operand:
        """0 where the mask, along the first axes, is false."""
        own = mask.reshape(mask.shape + (1,) * (self.value.ndim - mask.ndim))
        return Operand(np.where(own, self.value, 0.0), np.where(own, self.magnitude, 0.0))

    def sum(self, axis: int, keepdims: bool = False) -> Operand:
        """The sum over an axis."""
        terms = abs(self.value).sum(axis, keepdims=keepdims)
        off = np.sqrt((self.excess**2).sum(axis, keepdims=keepdims))
        return Operand(self.value.sum(axis, keepdims=keepdims), terms + off)

    def mean(self, axis: int, keepdims: bool = False) -> Operand:
        """The mean over an axis."""
        return self.sum(axis, keepdims).times(1 / self.shape[axis])

    def power(self, exponent: float) -> Operand:
        """To this power; nothing (0) where the base is 0."""
        base = np.where(self.value == 0, 1.0, self.value)
        value: Array = np.where(self.value == 0, 0.0, np.power(base, exponent))
        # A base that is small beside its terms is not known to the last digits, nor is its power.
        known = np.maximum(1.0, abs(exponent) * self.magnitude / abs(base))
        return Operand(value, abs(value) * known)

    def rectified(self, slope: float = 0.0) -> Operand:
        """Negative numbers times the slope."""
        return Operand(np.where(self.value > 0, self.value, slope * self.value), self.magnitude)

    def sigmoid(self) -> Operand:
        """1 / (1 + exp(−x)): its slope lets a fourth of what is off through, or less."""
        value = (1 + np.tanh(self.value / 2)) / 2
        return Operand(value, value + value * (1 - value) * self.magnitude)

    def tanh(self) -> Operand:
        """The hyperbolic tangent, likewise by its slope."""
        value = np.tanh(self.value)
        return Operand(value, abs(value) + (1 - value**2) * self.magnitude)

    def softmax(self, axis: int) -> Operand:
        """Shares over an axis; none for −∞."""
        e = np.exp(self.value - self.value.max(axis, keepdims=True))
        value = e / e.sum(axis, keepdims=True)
        size = np.where(np.isinf(self.magnitude), 0.0, self.magnitude)
        return Operand(value, value * (1 + size + (value * size).sum(axis, keepdims=True)))


def recorded(value: Any) -> Operand:
    """An operand that is exactly what the run had."""
    array = np.asarray(value, dtype=np.float64)
    return Operand(array, abs(array))


def apart(*errors: Array) -> Array:
    """The size of a sum of errors that know nothing of each other."""
    squares: Array = sum(e**2 for e in errors) + np.zeros(())
    return np.sqrt(squares)
