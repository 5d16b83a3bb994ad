"""What the stage's page may ask the kernel about the trace on it, and what it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Any

import numpy as np

from mpnn_lab.errors import InputError, LabError
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import EdgeMatrix, Trace
from mpnn_lab.views.rounds import shown_propagations

Answer = tuple[dict[str, Any], list[bytes]]
PLACES = ("round", "propagation", "edge")
LARGEST_ID = 2**53


class Answers:
    """Answers about one trace; each matrix is computed once.

    A question is ``{"kind": "matrix", "id": n, "round": r, "propagation": p, "edge": e}``, the
    places counted from 0 as the stage's view counts them. The answer repeats kind and id, with
    ``shape`` ([in, out]), ``exact``, ``start`` (whose state h_j is: the ``layer``'s or the
    ``step``'s) and one buffer of float32. Whatever else comes is answered by ``{"kind": "error",
    "id": its id or None, "what": a sentence}``, and changes nothing.

    Parameters
    ----------
    trace : the run that is on stage.
    """

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._known: dict[tuple[int, ...], EdgeMatrix] = {}
        self._lock = Lock()

    def answer(self, content: Any, buffers: Sequence[Any] | None = None) -> Answer:
        """The reply to one message of the page, and the buffers that go with it."""
        try:
            where = _asked(content, buffers)
            matrix = self._matrix(*where)
        except LabError as fault:
            return {"kind": "error", "id": _id(content), "what": fault.what}, []
        except Exception as fault:
            what = f"unexpected: {type(fault).__name__}: {fault}"
            return {"kind": "error", "id": _id(content), "what": what}, []
        values = np.ascontiguousarray(matrix.values, dtype="<f4")
        reply = {
            "kind": "matrix", "id": content["id"], "shape": list(values.shape),
            "exact": matrix.exact, "start": matrix.start,
        }  # fmt: skip
        return reply, [values.tobytes()]

    def _matrix(self, number: int, place: int, edge: int) -> EdgeMatrix:
        rounds = self._trace.rounds
        r = _at(rounds, number, "round")
        p = r.propagations[_at(shown_propagations(r), place, "propagation")]
        _at(range(p.edge_index.shape[1]), edge, "message")
        if p.messages is None:
            raise InputError("this run made no messages: there is nothing to take the slope of")
        cells = p.state_in.shape[1] * p.messages[edge].numel()
        if cells > LIMITS.matrix_cells:
            raise InputError(
                f"the matrix has {cells:,} numbers; one is computed on demand up to "
                f"{LIMITS.matrix_cells:,}"
            )
        with self._lock:  # one at a time: the second to ask for the same one finds it there
            key = (number, place, edge)
            if key not in self._known:
                self._known[key] = p.edge_matrix(edge)
            return self._known[key]


def _asked(content: Any, buffers: Sequence[Any] | None) -> tuple[int, int, int]:
    """Round, propagation and edge of a well-formed question; InputError for any other."""
    if not isinstance(content, dict):
        raise InputError(f"got a {type(content).__name__}; expected a question with kind and id")
    if content.get("kind") != "matrix":
        raise InputError("this kind of question is not known; expected 'matrix'")
    if _id(content) is None:
        raise InputError("the question has no id that is a whole number")
    if buffers or set(content) != {"kind", "id", *PLACES}:
        raise InputError("a question for a matrix has round, propagation and edge, nothing else")
    number, place, edge = (content[name] for name in PLACES)
    for value in (number, place, edge):
        if not isinstance(value, int) or isinstance(value, bool):
            raise InputError("round, propagation and edge are whole numbers")
    return number, place, edge


def _id(content: Any) -> int | None:
    given = content.get("id") if isinstance(content, dict) else None
    if not isinstance(given, int) or isinstance(given, bool):
        return None
    return given if 0 <= given < LARGEST_ID else None


def _at(things: Sequence[Any], place: int, what: str) -> Any:
    if not 0 <= place < len(things):
        raise InputError(f"there is no such {what}: there are {len(things)}, from 0")
    return things[place]
