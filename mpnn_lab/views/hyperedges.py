"""The sets of atoms that messages go through, as nodes after all the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.chem import Depiction, Mol
from mpnn_lab.tracing import Propagation, Quantity, Trace
from mpnn_lab.views.nodes import MOST, Everyone


@dataclass
class Hyperedges:
    """All sets of all rounds, each with one number for the whole run.

    Attributes
    ----------
    first : the number of the first; nodes of other sorts come before it.
    atoms : of every set its atoms, in ascending order.
    starts : by the number of a round from 1, which set is its first.
    """

    first: int
    atoms: list[tuple[int, ...]] = field(default_factory=list)
    starts: dict[int, int] = field(default_factory=dict)

    @property
    def numbers(self) -> NDArray[np.int32]:
        """The sets' numbers among all nodes."""
        return np.arange(self.first, self.first + len(self.atoms), dtype=np.int32)

    @property
    def members(self) -> NDArray[np.int32]:
        """Node and atom, [P, 2], of every set."""
        pairs = [(self.first + s, atom) for s, own in enumerate(self.atoms) for atom in own]
        return np.asarray(pairs, dtype=np.int32).reshape(-1, 2)

    def ends(self, p: Propagation, number: int, nodes: Everyone) -> NDArray[np.int32]:
        """The edges of a propagation of round `number` by the numbers of all nodes, [2, M]."""
        sets = _row(p)
        found = p.edge_index.cpu().numpy().astype(np.int32)
        found[sets] += self.first + self.starts[number]
        found[1 - sets] = _level(p, nodes)[found[1 - sets]]
        return found

    def spread(self, quantity: Quantity) -> Quantity:
        """A quantity of sets with a row for every node; only those of its own sets mean something.

        It is a round's, which is said by its name.
        """
        if quantity.per != "hyperedge" or quantity.values is None:
            return quantity
        number = int(quantity.name.partition("/")[0].removeprefix("round "))
        start = self.first + self.starts[number]
        shape = (self.first + len(self.atoms), *quantity.values.shape[1:])
        rows = np.zeros(shape, dtype=np.float32)
        rows[start : start + len(quantity.values)] = quantity.values
        return replace(quantity, values=rows)

    def labels(self, mol: Any, drawn: Depiction) -> tuple[str, ...]:
        """Their names: ``bond C1=O2``, ``ring C4..C9``, ``set C1 O2 N4 +2``."""
        bonds = {tuple(sorted(ends)): b for b, ends in enumerate(drawn.bonds.tolist())}
        rings = mol.GetRingInfo().AtomRings() if isinstance(mol, Mol) else ()
        return tuple(_label(own, bonds, rings, drawn) for own in self.atoms)


def hyperedges(trace: Trace, nodes: Everyone, first: int) -> Hyperedges:
    """Number the sets of all rounds from `first`; rounds with the same sets share them."""
    found = Hyperedges(first)
    known: dict[tuple[tuple[int, ...], ...], int] = {}
    for r in trace.rounds:
        between = [p for p in r.propagations if p.between_sets]
        if not between:
            continue
        own = _sets(between[0], nodes)
        if own not in known:
            known[own] = len(found.atoms)
            found.atoms.extend(own)
        found.starts[r.number] = known[own]
    return found


def _row(p: Propagation) -> int:
    """Which row of the edges counts sets: the propagations go there and back in turn."""
    return 1 - p.place % 2


def _level(p: Propagation, nodes: Everyone) -> NDArray[np.int32]:
    """The nodes that the propagation's round works on."""
    return nodes.sets[0 if p.ends.pooled is None else p.ends.pooled.number]


def _sets(p: Propagation, nodes: Everyone) -> tuple[tuple[int, ...], ...]:
    ends, level = p.edge_index.cpu().numpy(), _level(p, nodes)
    number, members = ends[_row(p)], level[ends[1 - _row(p)]]
    sets: list[set[int]] = [set() for _ in range(int(number.max(initial=-1)) + 1)]
    for s, node in zip(number.tolist(), members.tolist(), strict=True):
        sets[s].update(nodes.atoms[node])
    return tuple(tuple(sorted(own)) for own in sets)


def _label(
    own: tuple[int, ...], bonds: dict[tuple[int, ...], int],
    rings: Sequence[tuple[int, ...]], drawn: Depiction,
) -> str:  # fmt: skip
    names = [drawn.atom_labels[atom] for atom in own]
    if own in bonds:
        said = drawn.bond_descriptions[bonds[own]].partition(",")[0]
        whole = said.startswith(names[0]) and said.endswith(names[1])
        return f"bond {said.replace('-', '–') if whole else '–'.join(names)}"
    inside = {atom for ring in rings if set(ring) <= set(own) for atom in ring}
    sort = "ring" if inside and inside == set(own) else "set"
    if len(own) > MOST and own[-1] - own[0] == len(own) - 1:
        return f"{sort} {names[0]}..{names[-1]}"
    more = f" +{len(own) - MOST}" if len(own) > MOST else ""
    return f"{sort} {' '.join(names[:MOST])}{more}".strip()
