"""PyG's layers for graphs of several types of nodes and edges, over the atoms of molecules.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import HANConv, HeteroConv, HGTConv, SAGEConv

from mpnn_lab.nn.reading import FAMILIES

ATOM = "atom"
Triple = tuple[str, str, str]


@dataclass(frozen=True)
class Behind:
    """What a propagation inside joins: the atoms of its senders' rows and of its receivers'.

    Attributes
    ----------
    senders, receivers : int64, the atom of each row.
    family, relation, to : the types that it joins, by number; -1 where it joins them all.
    """

    senders: Tensor
    receivers: Tensor
    family: int = -1
    relation: int = -1
    to: int = -1


@dataclass(frozen=True)
class Sorted:
    """A molecule's graph sorted by type.

    Attributes
    ----------
    nodes : the atoms of each family that occurs, int64.
    edges : the edges of each triple that occurs, int64 [2, .], atoms counted within their families.
    """

    nodes: dict[str, Tensor]
    edges: dict[Triple, Tensor]


class Enclosing(nn.Module):
    """A layer of PyG's that reads its graph in a form of its own; here atoms in their order.

    What does not occur in a molecule is left out, so that what an atom hears does not depend on the
    other molecules of a batch.
    """

    flow = "source_to_target"
    conv: nn.Module

    def behind(self, x: Tensor, edge_index: Tensor, **given: Any) -> list[Behind]:
        """The atoms that each propagation of a call with these arguments joins, in order."""
        raise NotImplementedError


class FamilyHGT(Enclosing):
    r"""HGTConv over a molecule: node types are families of elements, edge types those of bonds.

    An atom that hears nothing has the aggregate 0, as of an empty sum, and goes through its
    family's own output and skip connection like all others.

    Parameters
    ----------
    in_channels, out_channels : widths of h_i and h_i'.
    relations : how many types of bonds there are; with matrices for every triple of family, type
        and family, those that a molecule has not among them.
    heads : of the attention.
    """

    def __init__(self, in_channels: int, out_channels: int, relations: int, heads: int = 1) -> None:
        super().__init__()
        self.relations, self.out_channels = relations, out_channels
        kinds = (list(FAMILIES), triples(relations))
        self.conv = HGTConv(in_channels, out_channels, kinds, heads=heads)

    def forward(self, x: Tensor, edge_index: Tensor, edge_type: Tensor, family: Tensor) -> Tensor:
        """States [N, in], edges [2, E], types [E] and [N] to states [N, out]."""
        found = self._sorted(edge_index, edge_type, family)
        states = {name: x[atoms] for name, atoms in found.nodes.items()}
        return gathered(self.conv(states, found.edges), found.nodes, x, self.out_channels)

    def _sorted(self, edge_index: Tensor, edge_type: Tensor, family: Tensor) -> Sorted:
        found = sort(edge_index, edge_type, family, self.relations)
        if found.edges or not found.nodes:
            return found
        first = next(iter(found.nodes))  # PyG cannot do without any edge type; one without edges
        return Sorted(found.nodes, {(first, relation(0), first): edge_index})

    def behind(self, x: Tensor, edge_index: Tensor, **given: Any) -> list[Behind]:
        """PyG puts the families end to end, for the senders once for each triple."""
        found = self._sorted(edge_index, given["edge_type"], given["family"])
        senders = torch.cat([found.nodes[a] for a, _, _ in found.edges])
        return [Behind(senders, torch.cat(list(found.nodes.values())))]


class FamilyHetero(Enclosing):
    r"""HeteroConv over a molecule, with a SAGEConv for every triple of family, bond, family.

    .. math::
        h_i' = \sum_r \left( \square_{j \in N_r(i)} h_j \right) W_r

    The layers inside have neither a term of the atom's own nor a bias, which PyG would add for the
    triples that occur anywhere in a batch. An atom that hears nothing has the new state 0.

    Parameters
    ----------
    in_channels, out_channels : widths of h_i and h_i'.
    relations : how many types of bonds there are; layers are there for all of their triples.
    aggr : of the messages that come along the edges of one triple.
    """

    def __init__(
        self, in_channels: int, out_channels: int, relations: int, aggr: str = "mean"
    ) -> None:
        super().__init__()
        self.relations, self.out_channels = relations, out_channels
        self.conv = HeteroConv({
            triple: SAGEConv(in_channels, out_channels, aggr=aggr, root_weight=False, bias=False)
            for triple in triples(relations)
        })  # fmt: skip

    def forward(self, x: Tensor, edge_index: Tensor, edge_type: Tensor, family: Tensor) -> Tensor:
        """States [N, in], edges [2, E], types [E] and [N] to states [N, out]."""
        found = sort(edge_index, edge_type, family, self.relations)
        states = {name: x[atoms] for name, atoms in found.nodes.items()}
        return gathered(self.conv(states, found.edges), found.nodes, x, self.out_channels)

    def behind(self, x: Tensor, edge_index: Tensor, **given: Any) -> list[Behind]:
        """One propagation for each triple that occurs, between the atoms of two families."""
        found = sort(edge_index, given["edge_type"], given["family"], self.relations)
        number = {name: place for place, name in enumerate(FAMILIES)}
        return [
            Behind(found.nodes[a], found.nodes[b], number[a], int(r.split()[1]), number[b])
            for a, r, b in found.edges
        ]


class BondHAN(Enclosing):
    r"""HANConv over a molecule: the bonds of one type are one metapath, from atoms to atoms.

    Its attention to metapaths asks all nodes that it is given at once. Here these are the atoms of
    one molecule, so that a prediction does not depend on the batch. Metapaths that a molecule has
    not are left out; an atom that hears nothing along one has 0 there.

    Parameters
    ----------
    in_channels, out_channels : widths of h_i and h_i'.
    relations : how many types of bonds there are.
    heads, negative_slope, dropout : of the attention.
    """

    def __init__(
        self, in_channels: int, out_channels: int, relations: int, heads: int = 1,
        negative_slope: float = 0.2, dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.out_channels = out_channels
        kinds = ([ATOM], [(ATOM, relation(r), ATOM) for r in range(relations)])
        self.conv = HANConv(
            in_channels, out_channels, kinds, heads=heads, negative_slope=negative_slope,
            dropout=dropout,
        )  # fmt: skip

    def forward(self, x: Tensor, edge_index: Tensor, edge_type: Tensor, batch: Tensor) -> Tensor:
        """States [N, in], edges [2, E], their types [E], molecules [N] to states [N, out]."""
        out = x.new_zeros(len(x), self.out_channels)
        for atoms, edges in self._molecules(edge_index, edge_type, batch):
            heard: Tensor = self.conv({ATOM: x[atoms]}, edges)[ATOM]
            out = out.to(heard.dtype).index_copy(0, atoms, heard)
        return out

    def _molecules(
        self, edge_index: Tensor, edge_type: Tensor, batch: Tensor
    ) -> list[tuple[Tensor, dict[Triple, Tensor]]]:
        """For each molecule with edges its atoms, and the edges of each type that occurs."""
        found = []
        for molecule in batch[edge_index[0]].unique().tolist():
            atoms = (batch == molecule).nonzero().view(-1)
            place = places(atoms, len(batch))
            here = batch[edge_index[0]] == molecule
            edges = {
                (ATOM, relation(r), ATOM): place[edge_index[:, here & (edge_type == r)]]
                for r in edge_type[here].unique().tolist()
            }
            found.append((atoms, edges))
        return found

    def behind(self, x: Tensor, edge_index: Tensor, **given: Any) -> list[Behind]:
        """One propagation for each type of bond of each molecule, between all of its atoms."""
        return [
            Behind(atoms, atoms, relation=int(r.split()[1]))
            for atoms, edges in self._molecules(edge_index, given["edge_type"], given["batch"])
            for _, r, _ in edges
        ]


def relation(number: int) -> str:
    """What a type of bond is called in the tables of PyG's layers."""
    return f"type {number}"


def triples(relations: int) -> list[Triple]:
    """All triples of a sender's family, a bond's type and a receiver's family."""
    return [(a, relation(r), b) for a in FAMILIES for r in range(relations) for b in FAMILIES]


def sort(edge_index: Tensor, edge_type: Tensor, family: Tensor, relations: int) -> Sorted:
    """The atoms and edges of every type that occurs, in the order of `triples`."""
    nodes = {
        FAMILIES[k]: (family == k).nonzero().view(-1) for k in family.unique().tolist()
    }  # fmt: skip
    place = places(torch.cat(list(nodes.values())), len(family)) if nodes else family
    for atoms in nodes.values():
        place[atoms] -= place[atoms[0]].clone()  # each family counts from 0
    sender, receiver = family[edge_index]
    number = (sender * relations + edge_type) * len(FAMILIES) + receiver
    names = triples(relations)
    found = {names[k]: place[edge_index[:, number == k]] for k in number.unique().tolist()}
    return Sorted(nodes, found)


def places(atoms: Tensor, count: int) -> Tensor:
    """The place of each of `count` atoms among these, int64 [count]; -1 for those not there."""
    place = atoms.new_full((count,), -1)
    place[atoms] = torch.arange(len(atoms), device=atoms.device)
    return place


def gathered(
    states: Mapping[str, Any], nodes: Mapping[str, Tensor], x: Tensor, width: int
) -> Tensor:
    """The states of each family back in the order of the atoms, [N, width]; 0 where none are."""
    known = {name: state for name, state in states.items() if state is not None}
    if not known:
        return x.new_zeros(len(x), width)
    rows = torch.cat(list(known.values()))
    atoms = torch.cat([nodes[name] for name in known])
    return rows.new_zeros(len(x), width).index_copy(0, atoms, rows)
