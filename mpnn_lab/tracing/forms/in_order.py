"""The rows of every group in their order: the first of each, the second of each, ..."""

from __future__ import annotations

from functools import partial

import numpy as np

from mpnn_lab.tracing.arithmetic import Per
from mpnn_lab.tracing.forms.task import Task
from mpnn_lab.tracing.ledger import Ledger

BAR = "\u0304"
"""Over the letter of a value that stays as it was where a row is missing."""
LISTED = 16
"""Steps that the lens lists; of more than these only what comes of the last."""


class InOrder:
    """Places of the rows within their groups, as quantities of the groups.

    Groups differ in size. What a shorter one has no row for is left undone: its value stays as it
    was (`unless_missing`), but where the module goes on over padding.

    Attributes
    ----------
    most : rows of the largest group.
    listed : whether the lens lists a step for each of them.
    """

    def __init__(self, ledger: Ledger, task: Task, rows: str, places: int | None = None) -> None:
        self.ledger, self.task = ledger, task
        self._hidden = partial(ledger.derive, shown=False)
        index, self.groups = task.index(ledger)
        count = np.bincount(index, minlength=self.groups)
        self.most, self.least = int(count.max(initial=0)), int(count.min()) if self.groups else 0
        self.listed = task.shown and self.most <= LISTED
        self.width = ledger.rows(rows).shape[-1]
        self.places = max(1, self.most) if places is None else places
        label = f"the {task.thing}s one after another"
        self.all = self._hidden(
            f"{task.name} rows", f"X{task.rest}", label, task.op("rows"), rows,
            constants={"places": float(self.places)}, axes=("channel",),
        )  # fmt: skip

    def at(self, t: int, symbol: str = "x") -> str:
        """The row in place t, counted from 1."""
        start = float((t - 1) * self.width)
        return self._hidden(
            f"{self.task.name} row {t}", f"{symbol}{self.task.mark(t)}", f"{self.task.thing} {t}",
            "channels", self.all, constants={"start": start, "stop": start + self.width},
        )  # fmt: skip

    def nothing(self, width: int, name: str = "nothing", label: str = "nothing yet") -> str:
        """Zeros, with which the groups begin."""
        return self.ledger.recorded(
            f"{self.task.name} {name}", "0", label, np.zeros((self.groups, width)),
            self.task.per(self.ledger), shown=False,
        )  # fmt: skip

    def unless_missing(self, t: int, new: str, old: str, name: str, symbol: str, label: str) -> str:
        """The new value of groups that have a row in place t, the old one of the others."""
        if self.task.padded or self.least >= t:
            return new
        symbol = f"{symbol[0]}{BAR}{symbol[1:]}"
        return self._hidden(
            f"{self.task.name} {name}", symbol, f"{label}; as before where there is no "
            f"{self.task.thing} {t}", "interpolate", self._missing(t), new, old,
            axes=("channel",),
        )  # fmt: skip

    def _missing(self, t: int) -> str:
        """1 for groups that have no row in place t, else 0: t − n between 0 and 1."""
        name, ledger = self.task.name, self.ledger
        number = partial(ledger.weight_once, axes=("",))
        if f"{ledger.prefix}/{name} none {t}" in ledger:
            return f"{ledger.prefix}/{name} none {t}"
        own = self._number()
        place = number(f"{name} place {t}", str(t), f"place {t}", [float(t)])
        over = self._hidden(f"{name} over {t}", f"({t}−n){self.task.mark(t)}", "places too many",
                            "add", own, place, axes=())  # fmt: skip
        label = f"1 where there is no {self.task.thing} {t}, else 0"
        return self._hidden(f"{name} none {t}", f"z{self.task.mark(t)}", label, "clamp", over,
                            axes=(), constants={"low": 0.0, "high": 1.0})  # fmt: skip

    def _number(self) -> str:
        """Minus how many rows a group has."""
        name, ledger = self.task.name, self.ledger
        if f"{ledger.prefix}/{name} −n" in ledger:
            return f"{ledger.prefix}/{name} −n"
        per: Per = "edge" if self.task.over == "incoming" else "node"
        ones = np.ones(len(self.task.index(ledger)[0]))
        one = ledger.recorded(f"{name} one", "1", "one each", ones, per, (), shown=False)
        n = self._hidden(f"{name} n", "n", f"how many {self.task.thing}s there are",
                         self.task.op("sum"), one, axes=())  # fmt: skip
        minus = ledger.weight_once(f"{name} minus", "−1", "minus one", [-1.0], ("",))
        return self._hidden(f"{name} −n", "−n", "less their number", "multiply", n, minus, axes=())
