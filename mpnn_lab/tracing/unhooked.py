"""Models that pass messages without PyG's propagate: rounds from the calls of their modules.

What such a model sends cannot be seen, but what its modules take and give can: states of atoms,
of directed edges, or of edges of its own making.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing.arguments import first_tensor
from mpnn_lab.tracing.recorder import CallRecord
from mpnn_lab.tracing.rounds import RowsOf

FAST = (nn.TransformerEncoder, nn.TransformerEncoderLayer, nn.MultiheadAttention)
"""Modules of torch's that compute in another way once there are hooks on them, or in them."""


def every_part(modules: Mapping[str, nn.Module]) -> list[str]:
    """Names of all modules but the model itself, and but those that hooks would change."""
    left_out: tuple[str, ...] = ()
    names = []
    for name, module in modules.items():
        if isinstance(module, FAST):
            left_out += (f"{name}.",)
        elif name and not name.startswith(left_out):
            names.append(name)
    return names


def rows_of(values: Tensor, nodes: int, edges: int, graphs: int) -> RowsOf:
    """What the first axis counts; nodes come first where two counts are the same."""
    rows = len(values) if values.dim() else 1
    if rows == nodes:
        return "node"
    return "edge" if rows == edges else "graph" if rows == graphs else "other"


def entering(call: CallRecord) -> Tensor | None:
    """The first tensor of numbers that a module was given with as many rows as it gave."""
    given = first_tensor(call.output)
    if given is None or not given.dim():
        return None
    tensors = [v for v in (*call.args, *call.kwargs.values()) if isinstance(v, Tensor) and v.dim()]
    alike = (v for v in tensors if v.is_floating_point() and len(v) == len(given))
    return next(alike, None)


@dataclass(frozen=True)
class _Group:
    """Calls of one module, or of equal ones in one list: what a model does again and again."""

    per: RowsOf
    calls: list[CallRecord]

    @property
    def began(self) -> int:
        return self.calls[0].began

    @property
    def ended(self) -> int:
        return self.calls[-1].began


def found_rounds(
    parts: Mapping[str, Sequence[CallRecord]],
    counts: tuple[int, int, int],
    named: Sequence[str] | None,
) -> list[CallRecord]:
    """The calls that are one round each.

    They are those of the modules `named`. Else a round is what the model does again and again:
    of the calls nearest to the model itself, those of one module, or of equal ones in one list,
    that have weights and give as many rows as they take: atoms, edges, or edges of the model's own.
    Of several such groups it is the first; where atoms and edges take turns, the atoms' one.

    Parameters
    ----------
    parts : recorded calls, by dotted name.
    counts : numbers of nodes, edges and graphs.
    named : dotted names, where the caller has said them.
    """
    calls = sorted((c for each in parts.values() for c in each), key=lambda c: c.began)
    if named is not None:
        return _named(calls, named)
    for depth in sorted({c.depth for c in calls}):
        groups = _groups([c for c in calls if c.depth == depth], counts)
        if groups:
            first = min(groups, key=lambda g: g.began)
            turns = [g for g in groups if g.per == "node" and g.began < first.ended]
            return min(turns, key=lambda g: g.began).calls if turns else first.calls
    seen = [c.name for c in calls if _is_state(c, counts)]
    raise TraceError(
        "it passes no messages through PyG's MessagePassing, and none of its modules is called "
        "again and again with states of atoms or edges",
        mend="Name the modules of which each call is a round: rounds=["
        + ", ".join(map(repr, list(dict.fromkeys(seen))[:8]))
        + "]."
        if seen
        else "Only models that pass messages between atoms have rounds.",
    )


def _named(calls: list[CallRecord], named: Sequence[str]) -> list[CallRecord]:
    chosen = [c for c in calls if c.name in named]
    missing = [name for name in named if name not in {c.name for c in chosen}]
    if missing:
        raise TraceError(
            f"rounds: {', '.join(map(repr, missing))} was not called",
            mend=f"Called were {', '.join(dict.fromkeys(c.name for c in calls))}.",
        )
    if odd := next((c for c in chosen if entering(c) is None), None):
        raise TraceError(f"rounds: {odd.name!r} does not give as many rows as it takes")
    return chosen


def _groups(calls: list[CallRecord], counts: tuple[int, int, int]) -> list[_Group]:
    """Several calls of a kind, told by their class and by their names but for the numbers."""
    kinds: dict[tuple[str, type[nn.Module]], list[CallRecord]] = {}
    for call in calls:
        if _is_state(call, counts):
            name = re.sub(r"\.\d+(?=\.|$)", ".#", "." + call.name)
            kinds.setdefault((name, type(call.module)), []).append(call)
    return [
        _Group(rows_of(_given(alike[0]), *counts), alike)
        for alike in kinds.values()
        if len(alike) > 1
    ]


def _is_state(call: CallRecord, counts: tuple[int, int, int]) -> bool:
    """Whether a module with weights takes and gives states; those of whole molecules are none."""
    if entering(call) is None or not any(True for _ in call.module.parameters()):
        return False
    return rows_of(_given(call), *counts) != "graph"


def _given(call: CallRecord) -> Tensor:
    given = first_tensor(call.output)
    assert given is not None
    return given
