"""What a molecule's graph supplies to layers that read more than states and bond features."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data

from mpnn_lab.chem.features import DISTANCE_BINS, NO_BOND
from mpnn_lab.nn.reading import elements, families, hyperedges, polar

ORDERS = {"single": 1.0, "double": 2.0, "triple": 3.0, "aromatic": 1.5}
"""The weight of a bond: its order; of any other type 1."""
OTHER = "type other"
UNBONDED = (NO_BOND, *DISTANCE_BINS)
"""What an edge is where it is no bond: of one type, or of its distance's."""
CENTRAL = 0.1
"""An atom nearer to its molecule's centre than this, in Å, has no direction away from it."""


@dataclass(frozen=True)
class Supply:
    """The graph as layers read it.

    Attributes
    ----------
    edge_index : int64 [2, E].
    edge_attr : [E, D], the bonds' features; D is 0 where a pooling has merged atoms.
    kinds : (edge_kind [E], kind_attr [K, D]), where they were worked out with the batch.
    x_0 : [N, F], the first states, after the projection; F is 0 where atoms have merged.
    batch : int64 [N], the molecule of each atom.
    bond_columns : names of the bonds' features.
    atoms : [N, C], the atoms' features.
    atom_columns : their names.
    history : the states before each round so far, this one's last, each [N, F]; kept in networks
        with a layer that reads them all.
    master : [graphs, d_master], the state of each molecule's master node, where it has one.
    bonds : [E, D], the features as the molecule has them, where `edge_attr` are states of the
        edges that a layer has updated.
    graphs : how many molecules there are.
    u : [graphs, width], the state of each molecule, where a layer has made one.
    given_pos : [N, 3] in Å, where the graph has positions.
    prepared : what a layer that runs in several rounds has worked out for all of them, if it does.
    """

    edge_index: Tensor
    edge_attr: Tensor
    kinds: tuple[Tensor, Tensor] | None
    x_0: Tensor
    batch: Tensor
    bond_columns: tuple[str, ...]
    atoms: Tensor
    atom_columns: tuple[str, ...]
    history: tuple[Tensor, ...] = ()
    given_pos: Tensor | None = None
    prepared: Any = None
    master: Tensor | None = None
    bonds: Tensor | None = None
    u: Tensor | None = None
    graphs: int = 1

    def with_edges(self, edge_attr: Tensor) -> Supply:
        """The same graph, its edges in other states; types and weights stay the bonds' own."""
        bonds = self.edge_attr if self.bonds is None else self.bonds
        return replace(self, edge_attr=edge_attr, kinds=None, prepared=None, bonds=bonds)

    def remembering(self, h: Tensor) -> Supply:
        """The same graph, with these states as the last of its history."""
        return replace(self, history=(*self.history, h))

    @property
    def pos(self) -> Tensor:
        """Positions of the atoms, [N, 3] in Å."""
        assert self.given_pos is not None
        return self.given_pos

    @cached_property
    def normal(self) -> Tensor:
        """The direction outwards at each atom, [N, 3]: from the centre of its molecule's atoms.

        Of length one: the normal, at the atom, of a sphere round the molecule; 0 for an atom
        within `CENTRAL` of the centre, where no direction leads outwards. Unlike normals fitted
        to an atom's neighbours it has a sign, and it turns with the molecule.
        """
        graphs = int(self.batch.max()) + 1 if self.batch.numel() else 0
        total = self.pos.new_zeros(graphs, 3).index_add_(0, self.batch, self.pos)
        centre = total / self.batch.bincount(minlength=graphs).unsqueeze(1)
        outwards = self.pos - centre[self.batch]
        length = outwards.norm(dim=1, keepdim=True)
        return torch.where(length > CENTRAL, outwards / length.clamp(min=CENTRAL), 0.0)

    @cached_property
    def edge_type(self) -> Tensor:
        """The type of each edge, int64 [E], numbered as `bond_type_columns` lists them."""
        places = list(bond_type_columns(self.bond_columns).values())
        bonds = self.edge_attr if self.bonds is None else self.bonds
        return bonds[:, places].argmax(dim=1)

    @cached_property
    def edge_weight(self) -> Tensor:
        """The order of each edge's bond, [E]: 1, 2, 3, or 1.5 for an aromatic one.

        A pair without a bond weighs 1, too: by weights alone it cannot be told from a single bond,
        but with the weight 0 no message would come along it.
        """
        orders = [ORDERS.get(name, 1.0) for name in bond_type_columns(self.bond_columns)]
        return self.edge_attr.new_tensor(orders)[self.edge_type]

    @cached_property
    def node_type(self) -> Tensor:
        """The element of each atom, int64 [N], numbered as `element_columns` lists them."""
        return elements(self.atoms, self.atom_columns)

    @cached_property
    def family(self) -> Tensor:
        """The family of each atom's element, int64 [N], numbered as `FAMILIES` lists them."""
        return families(self.node_type, self.atom_columns)

    @cached_property
    def pos_edge_index(self) -> Tensor:
        """The bonds that are not polar, int64 [2, .]; a pair without a bond has no sign."""
        return self.edge_index[:, self._bonded & ~self._polar]

    @cached_property
    def neg_edge_index(self) -> Tensor:
        """The polar bonds, int64 [2, .]: electronegativities differ by 0.4 or more (Pauling)."""
        return self.edge_index[:, self._bonded & self._polar]

    @cached_property
    def _bonded(self) -> Tensor:
        """Which edges are bonds, bool [E]."""
        names = bond_type_columns(self.bond_columns)
        bonds = torch.tensor([name not in UNBONDED for name in names])
        return bonds.to(self.edge_index.device)[self.edge_type]

    @cached_property
    def _polar(self) -> Tensor:
        return polar(self.edge_index, self.node_type, self.atom_columns)

    @cached_property
    def hyperedge_index(self) -> Tensor:
        """Every bond and every ring system as a set of atoms: int64 [2, P], atom and its set."""
        features = self.edge_attr if self.bonds is None else self.bonds
        in_ring = features[:, self.bond_columns.index("in ring")] > 0
        bonds = self._bonded
        return hyperedges(self.edge_index[:, bonds], in_ring[bonds], self.atoms.shape[0])


def bond_type_columns(bond_columns: tuple[str, ...]) -> dict[str, int]:
    """The columns that say an edge's type, by the type's name: bonds, then what is no bond."""
    types = (*ORDERS, OTHER, *UNBONDED)
    return {name: place for place, name in enumerate(bond_columns) if name in types}


def supply_of(
    data: Data,
    x_0: Tensor,
    batch: Tensor,
    bond_columns: tuple[str, ...],
    *,
    atom_columns: tuple[str, ...] = (),
    graphs: int = 1,
) -> Supply:
    """What this graph, or batch of graphs, supplies."""
    kinds = None
    if "edge_kind" in data and "kind_attr" in data:
        kinds = (data.edge_kind, data.kind_attr)
    return Supply(
        data.edge_index, data.edge_attr, kinds, x_0, batch, bond_columns, data.x, atom_columns,
        given_pos=data.get("pos"), graphs=graphs,
    )  # fmt: skip
