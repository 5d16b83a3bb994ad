"""What the forms of aggregations are given: one aggregate that is to be written down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from mpnn_lab.tracing.arithmetic import Op, Per
from mpnn_lab.tracing.ledger import Ledger
from mpnn_lab.tracing.reductions import Index

Over = Literal["incoming", "nodes"]


@dataclass(frozen=True)
class Task:
    """An aggregate that is to be written down.

    Attributes
    ----------
    module : the aggregation; of a `BySize` what it holds.
    rows : name of the messages, or of the atoms' states.
    over : which of the two.
    name, symbol : what the aggregate is called.
    recorded : what the run gave.
    shown : whether the lens lists the steps.
    padded : whether the module lays all groups out together, the shorter ones padded with zeros,
        rather than those of one size at a time.
    """

    module: Any
    rows: str
    over: Over
    name: str
    symbol: str
    recorded: Any
    shown: bool
    padded: bool

    @property
    def rest(self) -> str:
        """The subscript of the aggregate's letter."""
        return self.symbol[1:]

    @property
    def row(self) -> str:
        """The subscript of a row's letter."""
        return "_ij" if self.over == "incoming" else "_i"

    @property
    def thing(self) -> str:
        """What a row is."""
        return "message" if self.over == "incoming" else "atom"

    def mark(self, step: object) -> str:
        """What follows the letter of a step's value: an atom's own stands under its number."""
        return f"^{{{step}}}_i" if self.over == "incoming" else f"_{{{step}}}"

    def op(self, verb: str) -> Op:
        """The reduction over these rows."""
        return cast(Op, f"{verb}_{self.over}")

    def per(self, ledger: Ledger) -> Per:
        """What the rows of the aggregate count."""
        return ledger.ground.receivers if self.over == "incoming" else "graph"

    def index(self, ledger: Ledger) -> tuple[Index, int]:
        """The group of each row, and how many groups there are."""
        g = ledger.ground
        return (g.target, g.nodes) if self.over == "incoming" else (g.graph, g.graphs)
