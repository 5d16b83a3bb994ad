"""The receptive field of one atom."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing import ReceptiveField, Trace
from mpnn_lab.views.places import item

KEPT = 64
"""Fields kept; the one asked for first goes first."""


class ReceptiveFields:
    """Answers with receptive fields; each is computed once, as long as they are few.

    `atom` is counted from 0. The answer has ``shape`` ([T + 1, N]), ``heard`` and ``distance``
    (lists of N whole numbers, -1 for none) and one buffer of float32, the norms.
    """

    fields = ("atom",)

    def __init__(self, trace: Trace) -> None:
        self._trace = trace
        self._known: dict[int, ReceptiveField] = {}

    def answer(self, *given: Any) -> tuple[dict[str, Any], list[bytes]]:
        """The receptive field of this atom."""
        atom = item(range(self._trace.data.num_nodes), given[0], "atom")
        if atom not in self._known:
            found = self._trace.receptive_field(atom)
            if len(self._known) >= KEPT:
                del self._known[next(iter(self._known))]
            self._known[atom] = found
        field = self._known[atom]
        reply = {
            "shape": list(field.norms.shape),
            "heard": field.heard.tolist(),
            "distance": field.distance.tolist(),
        }
        return reply, [field.norms.astype("<f4").tobytes()]
