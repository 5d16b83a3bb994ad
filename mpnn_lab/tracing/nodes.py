"""Which atom each node of a layer is: all of them, those that a pooling kept, or nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from mpnn_lab.tracing.arguments import first_tensor, state_in
from mpnn_lab.tracing.recorder import CallRecord

PERM = 4
"""Where a pooling says which nodes it kept."""


class Nodes:
    """The atoms behind the nodes, as the poolings of a run go by.

    Nodes are known by how many there are; where two different choices have the same size, it
    cannot be told which of them a layer was given, and neither is named.

    Parameters
    ----------
    count : number of nodes of the graph.
    pools : calls of poolings, in order.
    """

    def __init__(self, count: int, pools: Sequence[CallRecord]) -> None:
        self._pools = list(pools)
        self._all = torch.arange(count)
        self._atoms: dict[int, Tensor | None] = {count: self._all}

    def until(self, began: int) -> Nodes:
        """With all poolings taken into account that began before this call."""
        while self._pools and self._pools[0].began < began:
            self._pool(self._pools.pop(0))
        return self

    def atoms(self, rows: int) -> Tensor | None:
        """The atom of each of so many nodes, int64 [rows]; None where that is not known."""
        return self._atoms.get(rows)

    def all_in_order(self, atoms: Tensor | None) -> bool:
        """Whether these are all atoms of the graph, in its order."""
        return atoms is self._all or (atoms is not None and torch.equal(atoms, self._all))

    def _pool(self, call: CallRecord) -> None:
        perm: Any = call.output[PERM]
        before = self.atoms(len(state_in(call)))
        kept = None if before is None else before[perm.cpu()]
        given = first_tensor(call.output)
        assert given is not None
        known = self._atoms.get(len(given), kept)
        same = kept is not None and known is not None and torch.equal(known, kept)
        self._atoms[len(given)] = kept if same else None
