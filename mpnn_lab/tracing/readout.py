"""What a trace holds of the readout."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class Readout:
    """The aggregation over the atoms: its name and class, what it was given, what it gave.

    `state` is [N, F], `output` [graphs, ...]; `given` holds what it was called with by name.
    """

    layer: str
    kind: str
    state: Tensor
    output: Tensor
    given: dict[str, Any] = field(default_factory=dict)
