"""The changes that the page asks for, made to the run on stage."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpnn_lab.errors import InputError
from mpnn_lab.tracing import Edit, Trace, edited, make_edit, with_edit

MOST = 100
"""Changes made at once."""
SCALARS = (str, int, float)


class WhatIf:
    """Answers by showing what the model makes of all `changes`, beside the run on stage.

    `changes` is a list of what `what_if` takes, by name; an empty one shows the run alone again.
    The answer has `words`, what was changed, in order.

    Parameters
    ----------
    trace : the run on stage.
    show : shows another run beside it, or none.
    """

    fields = ("changes",)

    def __init__(self, trace: Trace, show: Callable[[Trace | None], None]) -> None:
        self._trace, self._show = trace, show

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """Run the model with the changes."""
        (changes,) = given
        if not isinstance(changes, list) or len(changes) > MOST:
            raise InputError(f"changes: expected a list of at most {MOST}")
        edits: tuple[Edit, ...] = ()
        for change in changes:
            if not isinstance(change, dict) or not all(_plain(v) for v in change.values()):
                raise InputError("a change is given by names and plain values")
            edits = with_edit(edits, make_edit(self._trace, change))
        self._show(edited(self._trace, edits) if edits else None)
        return {"words": [edit.words for edit in edits]}, []


def _plain(value: Any) -> bool:
    return isinstance(value, SCALARS) and not (isinstance(value, str) and len(value) > 100)
