"""The stage as a file, for the page that shows it."""

from __future__ import annotations

from typing import Any

from mpnn_lab.errors import InputError
from mpnn_lab.exporting import trace_to_html
from mpnn_lab.tracing import Trace
from mpnn_lab.views.rounds import shown_propagations
from mpnn_lab.widgets.answers.matrix import Matrices


class Files:
    """Answers with the stage as one HTML file in a buffer, opening at this step and selection.

    `atom` and `bond` may be None. The file holds the Jacobians along the bonds about which
    `matrices` has been asked.
    """

    fields = ("step", "atom", "bond")

    def __init__(self, trace: Trace, matrices: Matrices) -> None:
        self._trace, self._matrices = trace, matrices

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The file, opening there."""
        step, atom, bond = given
        if step is None:
            raise InputError("the step is given by a whole number")
        text = trace_to_html(
            self._trace, step=step, selected_atom=atom, selected_bond=bond,
            jacobians=sorted(self._bonds() - {-1}),
        )  # fmt: skip
        return {}, [text.encode()]

    def _bonds(self) -> set[int]:
        rounds = self._trace.rounds
        places = ((rounds[r], p, edge) for r, p, edge in self._matrices.known)
        return {
            int(r.propagations[shown_propagations(r)[p]].edge_origin[edge]) for r, p, edge in places
        }
