"""Layers that sort atoms by type before they send: their messages named by the atoms they join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
    for whole in wholes:
        whole.propagations = _moved(whole, inside[id(whole)], columns)
    return sorted([*left, *wholes], key=lambda c: c.began)


def _whole(call: CallRecord) -> CallRecord | None:
    at = call.within
    while at is not None and not isinstance(at.module, Enclosing):
        at = at.within
    return at


def _moved(whole: CallRecord, calls: list[CallRecord], columns: Any) -> list[PropagationRecord]:
    module: Any = whole.module
    given = given_to(whole)
    records = [record for call in calls for record in call.propagations]
    behind = module.behind(**given)
    if len(behind) != len(records):
        raise TraceError(
            f"{whole.name}: it propagated {len(records)} times; its types say {len(behind)}"
        )
    names = list(bond_type_columns(tuple(columns)))
    return [
        _between_atoms(
            [records[k] for k in same], [behind[k] for k in same], len(given["x"]), names
        )
        for same in alike(behind)
    ]


def alike(behind: Sequence[Behind]) -> list[list[int]]:
    """The numbers of propagations that are one: along bonds of one type, molecule by molecule."""
    found: dict[tuple[int, ...], list[int]] = {}
    for number, b in enumerate(behind):
        found.setdefault((b.family, b.relation, b.to), []).append(number)
    return list(found.values())


def _between_atoms(
    records: list[PropagationRecord], behind: list[Behind], atoms: int, names: list[str]
) -> PropagationRecord:
    """These propagations as one, its edges and its aggregates those of atoms."""
    first = records[0]
    pairs = [
        torch.stack([b.senders[r.edge_index[0]], b.receivers[r.edge_index[1]]])
        for r, b in zip(records, behind, strict=True)
    ]
    ends = torch.cat(pairs, dim=1)
    counted = {"index": ends[1], "dim_size": atoms, "ptr": None}
    heard = first.aggregated
    if isinstance(heard, Tensor):
        rows = heard.new_zeros(atoms, *heard.shape[1:])
        places = torch.cat([b.receivers for b in behind])
        heard = rows.index_copy(0, places, _joined([r.aggregated for r in records]))
    own = {**first.kwargs, **{k: v for k, v in counted.items() if k in first.kwargs}}
    together = {k: counted.get(k, v) for k, v in first.aggregate_kwargs.items()}
    return replace(
        first, edge_index=ends, messages=_joined([r.messages for r in records]), aggregated=heard,
        sent=None, kwargs=own, aggregate_kwargs=together, size=(atoms, atoms),
        label=_label(behind[0], names),
    )  # fmt: skip


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
