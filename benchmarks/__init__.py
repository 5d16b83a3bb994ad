"""Side-by-side figures, ours against a peer's in one run: ``python -m benchmarks [name ...]``.

A benchmark is a module of this folder with a function ``rows()`` that returns a list of `Row`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, and the bound it has to keep.

    Attributes
    ----------
    name : str
        What was measured.
    unit : str
        The unit of `ours` and `reference`.
    ours, reference : float
        The two figures; `reference` is None where the bound is on `ours` itself.
    at_least : float, optional
        Bound on how many times less we need: ``reference / ours``.
    at_most : float, optional
        Bound on ``ours / reference``, or on `ours` where there is no reference.
    """

    name: str
    unit: str
    ours: float
    reference: float | None = None
    at_least: float | None = None
    at_most: float | None = None

    def __post_init__(self) -> None:
        if self.at_least is not None and (self.reference is None or self.at_most is not None):
            raise ValueError(f"{self.name}: at_least bounds a ratio, alone; give a reference")

    @property
    def ratio(self) -> float | None:
        """What the bound is on, as a ratio; None without a reference."""
        if self.reference is None:
            return None
        bounded_below = self.at_least is not None
        return self.reference / self.ours if bounded_below else self.ours / self.reference

    @property
    def bound(self) -> str:
        """The bound in signs, empty where there is none."""
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return "" if self.at_most is None else f"≤ {self.at_most:g}"

    @property
    def holds(self) -> bool:
        """Whether the bound is kept; a figure without one always is."""
        value = self.ours if self.ratio is None else self.ratio
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is None or value <= self.at_most
