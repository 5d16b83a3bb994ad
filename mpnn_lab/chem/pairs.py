"""Which pairs of atoms are edges beside the bonds, and whether what is asked goes together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from mpnn_lab.checks import flag
from mpnn_lab.chem.features import DISTANCES, Featurizer
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

EDGES = ("bonds", "complete", "radius")
CUTOFF = 5.0
"""In Å."""


@dataclass(frozen=True)
class Asked:
    """What a graph is to hold.

    Attributes
    ----------
    featurizer : names and fills the columns.
    role : what edges without a bond are called; None where there are none.
    cutoff : in Å, for the role ``radius``.
    positions : whether positions are needed.
    """

    featurizer: Featurizer
    role: str | None
    cutoff: float
    positions: bool


def asked_for(
    hydrogens: bool, edges: str, geometry: bool, featurizer: Featurizer | None, distances: str,
    cutoff: float, virtual_edges: bool,
) -> Asked:  # fmt: skip
    """Check the arguments of `mpnn_lab.graph.featurize`; InputError where they contradict."""
    for name, value in (
        ("hydrogens", hydrogens), ("geometry", geometry), ("virtual_edges", virtual_edges),
    ):  # fmt: skip
        flag(name, value)
    for name, choice, choices in (("edges", edges, EDGES), ("distances", distances, DISTANCES)):
        if choice not in choices:
            raise InputError(f"{name} is {choice!r}; expected one of {', '.join(choices)}")
    fault = contradiction(edges, virtual_edges, distances, cutoff)
    if fault is not None:
        raise InputError(f"{fault[0]}: {fault[1]}", mend=fault[2])
    role = "virtual" if virtual_edges else None if edges == "bonds" else edges
    if featurizer is None:
        featurizer = Featurizer(hydrogens, role is not None, distances)
    _check_featurizer(featurizer, hydrogens, role is not None, distances)
    positions = geometry or edges == "radius" or featurizer.distances != "none"
    return Asked(featurizer, role, cutoff, positions)


def contradiction(
    edges: str, virtual_edges: bool, distances: str, cutoff: Any
) -> tuple[str, str, str] | None:
    """Find the first thing that does not go together: the argument, what is wrong, how to mend."""
    if virtual_edges and edges != "bonds":
        return (
            "virtual_edges",
            f"True, but edges={edges!r} has pairs without a bond of its own",
            "Use virtual_edges with edges='bonds', or leave it out.",
        )
    if distances == "binned" and edges == "bonds" and not virtual_edges:
        return (
            "distances",
            "'binned' tells the distances of pairs without a bond, and there are none",
            "Take distances='raw', or virtual_edges=True, or edges='complete' or 'radius'.",
        )
    number = isinstance(cutoff, int | float) and not isinstance(cutoff, bool)
    if not number or not math.isfinite(cutoff) or cutoff <= 0:
        return "cutoff", f"{cutoff!r}; expected a distance in Å above 0", ""
    if edges != "radius" and cutoff != CUTOFF:
        return (
            "cutoff",
            f"{cutoff:g} Å, but only edges='radius' has one, and edges is {edges!r}",
            "Leave cutoff out, or use edges='radius'.",
        )
    return None


def _check_featurizer(
    featurizer: Featurizer, hydrogens: bool, unbonded: bool, distances: str
) -> None:
    if not isinstance(featurizer, Featurizer):
        raise InputError(
            f"featurizer is a {type(featurizer).__name__}; expected a Featurizer",
            mend="Such as ml.Featurizer(hydrogens=True), or leave it out.",
        )
    wrong = None
    if hydrogens and not featurizer.hydrogens:
        wrong = "hydrogens=True"
    elif distances not in ("none", featurizer.distances):
        wrong = f"distances={distances!r}"
    elif unbonded and not featurizer.unbonded:
        wrong = "edges between atoms without a bond"
    if wrong is not None:
        raise InputError(
            f"{wrong} contradicts {featurizer!r}",
            mend="Leave the featurizer out, or give one with hydrogens=, unbonded= and distances= "
            "to match.",
        )


def unbonded_pairs(
    asked: Asked, atoms: int, bonded: Tensor, positions: Tensor | None, limits: Limits
) -> Tensor:
    """List the pairs i < j without a bond that are edges, in order.

    Parameters
    ----------
    asked : Asked
        Its role and cutoff.
    atoms : int
        N.
    bonded : Tensor
        int64 [B, 2], the ends of the bonds.
    positions : Tensor or None
        float64 [N, 3] in Å; needed for the role ``radius``.
    limits : Limits
        `edges`: more directed edges, bonds included, are refused before they are made.

    Returns
    -------
    Tensor
        int64 [P, 2].
    """
    if asked.role is None:
        return bonded.new_empty(0, 2)  # the table of all pairs is large for a large molecule
    wanted = apart(asked.role, asked.cutoff, atoms, bonded, positions)
    _check_count(atoms, 2 * (int(wanted.sum()) + len(bonded)), limits)
    return wanted.nonzero()


def check_pairs(asked: Asked, atoms: int, limits: Limits) -> None:
    """Refuse more edges than the cap, where all pairs are edges and no position is needed for it.

    Raises
    ------
    InputError
        Before positions are worked out, which takes long for a molecule of that size.
    """
    if asked.role in ("complete", "virtual"):
        _check_count(atoms, atoms * (atoms - 1), limits)


def _check_count(atoms: int, edges: int, limits: Limits) -> None:
    if edges > limits.edges:
        raise InputError(
            f"the graph of {atoms:,} atoms would have {edges:,} edges; at most {limits.edges:,} "
            "are made",
            mend="Use edges='radius' with a smaller cutoff, edges='bonds', or hydrogens=False.",
        )


def apart(
    role: str | None, cutoff: float, atoms: int, bonded: Tensor, positions: Tensor | None
) -> Tensor:
    """Which pairs i < j without a bond are edges, bool [N, N]: none where they have no role."""
    wanted = torch.full((atoms, atoms), role is not None)
    if role == "radius":
        assert positions is not None
        # By differences, not torch's product formula: a pair at the cutoff is within it.
        rows = [(p - positions).norm(dim=1) <= cutoff for p in positions]
        wanted = torch.stack(rows) if rows else wanted
    wanted[bonded[:, 0], bonded[:, 1]] = wanted[bonded[:, 1], bonded[:, 0]] = False
    return wanted.triu(1)
