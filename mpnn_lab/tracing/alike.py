"""Weisfeiler-Leman colours beside the states of a run: are atoms of one colour in one state?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Data

from mpnn_lab.tracing.colours import wl_colours
from mpnn_lab.tracing.states import round_states

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace

EQUAL = 3e-5
"""States that differ by less than this part of the largest number differ by rounding."""


@dataclass(frozen=True)
class ColouredStates:
    """The colours of the atoms round by round, and how far states within a colour differ.

    Attributes
    ----------
    colours : int64 [T + 1, N], as `wl_colours` numbers them after 0, 1, ... T rounds, on the
        graph's own edges. They end before the first pooling.
    spread : float64 [T + 1], the largest difference of two atoms of one colour in any channel.
    size : float64 [T + 1], the largest number among the states.
    states : how many different states there are.
    features, bonds : whether the first colours are the features (atomic numbers, where there are
        no others), and whether bonds are told apart by theirs.
    """

    colours: NDArray[np.int64]
    spread: NDArray[np.float64]
    size: NDArray[np.float64]
    states: tuple[int, ...]
    features: bool
    bonds: bool

    @property
    def equal(self) -> tuple[bool, ...]:
        """Whether all atoms of one colour are in one state, but for rounding."""
        return tuple((self.spread <= EQUAL * self.size).tolist())


def coloured_states(trace: Trace) -> ColouredStates | None:
    """Colours and states of all atoms; None where the graph has no edges to refine along."""
    graph = _graph(trace.data)
    if graph is None:
        return None
    features, bonds = graph.x is not None, graph.edge_attr is not None
    colours, spread, size, states = [], [], [], []
    for t, state in enumerate(s for s in round_states(trace) if s.nodes.number == 0):
        own = wl_colours(graph, t, features=features, bonds=bonds).numpy()
        h = state.values.astype(np.float64)
        colours.append(own)
        spread.append(
            max((np.ptp(h[own == c], axis=0).max(initial=0) for c in set(own)), default=0)
        )
        size.append(abs(h).max(initial=0))
        states.append(different(h))
    return ColouredStates(
        np.stack(colours), np.array(spread, dtype=float), np.array(size, dtype=float),
        tuple(states), features, bonds,
    )  # fmt: skip


def different(h: NDArray[np.float64]) -> int:
    """How many of the rows [N, F] differ from all before them by more than rounding."""
    kept: list[NDArray[np.float64]] = []
    least = EQUAL * abs(h).max(initial=0)
    for row in h:
        if not kept or abs(np.stack(kept) - row).max(axis=1, initial=0).min() > least:
            kept.append(row)
    return len(kept)


def _graph(data: Data) -> Data | None:
    ends = data.get("edge_index")
    if not isinstance(ends, Tensor) or ends.dim() != 2 or ends.is_floating_point():
        return None
    x, z, edges = data.get("x"), data.get("z"), data.get("edge_attr")
    first = next((v for v in (x, z) if isinstance(v, Tensor)), None)
    with_rows = isinstance(edges, Tensor) and len(edges) == ends.shape[1]
    return Data(
        x=None if first is None else first.detach().reshape(len(first), -1),
        edge_index=ends,
        edge_attr=edges.detach().to(torch.float64) if with_rows and edges is not None else None,
        num_nodes=data.num_nodes,
    )
