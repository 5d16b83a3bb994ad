"""`load_dataset`: the data sets that come with the package."""

from __future__ import annotations

import csv
from collections.abc import Callable
from importlib.resources import files

import torch

from mpnn_lab.datasets.dataset import MoleculeDataset
from mpnn_lab.errors import InputError


def load_dataset(name: str) -> MoleculeDataset:
    """Load a data set by its name (upper and lower case alike).

    Parameters
    ----------
    name : {"freesolv"}
        The 642 measured hydration free energies of FreeSolv, in kcal/mol.

    Raises
    ------
    InputError
        For any other name; lists those there are.
    """
    load = BUNDLED.get(name.lower()) if isinstance(name, str) else None
    if load is None:
        raise InputError(
            f"no data set is called {name!r}; there are: {', '.join(map(repr, BUNDLED))}",
            mend="Give one of these names.",
        )
    return load()


def _freesolv() -> MoleculeDataset:
    """Load FreeSolv from the file that `make_freesolv` wrote."""
    table = files("mpnn_lab.datasets").joinpath("data", "freesolv.csv")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    energies = [[float(row["hydration_free_energy"])] for row in rows]
    return MoleculeDataset(
        name="freesolv",
        smiles=tuple(row["smiles"] for row in rows),
        names=tuple(row["name"] for row in rows),
        targets=torch.tensor(energies, dtype=torch.float32),
        target_names=("hydration free energy",),
        unit="kcal/mol",
        task="regression",
        description="Measured free energies of transfer from the gas phase to water, 1 M in both, "
        "near 298 K, for small neutral molecules.",
        source="FreeSolv, D. L. Mobley and J. P. Guthrie, J. Comput. Aided Mol. Des. 28 (2014) "
        "711-720, doi:10.1007/s10822-014-9747-x; database doi:10.5281/zenodo.1161245",
        licence="the curator's word: CC BY should apply as far as the data are his to license; "
        "credit to Mobley and Guthrie; what is known stands in data/freesolv.md",
        title="FreeSolv",
    )


BUNDLED: dict[str, Callable[[], MoleculeDataset]] = {"freesolv": _freesolv}
