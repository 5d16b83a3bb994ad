"""The kinds of bonds that occur in a data set, counted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.chem import Featurizer, Mol
from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.nn import ModelSpec

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class BondKinds:
    """Distinct rows of bond features in a data set, as one specification's graphs have them.

    Attributes
    ----------
    dataset : where the bonds are from.
    featurizer : what made the molecules of its graphs.
    rows : float32 [K, D], the distinct rows, in the order in which they first occur.
    molecule, bond, kind : int64 [bonds], for every bond of the data set the row of its molecule,
        its number in it (as in the graph's `mol`), and its kind.
    """

    dataset: MoleculeDataset
    featurizer: Featurizer
    rows: NDArray[np.float32]
    molecule: Ints
    bond: Ints
    kind: Ints

    def __len__(self) -> int:
        return len(self.rows)

    def counts(self, kinds: Ints) -> tuple[int, int]:
        """How many molecules have a bond of any of these kinds; how many such bonds there are."""
        found = self.molecule[np.isin(self.kind, kinds)]
        return len(np.unique(found)), len(found)

    def first(self, kinds: Ints) -> tuple[int, int]:
        """Molecule and number of the first bond of any of these kinds."""
        place = int(np.isin(self.kind, kinds).argmax())
        return int(self.molecule[place]), int(self.bond[place])

    def mol(self, molecule: int) -> Mol:
        """A molecule as the graph has it."""
        return self.featurizer.molecule(self.dataset.mols[molecule])

    def of(self, molecule: int) -> dict[int, int]:
        """The kind of every bond of a molecule, by its number."""
        own = self.molecule == molecule
        return dict(zip(self.bond[own].tolist(), self.kind[own].tolist(), strict=True))

    def cover(self) -> list[int]:
        """Few molecules in which every kind occurs: those with most kinds not yet met, in turn."""
        has = np.zeros((len(self.dataset), len(self)), dtype=bool)
        has[self.molecule, self.kind] = True
        chosen = []
        while has.any():
            row = int(has.sum(axis=1).argmax())
            chosen.append(row)
            has[:, has[row].copy()] = False
        return chosen


def count_kinds(spec: ModelSpec, dataset: MoleculeDataset) -> BondKinds:
    """Make every graph of the data set, and count the kinds of its bonds."""
    features, sizes = [], []
    for mol in dataset.mols:
        data = spec.featurize(mol)
        bonds = data.mol.GetNumBonds()
        features.append(data.edge_attr[: 2 * bonds : 2].float().numpy())  # a bond has two edges
        sizes.append(bonds)
    table = np.concatenate(features) if features else np.zeros((0, 0), dtype=np.float32)
    rows, first, kind = np.unique(table, axis=0, return_index=True, return_inverse=True)
    order = first.argsort()
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    bond = np.concatenate([np.arange(n) for n in sizes]) if sizes else np.zeros(0, dtype=np.int64)
    molecule = np.repeat(np.arange(len(sizes)), sizes)
    return BondKinds(
        dataset, spec.featurizer(), rows[order], molecule, bond, place[kind.reshape(-1)]
    )


def graphs_of(spec: ModelSpec) -> str:
    """What tells graphs of two specifications apart: equal where these are made alike."""
    made = (
        spec.hydrogens, spec.edges, spec.positions, spec.distances, spec.cutoff, spec.virtual_edges,
    )  # fmt: skip
    return repr(made)
