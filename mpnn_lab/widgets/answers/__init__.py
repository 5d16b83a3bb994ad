"""What the stage's page may ask the kernel about the trace on it, and what it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Any, Protocol

from mpnn_lab.errors import InputError, LabError
from mpnn_lab.tracing import Trace
from mpnn_lab.widgets.answers.file import Files
from mpnn_lab.widgets.answers.matrix import Matrices
from mpnn_lab.widgets.answers.receptive import ReceptiveFields

Answer = tuple[dict[str, Any], list[bytes]]
LARGEST_ID = 2**53


class Kind(Protocol):
    """Answers questions of one kind about one trace.

    `fields` names what a question holds beside its kind and id; `answer` is given them in this
    order, as they came, and gives what the reply holds beside kind and id, and its buffers. A
    question that cannot be answered is a LabError.
    """

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what a question holds."""
        ...

    def answer(self, *given: Any) -> Answer:
        """Answer one question."""
        ...


class Answers:
    """Answers about one trace, one at a time.

    A question is ``{"kind": ..., "id": n, ...}`` with the fields of its kind. The answer repeats
    kind and id. Whatever else comes is answered by ``{"kind": "error", "id": its id or None,
    "what": a sentence}``, and changes nothing.

    Parameters
    ----------
    trace : the run that is on stage.
    kinds : further kinds of questions, by name.
    """

    def __init__(self, trace: Trace, kinds: Mapping[str, Kind] = MappingProxyType({})) -> None:
        matrices = Matrices(trace)
        self._kinds: dict[str, Kind] = {
            "matrix": matrices,
            "receptive": ReceptiveFields(trace),
            "html": Files(trace, matrices),
            **kinds,
        }
        self._lock = Lock()

    def answer(self, content: Any, buffers: Sequence[Any] | None = None) -> Answer:
        """The reply to one message of the page, and the buffers that go with it."""
        try:
            kind, given = self._asked(content, buffers)
            with self._lock:  # the second to ask the same finds what the first one had computed
                reply, held = self._kinds[kind].answer(*given)
        except LabError as fault:
            return {"kind": "error", "id": _id(content), "what": fault.what}, []
        except Exception as fault:
            what = f"unexpected: {type(fault).__name__}: {fault}"
            return {"kind": "error", "id": _id(content), "what": what}, []
        return {"kind": kind, "id": content["id"], **reply}, held

    def _asked(self, content: Any, buffers: Sequence[Any] | None) -> tuple[str, list[Any]]:
        """Kind and fields of a well-formed question; InputError for any other."""
        if not isinstance(content, dict):
            raise InputError(
                f"got a {type(content).__name__}; expected a question with kind and id"
            )
        kind = content.get("kind")
        if not isinstance(kind, str) or kind not in self._kinds:
            known = " or ".join(map(repr, self._kinds))
            raise InputError(f"this kind of question is not known; expected {known}")
        if _id(content) is None:
            raise InputError("the question has no id that is a whole number")
        fields = self._kinds[kind].fields
        if buffers or set(content) != {"kind", "id", *fields}:
            raise InputError(f"a question of kind {kind!r} has {', '.join(fields)}, nothing else")
        return kind, [content[name] for name in fields]


def _id(content: Any) -> int | None:
    given = content.get("id") if isinstance(content, dict) else None
    if not isinstance(given, int) or isinstance(given, bool):
        return None
    return given if 0 <= given < LARGEST_ID else None
