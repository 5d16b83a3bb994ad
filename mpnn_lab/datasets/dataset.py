"""`MoleculeDataset`: molecules, their values, and how both are split."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from mpnn_lab.checks import seed_number
from mpnn_lab.chem import Mol, canonical_smiles, read_molecule
from mpnn_lab.errors import InputError

Split = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, eq=False)
class MoleculeDataset:
    """Molecules with one or more values each.

    Attributes
    ----------
    name : as `load_dataset` knows it.
    smiles, names : one text a molecule, as they came.
    targets : float32 [molecules, targets], in `unit`.
    target_names : name of each column of `targets`.
    unit : unit of the targets ("" where they have none).
    task : what the targets are.
    description, source, licence : what was measured, where it comes from, how it may be used.
    title : the name as people write it; `name` where none is given.
    """

    name: str
    smiles: tuple[str, ...]
    names: tuple[str, ...]
    targets: Tensor
    target_names: tuple[str, ...]
    unit: str
    task: Literal["regression", "classification"]
    description: str
    source: str
    licence: str
    title: str = ""

    def __post_init__(self) -> None:
        shape = [len(self.smiles), len(self.target_names)]
        if list(self.targets.shape) != shape or len(self.names) != len(self.smiles):
            raise InputError(
                f"data set {self.name!r}: {len(self.names)} names and targets of shape "
                f"{list(self.targets.shape)} for {len(self.smiles)} SMILES; expected {shape}",
                mend="Give one name and one row of targets for each SMILES.",
            )

    def __len__(self) -> int:
        return len(self.smiles)

    def __repr__(self) -> str:
        what = ", ".join(self.target_names)
        return f"MoleculeDataset({self.name!r}, {len(self)} molecules, {what} in {self.unit})"

    @cached_property
    def mols(self) -> list[Mol]:
        """The molecules, read when first asked for; a bad one is named by its row (0-based)."""
        mols = []
        for row, smiles in enumerate(self.smiles):
            try:
                mols.append(read_molecule(smiles))
            except InputError as error:
                raise InputError(
                    f"data set {self.name!r}, row {row}: {error.what}",
                    text=error.text,
                    position=error.position,
                    mend=error.mend,
                ) from error
        return mols

    @cached_property
    def _rows(self) -> dict[str, int]:
        """First row of each molecule, by canonical SMILES."""
        rows: dict[str, int] = {}
        for row, mol in enumerate(self.mols):
            rows.setdefault(canonical_smiles(mol), row)
        return rows

    def measured(self, mol: Mol | str, target: int = 0) -> float | None:
        """Look up the value of a molecule, whatever the order of its atoms.

        Parameters
        ----------
        mol : Mol or str
            A molecule, or text that `read_molecule` reads. Stereochemistry and isotopes count;
            explicit hydrogens do not.
        target : int
            Column of `targets`.

        Returns
        -------
        float or None
            In `unit`; None where the molecule is not in the data set.
        """
        if not 0 <= target < len(self.target_names):
            raise InputError(
                f"target {target} is not a column of {self.name!r}",
                mend=f"Give a number from 0 to {len(self.target_names) - 1}.",
            )
        row = self._rows.get(canonical_smiles(read_molecule(mol)))
        return None if row is None else float(self.targets[row, target])

    def split(
        self, kind: str = "random", seed: int = 0, fractions: Sequence[float] = (0.8, 0.1, 0.1)
    ) -> Split:
        """Part the rows into training, validation and test rows.

        Parameters
        ----------
        kind : {"random"}
            How rows are drawn.
        seed : int
            Of a generator of its own: no other random state is read or changed.
        fractions : three floats
            Of training, validation and test; they add up to 1. The first two parts are rounded
            down at their upper ends, the test part takes the rest.

        Returns
        -------
        tuple of three int64 arrays
            Row numbers; every row is in exactly one of them.
        """
        if kind != "random":
            raise InputError(f"split {kind!r} is not known; the kinds are: 'random'")
        parts = tuple(float(part) for part in fractions)
        if len(parts) != 3 or min(parts) < 0 or not math.isclose(sum(parts), 1, abs_tol=1e-6):
            raise InputError(
                f"fractions {parts} are not three shares that add up to 1",
                mend="Give training, validation and test, such as (0.8, 0.1, 0.1).",
            )
        # The small term keeps 0.8 + 0.1 from falling short of 0.9 by a rounding.
        first = int(parts[0] * len(self) + 1e-9)
        second = int((parts[0] + parts[1]) * len(self) + 1e-9)
        order = np.random.default_rng(seed_number(seed)).permutation(len(self)).astype(np.int64)
        return order[:first], order[first:second], order[second:]
