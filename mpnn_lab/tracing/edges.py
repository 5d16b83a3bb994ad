"""Which edge of a propagation is which bond."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpnn_lab.chem import Mol
from mpnn_lab.tracing.pooled import PooledNodes


@dataclass(frozen=True)
class EdgeNames:
    """Role and bond number (-1: none) of every edge."""

    roles: tuple[str, ...]
    origins: NDArray[np.int64]


@dataclass(frozen=True)
class Ends:
    """What the two rows of a propagation's `edge_index` count.

    Attributes
    ----------
    atoms : the atom of each node, int64 [nodes], where both rows count the same nodes, or the first
        of these; None where that is not known.
    apart : whether senders and receivers are not the same nodes.
    first : whether the receivers are the first of the senders, whose atoms these are, as where a
        layer is called on some of the nodes: ``conv((x, x[:5]), edge_index)``.
    molecules : whether the receivers are the molecules that the senders, the atoms, belong to.
    pooled : what the nodes are after a pooling of ours.
    """

    atoms: Tensor | None
    apart: bool = False
    molecules: bool = False
    pooled: PooledNodes | None = None
    first: bool = False


def name_edges(
    edge_index: Tensor, data: Any, mol: Any = None, ends: Ends | None = None
) -> EdgeNames:
    """Name the edges of one propagation by the bonds they run along.

    A self-loop joins a node to itself; an edge to a node for the whole molecule is ``master``. An
    edge of the graph's that is no bond is called what its `pair_role` says, such as ``virtual``;
    what the layer added beside is ``other``. Bonds are the molecule's where its atoms are the
    nodes. Without one they are the pairs that the graph's `edge_index` holds, numbered by
    `edge_bond`, else as they first appear. An edge of atoms that a pooling has merged is
    ``merged``.
    """
    count = edge_index.shape[1]
    if ends is not None and ends.apart and not ends.first:
        role = "master" if ends.molecules else "other"
        return EdgeNames((role,) * count, np.full(count, -1))
    s, t = edge_index.cpu().numpy().astype(np.int64)
    pooled = None if ends is None else ends.pooled
    pairs, apart = _between_atoms(s, t, _atoms(data, ends), pooled)
    bonds = _bonds(data, mol)
    origins = _looked_up(pairs, np.asarray([*bonds]).reshape(-1, 2), np.asarray([*bonds.values()]))
    roles = np.full(count, "other", dtype=object)
    joined, graphs, names = _pairs(data)
    found = _looked_up(pairs, joined, graphs)
    for graph, name in enumerate(names):
        roles[found == graph] = name
    roles[apart] = "merged"
    roles[origins >= 0] = "bond"
    roles[s == t] = "self-loop"
    return EdgeNames(tuple(roles), origins)


def _between_atoms(
    s: NDArray[np.int64], t: NDArray[np.int64], atoms: list[int] | None, pooled: PooledNodes | None
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The atoms at both ends, [M, 2] (-1: a self-loop, or not known); which join merged atoms."""
    pairs, apart = np.full((len(s), 2), -1), np.zeros(len(s), dtype=bool)
    if atoms is not None:
        pairs = np.asarray(atoms, dtype=np.int64)[np.stack([s, t], axis=1)]
    pairs[s == t] = -1
    if pooled is not None:
        for e, (i, j) in enumerate(zip(s.tolist(), t.tolist(), strict=True)):
            whole = pooled.ends(i, j)
            apart[e] = whole is None
            if whole is not None and i != j:
                pairs[e] = whole
    return pairs, apart


def _looked_up(
    pairs: NDArray[np.int64], keys: NDArray[np.int64], values: NDArray[np.int64]
) -> NDArray[np.int64]:
    """The value of each pair among the keys [K, 2], -1 of those that are not there.

    All at once: a complete graph has tens of thousands.
    """
    found = np.full(len(pairs), -1, dtype=np.int64)
    if not len(keys) or not len(pairs):
        return found
    base = int(max(keys.max(), pairs.max())) + 2
    known, asked = ((both[:, 0] + 1) * base + both[:, 1] + 1 for both in (keys, pairs))
    order = np.argsort(known)
    place = np.searchsorted(known[order], asked).clip(max=len(known) - 1)
    same = known[order][place] == asked
    found[same] = values[order][place][same]
    return found


def name_hyperedges(edge_index: Tensor, sets: int, data: Any, mol: Any = None) -> EdgeNames:
    """Name the messages between atoms and sets of atoms; row `sets` of the edges numbers the sets.

    All are of the role ``hyperedge``; where the set is the two atoms of a bond, its number is
    that bond's.
    """
    members: dict[int, set[int]] = {}
    pairs = list(zip(edge_index[1 - sets].tolist(), edge_index[sets].tolist(), strict=True))
    for atom, number in pairs:
        members.setdefault(number, set()).add(atom)
    bonds = _bonds(data, mol)
    origins = [bonds.get(tuple(sorted(members[number])), -1) for _, number in pairs]
    return EdgeNames(("hyperedge",) * len(pairs), np.asarray(origins, dtype=np.int64))


def bonded_atoms(data: Any, mol: Any = None) -> list[tuple[int, int]]:
    """Each bond's two atoms, once, in ascending order: the molecule's, else the graph's."""
    known = {(min(pair), max(pair)) for pair, bond in _bonds(data, mol).items() if bond >= 0}
    return sorted((a, b) for a, b in known if a != b)


def _bonds(data: Any, mol: Any) -> dict[tuple[int, ...], int]:
    whole = isinstance(mol, Mol) and mol.GetNumAtoms() == data.num_nodes
    return _molecules_bonds(mol) if whole else _graphs_bonds(data)


def _atoms(data: Any, ends: Ends | None) -> list[int] | None:
    """The atom of each node; None where that is not known."""
    if ends is None:
        return list(range(data.num_nodes))
    return None if ends.atoms is None else ends.atoms.tolist()


def _pairs(data: Any) -> tuple[NDArray[np.int64], NDArray[np.int64], list[str]]:
    """The graph's edges that are no bonds, [P, 2], the graph of each, and what each graph's are."""
    nothing = np.zeros((0, 2), dtype=np.int64)
    if not hasattr(data, "get"):
        return nothing, nothing[:, 0], []
    names, numbers = data.get("pair_role"), data.get("edge_bond")
    if names is None or not isinstance(numbers, Tensor) or len(numbers) != data.num_edges:
        return nothing, nothing[:, 0], []
    apart = data.edge_index[:, numbers < 0]
    one = isinstance(names, str)
    graphs = torch.zeros_like(apart[0]) if one else data.batch[apart[0]]
    return apart.T.cpu().numpy(), graphs.cpu().numpy(), [names] if one else list(names)


def _molecules_bonds(mol: Mol) -> dict[tuple[int, ...], int]:
    ends = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx(), b.GetIdx()) for b in mol.GetBonds()]
    return {pair: bond for a, b, bond in ends for pair in ((a, b), (b, a))}


def _graphs_bonds(data: Any) -> dict[tuple[int, ...], int]:
    edges = data.get("edge_index") if hasattr(data, "get") else getattr(data, "edge_index", None)
    if not isinstance(edges, Tensor):
        return {}
    pairs = [tuple(pair) for pair in edges.T.tolist()]
    numbers = data.get("edge_bond")
    if isinstance(numbers, Tensor) and len(numbers) == len(pairs):
        return dict(zip(pairs, numbers.tolist(), strict=True))
    counted: dict[frozenset[int], int] = {}
    return {pair: counted.setdefault(frozenset(pair), len(counted)) for pair in pairs}
