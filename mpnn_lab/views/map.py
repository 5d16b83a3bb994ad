"""What the embedding map shows, as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.chem import atom_labels, canonical_smiles
from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.errors import InputError
from mpnn_lab.nn import Network
from mpnn_lab.tracing.embeddings import Level, Plane, States

Colour = Literal["target", "prediction", "element"]


@dataclass(frozen=True)
class MapView:
    """Points in the plane, what each is, and what colours it.

    `points` is float32 [P, 2]; `shares` of the variance along both axes. `molecule` (int32 [P])
    indexes `names`; `atoms` names each point's atom, and is empty where a point is a molecule.
    Points are coloured by `values` on one scale, in `unit`, else by `groups` (int32 [P]), which
    index `group_names` and `group_numbers` (atomic numbers).
    """

    title: str
    level: Literal["graph", "atom"]
    points: NDArray[np.float32]
    shares: tuple[float, float]
    names: tuple[str, ...]
    molecule: NDArray[np.int32]
    atoms: tuple[str, ...]
    values: NDArray[np.float32]
    value_name: str
    unit: str
    groups: NDArray[np.int32]
    group_names: tuple[str, ...]
    group_numbers: tuple[int, ...]


def map_view(
    model: Network, mols: Sequence[Any], dataset: MoleculeDataset | None, states: States,
    plane: Plane, level: Level, round: int | None, colour: Colour | None,
) -> MapView:  # fmt: skip
    """Describe the map of these molecules; `mols` are those that were featurized, atom by atom."""
    chosen = _chosen(dataset, level, colour)
    molecule = states.molecule.astype(np.int32)
    atoms: tuple[str, ...] = ()
    groups, group_names, group_numbers = np.zeros(0, np.int32), (), ()
    if level == "atom":
        labels = [atom_labels(mol) for mol in mols]
        atoms = tuple(label for own in labels for label in own)
    if chosen == "element":
        numbers = [atom.GetAtomicNum() for mol in mols for atom in mol.GetAtoms()]
        symbols = {a.GetAtomicNum(): a.GetSymbol() for mol in mols for a in mol.GetAtoms()}
        known = sorted(symbols)
        groups = np.searchsorted(known, numbers).astype(np.int32)
        group_names, group_numbers = tuple(symbols[n] for n in known), tuple(known)
    values, name, unit = _values(model, dataset, states, chosen)
    title = "molecules" if dataset is None else dataset.title or dataset.name
    where = "after the readout" if level == "graph" else _when(model, round)
    return MapView(
        title=f"{title}: {_count(len(mols), 'molecule')} {where}",
        level=level,
        points=plane.points.astype(np.float32),
        shares=plane.shares,
        names=_names(mols, dataset),
        molecule=molecule,
        atoms=atoms,
        values=values[molecule] if len(values) else values,
        value_name=name,
        unit=unit,
        groups=groups,
        group_names=group_names,
        group_numbers=group_numbers,
    )


def _chosen(dataset: MoleculeDataset | None, level: Level, colour: Colour | None) -> Colour:
    if colour not in (None, "target", "prediction", "element"):
        raise InputError(f"colour: got {colour!r}; expected 'target', 'prediction' or 'element'")
    if colour == "target" and dataset is None:
        raise InputError(
            "colour: molecules without a data set have no target",
            mend="Give colour='prediction', or a data set.",
        )
    if colour == "element" and level == "graph":
        raise InputError("colour: a molecule is of no one element", mend="Give level='atom'.")
    if colour is None and level == "atom":
        return "element"
    return colour or ("prediction" if dataset is None else "target")


def _values(
    model: Network, dataset: MoleculeDataset | None, states: States, chosen: Colour
) -> tuple[NDArray[np.float32], str, str]:
    """One number a molecule, what it is, and its unit."""
    if chosen == "element":
        return np.zeros(0, np.float32), "", ""
    if chosen == "prediction" or dataset is None:
        unit = model.record.unit if model.record is not None else ""
        said = "prediction" if model.record is not None else "untrained output"
        return states.outputs.float().numpy(), said, unit
    values = dataset.targets[:, 0].float().numpy()
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(
            f"the target {dataset.target_names[0]!r} is not finite in row {bad[0]} "
            f"({len(bad)} such row(s))",
            mend="Remove these rows, or give colour='prediction'.",
        )
    return values, dataset.target_names[0], dataset.unit


def _names(mols: Sequence[Any], dataset: MoleculeDataset | None) -> tuple[str, ...]:
    if dataset is not None:
        return tuple(n or s for n, s in zip(dataset.names, dataset.smiles, strict=True))
    named = (mol.GetProp("_Name") if mol.HasProp("_Name") else "" for mol in mols)
    return tuple(name or canonical_smiles(mol) for name, mol in zip(named, mols, strict=True))


def _when(model: Network, round: int | None) -> str:
    after = model.times if round is None else round
    return f"after round {after}" if after else "before the first round"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
