"""Which exact way of computing an edge network's messages is the cheapest, by sizes alone."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Literal

Way = Literal["each", "kinds", "senders", "receivers"]

NUMBER = 200.0
"""A number written, kept and read again, in multiply-adds; forward and backward, as all here.

Fitted on two CPU cores over widths of 16 to 128, 16 to 128 hidden units, 20 to 6,120 edges and
degrees of 1 to 59: the tensors that are written explain the times, and products come second. It
is left as it is for GPUs, where memory is what one runs out of.
"""

PRODUCT = {"cpu": 6e5, "cuda": 2e7}
"""A small product more, in multiply-adds: 14 microseconds on that CPU. Of a GPU, which only has
to be kept busy, it is an estimate: some 20 microseconds of launches."""


FEW = 16
"""So many small products are lost in what a call costs anyway, and count as nothing."""


@dataclass(frozen=True)
class Sizes:
    """What the costs depend on.

    Attributes
    ----------
    edges, senders, receivers : how many there are.
    inputs, outputs : width of the senders' states and of the messages.
    kinds : how many distinct edges there are; None where they may not be shared.
    hidden : hidden units before the last linear layer; None where it cannot be contracted.
    summed : whether nobody asks for messages, only for their sum or mean.
    """

    edges: int
    senders: int
    receivers: int
    inputs: int
    outputs: int
    kinds: int | None = None
    hidden: int | None = None
    summed: bool = False


def costs(sizes: Sizes, device: str = "cpu") -> dict[Way, float]:
    """The cost of each way that may be taken, in multiply-adds."""
    edges, hidden = sizes.edges, sizes.hidden or 0
    matrix = sizes.inputs * sizes.outputs * (hidden + NUMBER)
    found: dict[Way, float] = {"each": edges * matrix}
    if sizes.kinds is not None:
        found["kinds"] = (
            sizes.kinds * matrix
            + edges * sizes.inputs * sizes.outputs
            + _products(sizes.kinds, device)
        )
    if sizes.hidden is not None:
        found["senders"] = (
            min(sizes.senders, edges) * hidden * sizes.outputs * (sizes.inputs + NUMBER)
            + edges * hidden * sizes.outputs
            + _products(_degrees(sizes.senders, edges), device)
        )
    if sizes.hidden is not None and sizes.summed:
        found["receivers"] = (
            min(sizes.receivers, edges) * hidden * sizes.inputs * (sizes.outputs + NUMBER)
            + edges * hidden * sizes.inputs
            + hidden * sizes.inputs * sizes.outputs * NUMBER  # weights, turned round
            + _products(_degrees(sizes.receivers, edges), device)
        )
    return found


def _products(count: float, device: str) -> float:
    return max(count - FEW, 0) * PRODUCT.get(device, PRODUCT["cuda"])


def _degrees(atoms: int, edges: int) -> float:
    """At most so many degrees differ: 1 + 2 + ... edges are needed for them."""
    return min(sqrt(2 * edges), atoms)


def cheapest(sizes: Sizes, device: str = "cpu") -> Way:
    """The cheapest way that may be taken."""
    found = costs(sizes, device)
    return min(found, key=lambda way: found[way])
