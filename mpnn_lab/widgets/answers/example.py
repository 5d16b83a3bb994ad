"""A bond of a data set that the page asks for, put on stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.errors import InputError
from mpnn_lab.views.places import item


class Example:
    """Answers by showing the model's run on a molecule of the data set, one bond of it selected.

    `row` is the molecule's in the data set, `bond` the bond's number in the graph's molecule, both
    from 0. The answer holds nothing.

    Parameters
    ----------
    dataset : gives the data set whose bonds are shown, None where there is none.
    show : puts a molecule on stage, given by its row, and selects a bond.
    """

    fields = ("row", "bond")

    def __init__(
        self, dataset: Callable[[], MoleculeDataset | None], show: Callable[[int, int], None]
    ) -> None:
        self._dataset, self._show = dataset, show

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Run the model on the molecule."""
        row, bond = given
        dataset = self._dataset()
        if dataset is None:
            raise InputError("no data set stands beside this run")
        item(range(len(dataset)), row, "molecule")
        if not isinstance(bond, int) or isinstance(bond, bool) or bond < 0:
            raise InputError("the bond is given by a whole number")
        self._show(row, bond)
        return {}, []
