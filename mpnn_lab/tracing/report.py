"""The outcome of verifying a trace."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from mpnn_lab.tracing.ledger import Check


@dataclass(frozen=True)
class Report:
    """Every comparison of a run with its recomputation; truthy where none differs.

    Attributes
    ----------
    checks : all of them, in the order of the run.
    """

    checks: tuple[Check, ...]

    def __bool__(self) -> bool:
        """At least one thing was compared, and nothing differs."""
        return bool(self.passed) and not self.failed

    @property
    def passed(self) -> tuple[Check, ...]:
        """What agreed."""
        return tuple(c for c in self.checks if c.agrees is True)

    @property
    def failed(self) -> tuple[Check, ...]:
        """What differed."""
        return tuple(c for c in self.checks if c.agrees is False)

    @property
    def unchecked(self) -> tuple[Check, ...]:
        """What could not be recomputed, each with its reason."""
        return tuple(c for c in self.checks if c.agrees is None)

    @property
    def largest_error(self) -> float:
        """Largest absolute difference among what was compared."""
        return max((c.error for c in self.passed + self.failed), default=0.0)

    def __str__(self) -> str:
        lines = [
            f"{len(self.passed)} recomputed and agree (largest difference "
            f"{max((c.error for c in self.passed), default=0.0):.2g})"
        ]
        lines += [f"DIFFERS  {c.name}: by {c.error:.3g} {c.reason}".rstrip() for c in self.failed]
        reasons = Counter((c.name.partition("/")[2], c.reason) for c in self.unchecked)
        lines += [
            f"not checkable  {name} ({count} of it), because {reason}"
            for (name, reason), count in reasons.items()
        ]
        return "\n".join(lines)
