"""Layers that sort atoms by type before they send: their messages named by the atoms they join."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from mpnn_lab.errors import TraceError
from mpnn_lab.nn.by_type import Behind, ByType
from mpnn_lab.nn.reading import FAMILIES
from mpnn_lab.nn.supply import bond_type_columns
from mpnn_lab.tracing.forms.call import given_to
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord


def among_atoms(
    layers: Sequence[CallRecord], parts: Mapping[str, Sequence[CallRecord]], columns: Any
) -> list[CallRecord]:
    """The calls of layers, those inside a `ByType` as one call of it.

    PyG's layer inside counts nodes within their types; the call that is given back has what was
    sent along edges between atoms, and aggregates with a row for each atom.

    Parameters
    ----------
    layers : recorded calls of message-passing layers.
    parts : recorded calls of other modules, by name; the calls of `ByType` among them.
    columns : names of the bonds' features.
    """
    wholes = [c for calls in parts.values() for c in calls if isinstance(c.module, ByType)]
    if not wholes:
        return list(layers)
    inside: dict[int, list[CallRecord]] = {id(whole): [] for whole in wholes}
    left = []
    for call in layers:
        inside.get(id(_whole(call)), left).append(call)
    for whole in wholes:
        whole.propagations = _moved(whole, inside[id(whole)], columns)
    return sorted([*left, *wholes], key=lambda c: c.began)


def _whole(call: CallRecord) -> CallRecord | None:
    at = call.within
    while at is not None and not isinstance(at.module, ByType):
        at = at.within
    return at


def _moved(
    whole: CallRecord, calls: list[CallRecord], columns: Any
) -> list[PropagationRecord]:
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
        _between_atoms(record, among, len(given["x"]), names)
        for record, among in zip(records, behind, strict=True)
    ]


def _between_atoms(
    record: PropagationRecord, behind: Behind, atoms: int, names: list[str]
) -> PropagationRecord:
    """The same propagation, its edges and its aggregates those of atoms."""
    sender, receiver = record.edge_index
    ends = torch.stack([behind.senders[sender], behind.receivers[receiver]])
    heard, counted = record.aggregated, {"index": ends[1], "dim_size": atoms, "ptr": None}
    if isinstance(heard, Tensor):
        rows = heard.new_zeros(atoms, *heard.shape[1:])
        heard = rows.index_copy(0, behind.receivers, heard)
    own = {**record.kwargs, **{k: v for k, v in counted.items() if k in record.kwargs}}
    together = {k: counted.get(k, v) for k, v in record.aggregate_kwargs.items()}
    return replace(
        record, edge_index=ends, aggregated=heard, sent=None, kwargs=own,
        aggregate_kwargs=together, size=(atoms, atoms), label=_label(behind, names),
    )  # fmt: skip


def _label(behind: Behind, names: list[str]) -> str:
    """Such as ``"oxygen, double, carbon"``, ``"aromatic"``; empty where all types are together."""
    if behind.relation < 0:
        return ""
    bond = names[behind.relation] if behind.relation < len(names) else str(behind.relation)
    if behind.family < 0:
        return bond
    return f"{FAMILIES[behind.family]}, {bond}, {FAMILIES[behind.to]}"
