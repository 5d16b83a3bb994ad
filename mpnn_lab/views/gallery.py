"""The edge matrices of a model for every kind of bond in a data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from torch import nn

from mpnn_lab.chem import bond_descriptions, bond_labels
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import Network
from mpnn_lab.tracing import Propagation, Trace, trace
from mpnn_lab.views.bond_kinds import BondKinds
from mpnn_lab.views.edges import edge_label, edge_lengths
from mpnn_lab.views.rounds import MOST_LABELS, shown_propagations

CLOSE = 1e-5
"""Matrices of one bond in two molecules differ by no more than this part: by rounding."""
NOT_LINEAR = "This layer's message is not one matrix times the neighbour's state."
NOT_ALONE = (
    "The matrices of this layer depend on more than the bond: a bond's neighbourhood decides, too."
)
NO_BONDS = "No bond of the data set carries these messages."


@dataclass(frozen=True)
class ExampleView:
    """A bond of one molecule: the molecule's row in the data set, the bond's number, and words."""

    row: int
    bond: int
    words: str


@dataclass(frozen=True)
class KindsView:
    """The distinct matrices of one propagation, and the kinds of bonds that have each.

    `round` counts from 0, `label` is the propagation's. For every matrix `labels` names its kinds
    of bonds, `molecules` and `bonds` count those that have one. `table` is [matrices, in, out],
    `sigma` [matrices, min(in, out)] its singular values, the largest first. Where there are no
    such matrices `why` says so in a sentence; else it is empty.
    """

    round: int
    label: str
    labels: tuple[str, ...]
    molecules: NDArray[np.int32]
    bonds: NDArray[np.int32]
    examples: tuple[ExampleView, ...]
    table: NDArray[np.float32]
    sigma: NDArray[np.float32]
    why: str


@dataclass(frozen=True)
class GalleryView:
    """All kinds of bonds in a data set with their edge matrices, and those of another model.

    `molecules`, `bonds` and `kinds` say how many there are of each. `other` holds the matrices of
    the model that the one on stage is held against. `why` says why there is nothing to show.
    """

    title: str
    molecules: int
    bonds: int
    kinds: int
    matrices: tuple[KindsView, ...]
    other: tuple[KindsView, ...]
    why: str


def kind_matrices(model: nn.Module, kinds: BondKinds) -> tuple[KindsView, ...]:
    """The matrices of a model, propagation by propagation, from runs on few molecules."""
    places: dict[tuple[int, str], _Place] = {}
    for row in kinds.cover():
        run = trace(model, kinds.dataset.mols[row])
        own, names = kinds.of(row), bond_labels(run.mol)
        for r in run.rounds:
            for number in shown_propagations(r):
                p = r.propagations[number]
                place = places.setdefault((r.number - 1, p.label), _Place())
                place.take(p, run, own, names)
    return tuple(place.view(at, label, kinds) for (at, label), place in places.items())


def why_not(model: nn.Module, kinds: BondKinds | None) -> str:
    """Why a model's matrices cannot be shown for a data set; empty where they can."""
    if not isinstance(model, Network) or kinds is None:
        return "The model was not built from a ModelSpec: it cannot read the molecules itself."
    if len(kinds) == 0:
        return "No molecule of the data set has a bond."
    if len(kinds) > LIMITS.gallery_kinds:
        return (
            f"The graphs of this model tell {len(kinds):,} kinds of bonds apart in the data set; "
            f"at most {LIMITS.gallery_kinds} are shown."
        )
    return ""


@dataclass
class _Place:
    """What is found of one propagation in one run after another."""

    found: dict[int, NDArray[np.float32]] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    why: str = ""

    def take(
        self, p: Propagation, run: Trace, own: dict[int, int], bond_names: Sequence[str]
    ) -> None:
        bonds = p.edge_origin
        if p.exact_matrices is None:
            self.why = self.why or NOT_LINEAR
            return
        table, rows = p.exact_matrices
        if p.weights is not None and p.weights.dim() == 1:  # a factor of each edge's own
            self.why = NOT_ALONE
            return
        lengths = edge_lengths(p, run)
        for edge in (bonds >= 0).nonzero()[0].tolist():
            kind, matrix = own[int(bonds[edge])], table[rows[edge]]
            known = self.found.setdefault(kind, matrix)
            name = edge_label(int(bonds[edge]), p.edge_role[edge], lengths[edge], bond_names)
            self.names.setdefault(kind, name)
            if known is not matrix and not _close(known, matrix):
                self.why = NOT_ALONE

    def view(self, at: int, label: str, kinds: BondKinds) -> KindsView:
        why = self.why or ("" if self.found else NO_BONDS)
        shared: dict[bytes, list[int]] = {}
        for kind in sorted(self.found):
            shared.setdefault(self.found[kind].tobytes(), []).append(kind)
        groups = [np.asarray(own) for own in shared.values()] if not why else []
        counts = np.asarray([kinds.counts(g) for g in groups], dtype=np.int32).reshape(-1, 2)
        first = [self.found[int(g[0])] for g in groups]
        table = np.stack(first) if first else np.zeros((0, 0, 0), dtype=np.float32)
        return KindsView(
            round=at,
            label=label,
            labels=tuple(self._label(g, len(kinds)) for g in groups),
            molecules=np.ascontiguousarray(counts[:, 0]),
            bonds=np.ascontiguousarray(counts[:, 1]),
            examples=tuple(_example(kinds, g) for g in groups),
            table=table,
            sigma=np.linalg.svd(table, compute_uv=False).astype(np.float32),
            why=why,
        )

    def _label(self, group: NDArray[np.int64], count: int) -> str:
        names = list(dict.fromkeys(self.names[k] for k in group.tolist()))
        if len(group) == count and count > 1:
            return "all bonds"
        more = len(names) - MOST_LABELS
        return " / ".join(names[:MOST_LABELS]) + (f" and {more} more" if more > 0 else "")


def _close(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    if one.shape != other.shape:
        return False
    return bool(np.abs(one - other).max() <= CLOSE * max(np.abs(one).max(), np.abs(other).max()))


def _example(kinds: BondKinds, group: NDArray[np.int64]) -> ExampleView:
    row, bond = kinds.first(group)
    name = bond_descriptions(kinds.mol(row))[bond].split(",")[0]
    dataset = kinds.dataset
    return ExampleView(row, bond, f"{name} of {dataset.names[row] or dataset.smiles[row]}")
