"""What an edge is called: its bond's label, or what it is instead; and how long it is."""

from __future__ import annotations

from collections.abc import Sequence

from mpnn_lab.chem import DISTANCE, DISTANCE_BINS, NO_BOND
from mpnn_lab.nn import Network
from mpnn_lab.tracing import Propagation, Trace

PAIRS = {"virtual": "virtual edge", "radius": "pair", "complete": "pair"}
"""What an edge without a bond is called, by its role."""


def edge_label(bond: int, role: str, length: str, bond_labels: Sequence[str]) -> str:
    """Such as ``"double · conj"``, ``"virtual edge · 2 to 2.5 Å"``, ``"self-loop"``."""
    name = bond_labels[bond] if bond >= 0 else PAIRS.get(role, role)
    return f"{name} · {length}" if length else name


def edge_lengths(p: Propagation, trace: Trace) -> list[str]:
    """How long each edge is, as the features of one of our own networks say; "" where they don't.

    The distance in Å, or its bin.
    """
    none = [""] * p.edge_index.shape[1]
    model, features = trace.model, trace.data.get("edge_attr")
    if not isinstance(model, Network) or features is None:
        return none
    columns = {name: place for place, name in enumerate(model.bond_columns)}
    if DISTANCE in columns:
        said = [f"{d:.2f} Å" for d in features[:, columns[DISTANCE]].tolist()]
    elif DISTANCE_BINS[0] in columns:
        names = [name.removeprefix(f"{NO_BOND}, ") for name in DISTANCE_BINS]
        marked = features[:, [columns[name] for name in DISTANCE_BINS]]
        known = zip(marked.any(dim=1).tolist(), marked.argmax(dim=1).tolist(), strict=True)
        said = [names[k] if apart else "" for apart, k in known]
    else:
        return none
    ends = dict(zip(map(tuple, trace.data.edge_index.T.tolist()), said, strict=True))
    return [ends.get((s, t), "") for s, t in p.edge_index.T.tolist()]
