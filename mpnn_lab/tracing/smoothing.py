"""How alike the atoms' states become as rounds go by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing.edges import bonded_atoms
from mpnn_lab.tracing.pooled import PooledNodes
from mpnn_lab.tracing.states import round_states

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace

Pairs = list[tuple[int, int]]


@dataclass(frozen=True)
class Smoothing:
    r"""How alike the states are before the first round and after each, [T + 1] of each.

    Attributes
    ----------
    titles : ``"Input"``, ``"Round 1"``, ...
    energy : float64, the Dirichlet energy over the bonds, normalised by the atoms' bonds d,

        .. math:: E(h) = \sum_{(i, j)} | h_i / \sqrt{1 + d_i} - h_j / \sqrt{1 + d_j} |^2

        summed over each bond once (Cai and Wang 2020, arXiv:2006.13318). It grows
        with the square of the states.
    share : float64, the energy over the sum of all |h_i|², 0 to 2, which does not grow with them;
        NaN where all states are zero.
    distance : float64, the mean of 1 - cos(h_i, h_j) over all pairs of atoms: 0 where all point the
        same way (the pairs of Chen et al. 2020, arXiv:1909.03211, all of them); NaN where no pair
        has one.
    without : how many pairs were left out of that mean, since a state of zeros points nowhere.

    After a pooling that merges atoms, two nodes are bonded where any of their atoms are.
    """

    titles: tuple[str, ...]
    energy: NDArray[np.float64]
    share: NDArray[np.float64]
    distance: NDArray[np.float64]
    without: tuple[int, ...]


def smoothing(trace: Trace) -> Smoothing:
    """Measure the states of a trace, round by round."""
    states, bonds = round_states(trace), bonded_atoms(trace.data, trace.mol)
    rows = [(s.values.astype(np.float64), _between(s.nodes, bonds)) for s in states]
    energy = np.array([dirichlet_energy(h, pairs) for h, pairs in rows])
    size = np.array([float((h**2).sum()) for h, _ in rows])
    distances = [mean_cosine_distance(h) for h, _ in rows]
    return Smoothing(
        titles=tuple(s.title for s in states),
        energy=energy,
        share=np.divide(energy, size, out=np.full_like(size, np.nan), where=size > 0),
        distance=np.array([mean for mean, _ in distances]),
        without=tuple(left_out for _, left_out in distances),
    )


def dirichlet_energy(h: NDArray[np.float64], bonds: Pairs) -> float:
    """Of states [N, F] over these bonds, each named once; see `Smoothing`."""
    ends = np.asarray(bonds, dtype=np.int64).reshape(-1, 2)
    degree = np.bincount(ends.reshape(-1), minlength=len(h))
    scaled = h / np.sqrt(1.0 + degree)[:, None]
    return float(((scaled[ends[:, 0]] - scaled[ends[:, 1]]) ** 2).sum())


def mean_cosine_distance(h: NDArray[np.float64]) -> tuple[float, int]:
    """Of all pairs of states [N, F], and how many pairs have none; NaN where no pair has one."""
    length = np.linalg.norm(h, axis=1)
    there = length > 0
    units = h[there] / length[there, None]
    count, every = len(units), len(h) * (len(h) - 1) // 2
    pairs = count * (count - 1) // 2
    if not pairs:
        return float("nan"), every
    cosines = units @ units.T
    return float(1 - cosines[np.triu_indices(count, 1)].mean()), every - pairs


def _between(nodes: PooledNodes, bonds: Pairs) -> Pairs:
    """The bonds as pairs of nodes: those between different ones, each once."""
    holder = {atom: node for node, atoms in enumerate(nodes.atoms) for atom in atoms}
    pairs = {
        (min(holder[a], holder[b]), max(holder[a], holder[b]))
        for a, b in bonds
        if a in holder and b in holder
    }
    return sorted((a, b) for a, b in pairs if a != b)
