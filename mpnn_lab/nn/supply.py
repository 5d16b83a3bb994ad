"""What a molecule's graph supplies to layers that read more than states and bond features."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor
from torch_geometric.data import Data

ORDERS = {"single": 1.0, "double": 2.0, "triple": 3.0, "aromatic": 1.5}
"""The weight of a bond: its order; of any other type 1."""
OTHER = "type other"


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
    graphs : how many molecules there are.
    """

    edge_index: Tensor
    edge_attr: Tensor
    kinds: tuple[Tensor, Tensor] | None
    x_0: Tensor
    batch: Tensor
    bond_columns: tuple[str, ...]
    graphs: int = 1

    @cached_property
    def edge_type(self) -> Tensor:
        """The type of each edge's bond, int64 [E], numbered as `bond_type_columns` lists them."""
        places = list(bond_type_columns(self.bond_columns).values())
        return self.edge_attr[:, places].argmax(dim=1)

    @cached_property
    def edge_weight(self) -> Tensor:
        """The order of each edge's bond, [E]: 1, 2, 3, or 1.5 for an aromatic one."""
        orders = [ORDERS.get(name, 1.0) for name in bond_type_columns(self.bond_columns)]
        return self.edge_attr.new_tensor(orders)[self.edge_type]


def bond_type_columns(bond_columns: tuple[str, ...]) -> dict[str, int]:
    """The columns of bond features that say a bond's type, by the type's name."""
    return {name: place for place, name in enumerate(bond_columns) if name in (*ORDERS, OTHER)}


def supply_of(
    data: Data, x_0: Tensor, batch: Tensor, bond_columns: tuple[str, ...], graphs: int = 1
) -> Supply:
    """What this graph, or batch of graphs, supplies."""
    kinds = None
    if "edge_kind" in data and "kind_attr" in data:
        kinds = (data.edge_kind, data.kind_attr)
    return Supply(data.edge_index, data.edge_attr, kinds, x_0, batch, bond_columns, graphs)
