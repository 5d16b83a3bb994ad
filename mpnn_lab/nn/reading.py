"""What the columns of atoms and bonds tell: elements, polar bonds, ring systems."""

from __future__ import annotations

import torch
from torch import Tensor

ELEMENT = "element "
ELECTRONEGATIVITY = {
    "H": 220, "B": 204, "C": 255, "N": 304, "O": 344, "F": 398,
    "Si": 190, "P": 219, "S": 258, "Cl": 316, "Br": 296, "I": 266,
}  # fmt: skip
"""Pauling's, in hundredths (whole numbers, so that a difference of exactly 0.40 is one)."""
POLAR = 40
"""A bond is polar from this difference on, as textbooks of general chemistry draw the line."""

COLUMNS = (("H",), ("C", "Si"), ("N", "P"), ("O", "S"), ("F", "Cl", "Br", "I"))
"""Elements that stand below one another in the periodic table; all others are one family more."""
FAMILIES = ("hydrogen", "carbon", "nitrogen", "oxygen", "halogen", "other")
"""What these families are called, each after its lightest element."""


def element_columns(atom_columns: tuple[str, ...]) -> dict[str, int]:
    """The columns of atom features that say an atom's element, by the element."""
    return {
        name.removeprefix(ELEMENT): place
        for place, name in enumerate(atom_columns)
        if name.startswith(ELEMENT)
    }


def elements(atoms: Tensor, atom_columns: tuple[str, ...]) -> Tensor:
    """The element of each atom, int64 [N], numbered as `element_columns` lists them."""
    return atoms[:, list(element_columns(atom_columns).values())].argmax(dim=1)


def families(element: Tensor, atom_columns: tuple[str, ...]) -> Tensor:
    """The family of each atom's element, int64 [N], numbered as `FAMILIES` lists them."""
    number = {name: place for place, names in enumerate(COLUMNS) for name in names}
    table = [number.get(name, len(COLUMNS)) for name in element_columns(atom_columns)]
    return torch.tensor(table, device=element.device)[element]


def polar(edge_index: Tensor, element: Tensor, atom_columns: tuple[str, ...]) -> Tensor:
    """Whether each edge joins atoms whose electronegativities differ by 0.4 or more, bool [E].

    An element that has no column of its own ("other", most of them metals) has no value either:
    its bonds count as polar.
    """
    names = list(element_columns(atom_columns))
    table = torch.tensor([ELECTRONEGATIVITY.get(name, -1) for name in names])
    ends = table.to(element.device)[element][edge_index]
    return ((ends[0] - ends[1]).abs() >= POLAR) | (ends < 0).any(dim=0)


def hyperedges(edge_index: Tensor, in_ring: Tensor, nodes: int) -> Tensor:
    """Every bond, and every ring system: int64 [2, P], pairs of an atom and a hyperedge's number.

    A bond holds two atoms; a ring system all atoms that ring bonds join, so fused and spiro rings
    are one system and rings joined by a bond that is in no ring are two. Hyperedges are numbered
    from 0, the bonds first, in the order of `edge_index`.

    Parameters
    ----------
    edge_index : int64 [2, E], each bond in both directions.
    in_ring : bool [E], whether a bond is in a ring.
    nodes : how many atoms there are.
    """
    once = edge_index[:, edge_index[0] < edge_index[1]]
    bonds = torch.arange(once.shape[1], device=once.device)
    atoms, system = _ring_systems(edge_index[:, in_ring], nodes)
    return torch.stack(
        [torch.cat([once.T.reshape(-1), atoms]),
         torch.cat([bonds.repeat_interleave(2), system + len(bonds)])]
    )  # fmt: skip


def _ring_systems(rings: Tensor, nodes: int) -> tuple[Tensor, Tensor]:
    """The atoms that ring bonds join, and the number of the system that each belongs to."""
    label = torch.arange(nodes, device=rings.device)
    while True:  # the smallest atom's number spreads until all of a system have it
        least = label.scatter_reduce(0, rings[1], label[rings[0]], "amin")
        least = least[least]  # and what that atom has heard meanwhile
        if torch.equal(least, label):
            break
        label = least
    atoms = rings[0].unique()
    return atoms, torch.unique(label[atoms], return_inverse=True)[1]
