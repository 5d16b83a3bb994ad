"""The nodes of all rounds as one list: atoms first, then what poolings have merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.tracing import Quantity, Trace
from mpnn_lab.tracing.pooled import own_nodes

MOST = 3
"""Atoms that a merged node is named by, at most."""


@dataclass(frozen=True)
class Everyone:
    """All nodes that any round works on, each with one number for the whole run.

    Attributes
    ----------
    sets : int32, after 0, 1, 2 ... poolings the numbers of the nodes, in the order of their rows.
    atoms : of every node its atoms.
    """

    sets: tuple[NDArray[np.int32], ...]
    atoms: tuple[tuple[int, ...], ...]

    @property
    def node_atoms(self) -> NDArray[np.int32]:
        """The atom that a node is; -1 where several have merged."""
        count = len(self.sets[0])
        own = [node if node < count else -1 for node in range(len(self.atoms))]
        return np.asarray(own, dtype=np.int32)

    @property
    def members(self) -> NDArray[np.int32]:
        """Node and atom, [P, 2], of the nodes that have merged."""
        pairs = [
            (node, atom)
            for node in range(len(self.sets[0]), len(self.atoms))
            for atom in self.atoms[node]
        ]
        return np.asarray(pairs, dtype=np.int32).reshape(-1, 2)

    def labels(self, atom_labels: Sequence[str]) -> tuple[str, ...]:
        """Their names: ``C3``, ``{C1 O2}``, ``{C1 O2 C4 +2}``."""
        merged = self.atoms[len(self.sets[0]) :]
        return (*atom_labels, *(_named([atom_labels[a] for a in atoms]) for atoms in merged))

    def spread(self, quantity: Quantity) -> Quantity:
        """The quantity with a row for every node; those it has none for are not looked at."""
        if quantity.per != "node" or quantity.values is None or len(self.sets) == 1:
            return quantity
        rows = np.zeros((len(self.atoms), *quantity.values.shape[1:]), dtype=np.float32)
        rows[self.sets[quantity.nodes]] = quantity.values
        return replace(quantity, values=rows)


def _named(labels: list[str]) -> str:
    more = f" +{len(labels) - MOST}" if len(labels) > MOST else ""
    return "{" + " ".join(labels[:MOST]) + more + "}"


def everyone(trace: Trace) -> Everyone:
    """Number the nodes of all rounds; a node made of one alone keeps that one's number."""
    first = own_nodes(trace.data, trace.data.num_nodes)
    sets, atoms = [np.arange(len(first), dtype=np.int32)], list(first.atoms)
    for r in trace.rounds:
        if r.pool is None or r.nodes_out is None:
            continue
        made_of: list[list[int]] = [[] for _ in r.nodes_out.atoms]
        for old, new in r.nodes_out.members.T.tolist():
            made_of[new].append(old)
        numbers: list[int] = []
        for own, members in zip(r.nodes_out.atoms, made_of, strict=True):
            if len(members) == 1 and sets[-1][members[0]] not in numbers:
                numbers.append(int(sets[-1][members[0]]))
                continue
            numbers.append(len(atoms))
            atoms.append(own)
        sets.append(np.asarray(numbers, dtype=np.int32))
    return Everyone(tuple(sets), tuple(atoms))
