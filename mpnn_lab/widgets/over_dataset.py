"""A data set beside the stage: the edge matrices for its kinds of bonds."""

from __future__ import annotations

from torch import nn

from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.errors import InputError
from mpnn_lab.nn import Network, fingerprint
from mpnn_lab.tracing import Trace
from mpnn_lab.tracing import trace as run_of
from mpnn_lab.views import (
    BondKinds,
    GalleryView,
    KindsView,
    count_kinds,
    graphs_of,
    kind_matrices,
    why_not,
)


class OverDataset:
    """Describes the matrices of models for every kind of bond in a data set.

    The bonds are counted once for each way of making graphs; the matrices of the last two models
    are kept.

    Parameters
    ----------
    dataset : the molecules.
    """

    def __init__(self, dataset: MoleculeDataset) -> None:
        if not isinstance(dataset, MoleculeDataset):
            raise InputError(
                f"got a {type(dataset).__name__}; expected a data set",
                mend='Give what ml.load_dataset gives, such as ml.load_dataset("freesolv").',
            )
        self.dataset = dataset
        self._kinds: dict[str, BondKinds] = {}
        self._matrices: dict[str, tuple[KindsView, ...]] = {}

    def view(self, trace: Trace, other: Trace | None = None) -> GalleryView:
        """The matrices of the trace's model, and those of the other's, where it has such."""
        kinds = self._counted(trace.model)
        why = why_not(trace.model, kinds)
        dataset = self.dataset
        beside = other is not None and not why_not(other.model, self._counted(other.model))
        return GalleryView(
            title=dataset.title or dataset.name,
            molecules=len(dataset),
            bonds=len(kinds.kind) if kinds else 0,
            kinds=len(kinds) if kinds else 0,
            matrices=() if why else self._made(trace.model),
            other=self._made(other.model) if beside and other is not None else (),
            why=why,
        )

    def runs(
        self, row: int, bond: int, trace: Trace, other: Trace | None
    ) -> tuple[Trace, Trace | None]:
        """The models of two runs on a molecule of the data set that has such a bond.

        None where the other's model cannot read it, or is the same one told otherwise.
        """
        mol = self.dataset.mols[row]
        made = run_of(trace.model, mol)
        if bond >= made.mol.GetNumBonds():
            raise InputError(f"there is no such bond: there are {made.mol.GetNumBonds()}, from 0")
        reads = other is not None and not other.edits and isinstance(other.model, Network)
        return made, run_of(other.model, mol) if reads and other is not None else None

    def _counted(self, model: nn.Module) -> BondKinds | None:
        if not isinstance(model, Network):
            return None
        made = graphs_of(model.spec)
        if made not in self._kinds:
            self._kinds[made] = count_kinds(model.spec, self.dataset)
        return self._kinds[made]

    def _made(self, model: nn.Module) -> tuple[KindsView, ...]:
        assert isinstance(model, Network)
        key = model.spec.to_json() + fingerprint(model)
        found = self._matrices.pop(key, None)
        if found is None:
            kinds = self._counted(model)
            assert kinds is not None
            found = kind_matrices(model, kinds)
        self._matrices[key] = found  # the one used last stands last
        for old in list(self._matrices)[:-2]:
            del self._matrices[old]
        return found
