"""The matrix of one message: its Jacobian, or the exact one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnn_lab.errors import InputError
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
