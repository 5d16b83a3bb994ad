"""Changes to one thing that a model is told, or to one message: the edits of a what-if."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from mpnn_lab.chem import Featurizer, Mol, atom_labels, atomic_number
from mpnn_lab.errors import InputError
from mpnn_lab.graph import bond_kinds
from mpnn_lab.nn import Network
from mpnn_lab.tracing.edges import name_edges

BONDS = ("single", "double", "triple", "aromatic")
"""The kinds that a bond can be made."""
CHARGE = "formal charge"
OTHER_TYPES = "type other"


@dataclass(frozen=True)
class FeatureEdit:
    """Columns of one atom's or bond's features, and the values that they are given.

    Attributes
    ----------
    of : ``"atom"`` or ``"bond"``, and `number` which one (0-based).
    values : column number to new value.
    z : the new atomic number, where the element changes.
    words : what was changed, such as ``"C1=O2 as single bond"``.
    """

    of: str
    number: int
    values: dict[int, float]
    words: str
    change: dict[str, Any] = field(default_factory=dict)
    z: int | None = None


@dataclass(frozen=True)
class MessageEdit:
    """One message, and the factor it is multiplied by before anything is done with it.

    `round` counts from 1, as the user does; `propagation` and `edge` from 0, as the round does.
    """

    round: int
    propagation: int
    edge: int
    times: float
    words: str
    change: dict[str, Any] = field(default_factory=dict)


Edit = FeatureEdit | MessageEdit


@dataclass(frozen=True)
class Told:
    """What a model is told of a molecule's atoms and bonds: the graph, and names of its columns.

    `bonds` is int64 [E], the bond along each edge, -1 where there is none.
    """

    data: Any
    mol: Mol
    atom_columns: tuple[str, ...]
    bond_columns: tuple[str, ...]
    bonds: Tensor

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the atoms."""
        return atom_labels(self.mol)

    def bond_name(self, number: int) -> str:
        """Such as ``"C1–O2"``."""
        bond = self.mol.GetBondWithIdx(number)
        labels = self.labels
        return f"{labels[bond.GetBeginAtomIdx()]}–{labels[bond.GetEndAtomIdx()]}"


def told(model: Any, data: Any, mol: Any) -> Told:
    """What the model is told; InputError for a graph that is not one molecule's atoms."""
    if not isinstance(mol, Mol) or mol.GetNumAtoms() != data.num_nodes:
        raise InputError(
            "this run is not of one molecule whose atoms are the nodes",
            mend="Trace one molecule: trace(model, data, mol=mol).",
        )
    atoms, bonds = _columns(model, data)
    origins = torch.from_numpy(name_edges(data.edge_index, data, mol).origins)
    return Told(data, mol, atoms, bonds, origins)


def _columns(model: Any, data: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the features' columns, where they are those of a `Featurizer`."""
    if isinstance(model, Network):
        return model.atom_columns, model.bond_columns
    known, found = Featurizer(), []
    for name, columns in (("x", known.atom_columns), ("edge_attr", known.bond_columns)):
        tensor = data.get(name)
        ours = isinstance(tensor, Tensor) and tensor.shape[1:] == (len(columns),)
        found.append(columns if ours and "edge_kind" in data else ())
    return found[0], found[1]


def edit_bond(graph: Told, number: int, to: str) -> FeatureEdit:
    """The bond told to be of another kind; what else is said of it (ring, conjugation) stays."""
    _one_of(range(graph.mol.GetNumBonds()), number, "bond")
    columns = _named(graph.bond_columns, (*BONDS, OTHER_TYPES), "kinds of bonds")
    _word(to, BONDS, "to")
    values = {place: float(name == to) for name, place in columns.items()}
    return FeatureEdit("bond", number, values, f"{graph.bond_name(number)} as {to} bond")


def edit_element(graph: Told, number: int, to: str) -> FeatureEdit:
    """The atom told to be of another element; neighbours, charge and hydrogens stay as told."""
    _one_of(range(graph.mol.GetNumAtoms()), number, "atom")
    z = atomic_number(to)
    elements = tuple(c for c in graph.atom_columns if c.startswith("element "))
    if not elements and graph.data.get("z") is None:
        raise InputError("the features of this graph do not name the elements")
    name = f"element {to}" if f"element {to}" in elements else "element other"
    columns = {c: graph.atom_columns.index(c) for c in elements}
    values = {place: float(c == name) for c, place in columns.items()}
    return FeatureEdit("atom", number, values, f"{graph.labels[number]} as {to}", z=z)


def edit_charge(graph: Told, number: int, to: int) -> FeatureEdit:
    """The atom told to have another formal charge, in elementary charges."""
    _one_of(range(graph.mol.GetNumAtoms()), number, "atom")
    (place,) = _named(graph.atom_columns, (CHARGE,), "the charge").values()
    value = number_of(to, "charge")
    words = f"{graph.labels[number]} with charge {value:+g}"
    return FeatureEdit("atom", number, {place: value}, words)


def edit_feature(graph: Told, of: str, number: int, column: str | int, to: float) -> FeatureEdit:
    """One value of an atom's or a bond's features; `column` by its name or its number."""
    name, names = ("x", graph.atom_columns) if of == "atom" else ("edge_attr", graph.bond_columns)
    tensor = graph.data.get(name)
    if not isinstance(tensor, Tensor) or tensor.dim() != 2:
        raise InputError(f"the graph has no {name} with a row for each {of}")
    mol = graph.mol
    _one_of(range(mol.GetNumAtoms() if of == "atom" else mol.GetNumBonds()), number, of)
    if isinstance(column, str):
        if column not in names:
            raise InputError(
                f"feature: there is no column {column!r} of an {of}",
                mend=f"The columns are {', '.join(names)}." if names else "Give its number.",
            )
        column = names.index(column)
    _one_of(range(tensor.shape[1]), column, "column")
    value = number_of(to, "to")
    said = names[column] if names else f"feature {column}"
    who = graph.labels[number] if of == "atom" else graph.bond_name(number)
    return FeatureEdit(of, number, {column: value}, f"{said} of {who} as {value:g}")


def applied(graph: Told, edits: Sequence[Edit]) -> Any:
    """A copy of the graph with the edits of features made, in their order."""
    data = graph.data.clone()
    for edit in edits:
        if isinstance(edit, MessageEdit):
            continue
        rows = graph.bonds == edit.number if edit.of == "bond" else [edit.number]
        name = "edge_attr" if edit.of == "bond" else "x"
        for column, value in edit.values.items():
            data[name][rows, column] = value
        if edit.z is not None and data.get("z") is not None:
            data.z[edit.number] = edit.z
    if any(isinstance(e, FeatureEdit) and e.of == "bond" for e in edits) and "edge_kind" in data:
        data.edge_kind, data.kind_attr = bond_kinds(data.edge_attr)
    return data


def overrides(edit: Edit, other: Edit) -> bool:
    """Whether the one makes the other mean nothing: it is of the same columns, or message."""
    if isinstance(edit, FeatureEdit) and isinstance(other, FeatureEdit):
        same = (edit.of, edit.number) == (other.of, other.number)
        return same and set(edit.values) >= set(other.values) and (
            edit.z is not None or other.z is None
        )  # fmt: skip
    if isinstance(edit, MessageEdit) and isinstance(other, MessageEdit):
        return (edit.round, edit.propagation, edit.edge) == (
            other.round,
            other.propagation,
            other.edge,
        )
    return False


def _named(columns: tuple[str, ...], wanted: tuple[str, ...], what: str) -> dict[str, int]:
    if not set(wanted) <= set(columns):
        raise InputError(
            f"the features of this graph do not name {what}",
            mend="Change a feature by its number: feature=..., to=...",
        )
    return {name: columns.index(name) for name in wanted}


def _one_of(places: range, number: Any, what: str) -> None:
    whole = isinstance(number, int) and not isinstance(number, bool)
    if not whole or number not in places:
        raise InputError(f"there is no {what} {number!r}: there are {len(places)}, from 0")


def _word(word: Any, known: tuple[str, ...], name: str) -> None:
    if word not in known:
        raise InputError(f"{name}: got {word!r}; expected one of {', '.join(known)}")


def number_of(value: Any, name: str) -> float:
    """A number of a size that a network can take; InputError for anything else."""
    ours = isinstance(value, int | float) and not isinstance(value, bool)
    if not ours or not abs(value) <= 1e6:
        raise InputError(f"{name}: got {value!r}; expected a number between -10⁶ and 10⁶")
    return float(value)
