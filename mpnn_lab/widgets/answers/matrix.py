"""The matrix of one message: its Jacobian, or the exact one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import EdgeMatrix, Trace
from mpnn_lab.views.rounds import shown_propagations
from mpnn_lab.widgets.answers.places import item


class Matrices:
    """Answers with edge matrices; each is computed once.

    `round`, `propagation` and `edge` are counted from 0 as the stage's view counts them. The
    answer has ``shape`` ([in, out]), ``exact``, ``start`` (whose state h_j is: the ``layer``'s or
    the ``step``'s) and one buffer of float32.
    """

    fields = ("round", "propagation", "edge")

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._known: dict[tuple[int, ...], EdgeMatrix] = {}

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The matrix of the message along this edge."""
        number, place, edge = given
        r = item(self._trace.rounds, number, "round")
        p = r.propagations[item(shown_propagations(r), place, "propagation")]
        item(range(p.edge_index.shape[1]), edge, "message")
        if p.messages is None:
            raise InputError("this run made no messages: there is nothing to take the slope of")
        cells = p.state_in.shape[1] * p.messages[edge].numel()
        if cells > LIMITS.matrix_cells:
            raise InputError(
                f"the matrix has {cells:,} numbers; one is computed on demand up to "
                f"{LIMITS.matrix_cells:,}"
            )
        key = (number, place, edge)
        if key not in self._known:
            self._known[key] = p.edge_matrix(edge)
        matrix = self._known[key]
        values = np.ascontiguousarray(matrix.values, dtype="<f4")
        reply = {"shape": list(values.shape), "exact": matrix.exact, "start": matrix.start}
        return reply, [values.tobytes()]


class OtherMatrices:
    """Answers likewise about the run beside the one on stage.

    Parameters
    ----------
    other : gives that run, None where there is none.
    """

    fields = Matrices.fields

    def __init__(self, other: Callable[[], Trace | None]) -> None:
        self._other = other
        self._last: tuple[Trace, Matrices] | None = None

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The matrix of the other run's message along this edge."""
        other = self._other()
        if other is None:
            raise InputError("there is no other run beside this one")
        if self._last is None or self._last[0] is not other:
            self._last = other, Matrices(other)
        return self._last[1].answer(*given)
