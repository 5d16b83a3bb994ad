"""The matrix of one message: its Jacobian, or the exact one."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing import Trace
from mpnn_lab.views.asked import asked_matrix
from mpnn_lab.views.stage import AskedMatrixView


class Matrices:
    """Answers with edge matrices; each is computed once.

    `round`, `propagation` and `edge` are counted from 0 as the stage's view counts them. The
    answer has ``shape`` ([in, out]), ``exact``, ``start`` (whose state h_j is: the ``layer``'s or
    the ``step``'s) and one buffer of float32.
    """

    fields = ("round", "propagation", "edge")

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self.known: dict[tuple[int, ...], AskedMatrixView] = {}

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The matrix of the message along this edge."""
        if any(type(place) is not int for place in given) or given not in self.known:
            self.known[given] = asked_matrix(self._trace, *given)
        matrix = self.known[given]
        shape = list(matrix.values.shape)
        reply = {"shape": shape, "exact": matrix.exact, "start": matrix.start}
        return reply, [matrix.values.tobytes()]
