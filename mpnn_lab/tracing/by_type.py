"""Layers that sort atoms by type before they send: their messages named by the atoms they join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from mpnn_lab.errors import TraceError
from mpnn_lab.nn.by_type import Behind, Enclosing
from mpnn_lab.nn.reading import FAMILIES
from mpnn_lab.nn.supply import bond_type_columns
from mpnn_lab.tracing.forms.call import given_to
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord


def among_atoms(
    layers: Sequence[CallRecord], parts: Mapping[str, Sequence[CallRecord]], columns: Any
) -> list[CallRecord]:
    """The calls of layers, those inside a `Enclosing` as one call of it.

    PyG's layer inside counts nodes within their types; the call that is given back has what was
    sent along edges between atoms, and aggregates with a row for each atom.

    Parameters
    ----------
    layers : recorded calls of message-passing layers.
    parts : recorded calls of other modules, by name; the calls of `Enclosing` among them.
    columns : names of the bonds' features.
    """
    wholes = [c for calls in parts.values() for c in calls if isinstance(c.module, Enclosing)]
    if not wholes:
        return list(layers)
    inside: dict[int, list[CallRecord]] = {id(whole): [] for whole in wholes}
    left: list[CallRecord] = []
    for call in layers:
        inside.get(id(_whole(call)), left).append(call)
    sorted_by: dict[Any, list[Behind]] = {}
    for whole in wholes:
        behind = _behind(whole, sorted_by)
        whole.propagations = _moved(whole, inside[id(whole)], behind, columns)
    return sorted([*left, *wholes], key=lambda c: c.began)


def _whole(call: CallRecord) -> CallRecord | None:
    at = call.within
    while at is not None and not isinstance(at.module, Enclosing):
        at = at.within
    return at


def _behind(whole: CallRecord, known: dict[Any, list[Behind]]) -> list[Behind]:
    """What its propagations join: the same for all rounds on one graph, and found out once.

    What is kept of one tensor is one tensor, so that the arguments can be told by identity.
    """
    module: Any = whole.module
    given = given_to(whole)
    graph = (type(module), *((k, id(v)) for k, v in given.items() if k != "x"), len(given["x"]))
    if graph not in known:
        known[graph] = module.behind(**given)
    return known[graph]


def _moved(
    whole: CallRecord, calls: list[CallRecord], behind: list[Behind], columns: Any
) -> list[PropagationRecord]:
    records = [record for call in calls for record in call.propagations]
    if len(behind) != len(records):
        raise TraceError(
            f"{whole.name}: it propagated {len(records)} times; its types say {len(behind)}"
        )
    names, atoms = list(bond_type_columns(tuple(columns))), len(given_to(whole)["x"])
    return [
        BetweenAtoms([records[k] for k in same], [behind[k] for k in same], atoms, names)
        for same in alike(behind)
    ]


def alike(behind: Sequence[Behind]) -> list[list[int]]:
    """The numbers of propagations that are one: along bonds of one type, molecule by molecule."""
    found: dict[tuple[int, ...], list[int]] = {}
    for number, b in enumerate(behind):
        found.setdefault((b.family, b.relation, b.to), []).append(number)
    return list(found.values())


class BetweenAtoms(PropagationRecord):
    """Propagations between nodes within their types as one, its edges and aggregates of atoms.

    These are put together when they are asked for: a layer may propagate hundreds of times, and a
    row for each atom at each of these is many times what was recorded.
    """

    def __init__(
        self, records: list[PropagationRecord], behind: list[Behind], atoms: int, names: list[str]
    ) -> None:
        first = records[0]
        super().__init__(
            first.edge_index, first.edge_kwargs, alpha=first.alpha, hidden=first.hidden,
            size=(atoms, atoms), tensors=first.tensors, total=_total(records),
            label=_label(behind[0], names),
        )  # fmt: skip
        self._records, self._behind, self._atoms = records, behind, atoms
        for name in LATER:  # which hides what a record has at once
            del vars(self)[name]

    @cached_property
    def edge_index(self) -> Tensor:  # type: ignore[override]
        """Its edges, between atoms."""
        pairs = [
            torch.stack([b.senders[r.edge_index[0]], b.receivers[r.edge_index[1]]])
            for r, b in zip(self._records, self._behind, strict=True)
        ]
        return torch.cat(pairs, dim=1)

    @cached_property
    def messages(self) -> Any:  # type: ignore[override]
        """The messages along these."""
        return _joined([r.messages for r in self._records])

    @cached_property
    def aggregated(self) -> Any:  # type: ignore[override]
        """A row for each atom; 0 for those that are not among the receivers."""
        heard = self._records[0].aggregated
        if not isinstance(heard, Tensor):
            return heard
        places = torch.cat([b.receivers for b in self._behind])
        rows = heard.new_zeros(self._atoms, *heard.shape[1:])
        return rows.index_copy_(0, places, _joined([r.aggregated for r in self._records]))

    @cached_property
    def kwargs(self) -> dict[str, Any]:  # type: ignore[override]
        """As of the first of them, receivers counted as atoms."""
        own = self._records[0].kwargs
        return {**own, **{k: v for k, v in self._counted.items() if k in own}}

    @cached_property
    def aggregate_kwargs(self) -> dict[str, Any]:  # type: ignore[override]
        """As of the first of them, receivers counted as atoms."""
        own = self._records[0].aggregate_kwargs
        return {k: self._counted.get(k, v) for k, v in own.items()}

    @property
    def _counted(self) -> dict[str, Any]:
        return {"index": self.edge_index[1], "dim_size": self._atoms, "ptr": None}


LATER = ("edge_index", "messages", "aggregated", "kwargs", "aggregate_kwargs")
"""What is put together when it is asked for."""


def _total(records: list[PropagationRecord]) -> Tensor | None:
    """The sum of all their aggregates, where all of these have been summed."""
    totals = [r.total for r in records if r.total is not None]
    return _joined([t.view(1) for t in totals]).sum() if len(totals) == len(records) else None


def _joined(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else torch.cat(parts)


def _label(behind: Behind, names: list[str]) -> str:
    """Such as ``"oxygen, double, carbon"``, ``"aromatic"``; empty where all types are together."""
    if behind.relation < 0:
        return ""
    bond = names[behind.relation] if behind.relation < len(names) else str(behind.relation)
    if behind.family < 0:
        return bond
    return f"{FAMILIES[behind.family]}, {bond}, {FAMILIES[behind.to]}"
