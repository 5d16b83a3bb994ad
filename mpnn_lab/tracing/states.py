"""The states of all atoms before the first round and after each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing.pooled import PooledNodes, own_nodes

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


@dataclass(frozen=True)
class RoundState:
    """The states that a chapter of the run leaves.

    Attributes
    ----------
    title : ``"Input"``, ``"Round 1"``, ...
    values : float32 [N, F].
    nodes : what the rows are: the atoms, or what poolings have left of them.
    """

    title: str
    values: NDArray[np.float32]
    nodes: PooledNodes


def round_states(trace: Trace) -> tuple[RoundState, ...]:
    """The first states, and those after each round.

    Raises
    ------
    TraceError
        If a round leaves states of something else than atoms.
    """
    known = {0: own_nodes(trace.data, trace.data.num_nodes)}
    known |= {r.nodes_out.number: r.nodes_out for r in trace.rounds if r.nodes_out is not None}
    found = []
    for book in trace.books[: len(trace.rounds) + 1]:
        quantity = book.ledger[book.result]
        values = np.zeros((0, 0)) if quantity.values is None else quantity.values
        if quantity.per != "node" or len(values) != len(known[quantity.nodes]):
            raise TraceError(
                f"{book.title} leaves one state for each {quantity.per}, not each atom"
            )
        rows = np.ascontiguousarray(values.reshape(len(values), -1), dtype=np.float32)
        found.append(RoundState(book.title, rows, known[quantity.nodes]))
    return tuple(found)
