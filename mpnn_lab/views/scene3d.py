"""A molecule in space as plain data, and the colours that its atoms are given."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.chem import Whole, atom_descriptions, atom_labels, bond_descriptions
from mpnn_lab.errors import InputError
from mpnn_lab.tracing import Quantity
from mpnn_lab.views.stage import StageView, StepView

POINTING = ("source", "target", "of_kind", "of_graph")
"""Ways of making a quantity that only point at another one's rows."""


@dataclass(frozen=True)
class Solid:
    """A molecule in space: its own atoms and bonds first, then hydrogens it only counts.

    `positions` is float32 [atoms, 3] in Å, `how` says where they come from, `reason` why they are
    flat ("" where they are not). `bonds` is int32 [bonds, 2], `orders` 1, 2 or 3. Labels and
    descriptions are of its own atoms and bonds alone. `places` is the number of each atom in the
    model it is drawn in; `drawn` says whether the page makes that model itself.
    """

    name: str
    elements: tuple[str, ...]
    positions: NDArray[np.float32]
    how: str
    reason: str
    bonds: NDArray[np.int32]
    orders: NDArray[np.int32]
    atom_labels: tuple[str, ...]
    atom_descriptions: tuple[str, ...]
    bond_descriptions: tuple[str, ...]
    places: NDArray[np.int32]
    drawn: bool


@dataclass(frozen=True)
class Colours:
    """One number for each atom, shown on the stage's scale of colours.

    Attributes
    ----------
    values : of the molecule's atoms; None for an atom that has none.
    limit : end of the scale.
    signed : whether it runs from ``-limit`` through 0, or from 0 alone.
    words : what the numbers are, such as ``"size of the state"``.
    channels : names of what one can choose instead of the size, where one can.
    """

    values: tuple[float | None, ...]
    limit: float
    signed: bool
    words: str = ""
    channels: tuple[str, ...] = ()

    def padded(self, atoms: int) -> Colours:
        """The same for a molecule that has further atoms (hydrogens): they have no number."""
        return replace(self, values=self.values + (None,) * (atoms - len(self.values)))


def solid(whole: Whole, *, drawn: bool = True) -> Solid:
    """Describe a molecule for the viewer."""
    mol = whole.mol
    name = mol.GetProp("_Name").strip() if mol.HasProp("_Name") else ""
    return Solid(
        name=name,
        elements=tuple(atom.GetSymbol() for atom in whole.full.GetAtoms()),
        positions=whole.geometry.positions.astype(np.float32),
        how=whole.geometry.how,
        reason=whole.geometry.reason,
        bonds=whole.bonds,
        orders=whole.orders,
        atom_labels=atom_labels(mol),
        atom_descriptions=atom_descriptions(mol),
        bond_descriptions=bond_descriptions(mol),
        places=whole.places,
        drawn=drawn,
    )


def read_colours(given: Any, atoms: int) -> Colours | None:
    """Read what a user gives for colours: None, `Colours`, or a number for each atom.

    Raises
    ------
    InputError
        If it is something else, or not as many numbers as the molecule has atoms.
    """
    if given is None or isinstance(given, Colours):
        found = given
    else:
        values = _numbers(given)
        present = [v for v in values if v is not None]
        limit = max(map(abs, present), default=0.0)
        found = Colours(values, limit, any(v < 0 for v in present), "value")
    if found is not None and len(found.values) != atoms:
        raise InputError(
            f"got {len(found.values)} colours for {atoms} atoms",
            mend="Give a number for each atom of viewer.mol, None or NaN where it has none.",
        )
    return found


def _numbers(given: Any) -> tuple[float | None, ...]:
    listed = given.tolist() if hasattr(given, "tolist") else given
    wrong = InputError(
        f"got a {type(given).__name__}; colours are a number for each atom, or None",
        mend="Such as viewer.colours = trace.rounds[0].state_out[:, 0].",
    )
    if isinstance(listed, str | bytes) or not isinstance(listed, Iterable):
        raise wrong
    values: list[float | None] = []
    for value in listed:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise wrong
        number = None if value is None or value != value else float(value)
        if number is not None and not np.isfinite(number):
            raise InputError("an infinite number has no colour", mend="Give finite numbers.")
        values.append(number)
    return tuple(values)


def state_colours(view: StageView, step: int, channel: int | None = None) -> Colours:
    """The colours of the stage's atoms at a step: the size of their state, or one channel of it.

    An atom that poolings have dropped has none; one that has merged has its cluster's.
    """
    now = view.steps[step]
    known = {q.name: q for q in view.quantities}
    state = known[now.state]
    count = len(view.molecule.positions)
    base = _base(state, known)
    rows = np.asarray(base.values, dtype=np.float64)
    rows = rows.reshape(len(rows), -1)
    width = rows.shape[1]
    one = channel if channel is not None and channel < width else None
    if one is None and width == 1 and (rows < 0).any():
        one = 0
    label = state.label.partition(":")[0] or "the state"
    names = tuple(channel_names(view, base)) if width > 1 else ()
    numbers = rows[:, one] if one is not None else np.linalg.norm(rows, axis=1)
    there = _there(view, base.nodes)
    nodes = [_node_at(view, atom, now) for atom in range(count)]
    values = tuple(
        float(numbers[n]) if 0 <= n < len(numbers) and n in there else None for n in nodes
    )
    if one is not None:
        words = f"{names[one]} of {label}" if names else label
        return Colours(values, float(np.abs(rows).max(initial=0)), True, words, names)
    limit = max((float(numbers[n]) for n in there if n < len(numbers)), default=0.0)
    return Colours(values, limit, False, f"size of {label}", names)


def widest_state(view: StageView) -> int:
    """How many channels the widest state has that colours the atoms at some step."""
    known = {q.name: q for q in view.quantities}
    return max((_width(_base(known[s.state], known)) for s in view.steps), default=0)


def channel_names(view: StageView, base: Quantity) -> list[str]:
    """What the channels of a state are called, as the stage calls them where it has names."""
    width = _width(base)
    features = bool(base.axes) and "feature" in base.axes[-1]
    if features and len(view.feature_names) == width:
        return list(view.feature_names)
    return [f"channel {k}" for k in range(width)]


def _width(base: Quantity) -> int:
    return 0 if base.values is None else math.prod(base.values.shape[1:])


def _base(quantity: Quantity, known: dict[str, Quantity]) -> Quantity:
    """The quantity that holds the values of one that may only point at them."""
    while quantity.op in POINTING and quantity.args and quantity.args[0] in known:
        quantity = known[quantity.args[0]]
    return quantity


def _there(view: StageView, pooled: int) -> set[int]:
    """The nodes that are there after so many poolings; all where nothing is pooled."""
    if len(view.node_sets) < 2:
        return set(range(len(view.node_labels)))
    return {int(n) for n in view.node_sets[pooled]}


def _node_at(view: StageView, atom: int, step: StepView) -> int:
    """The node that an atom is, or is part of, at a step."""
    there = _there(view, step.nodes)
    if atom in there:
        return atom
    merged = [int(n) for n, a in view.members.tolist() if a == atom and n in there]
    return merged[0] if merged else atom
