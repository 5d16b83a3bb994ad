"""Two molecules that their neighbourhoods alone do not tell apart, under a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import torch
from torch_geometric.data import Data

from mpnn_lab.nn import ModelSpec, Network
from mpnn_lab.tracing import Trace, told_apart

PAIR = (("decalin", "C1CCC2CCCCC2C1"), ("bicyclopentyl", "C1CCCC1C1CCCC1"))


@dataclass(frozen=True)
class PairView:
    """Whether a network could tell two molecules apart, and what it says of them.

    `plain` says whether their colours differ after its rounds where all atoms start alike, `atoms`
    where atoms start with their features, `bonds` where bonds are told apart by theirs, too.
    `outputs` is what the network gives for each, its first target.
    """

    names: tuple[str, ...]
    smiles: tuple[str, ...]
    rounds: int
    plain: bool
    atoms: bool
    bonds: bool
    outputs: tuple[float, ...]
    unit: str


def pair_view(trace: Trace) -> PairView | None:
    """The pair under the trace's network; None for another model, or one that reads geometry."""
    model = trace.model
    if not isinstance(model, Network) or "pos" in trace.data:
        return None
    graphs = _graphs(model.spec.to_json())
    rounds = len(trace.rounds)
    with torch.no_grad():
        like = model.scale
        outputs = [model(g.clone().apply(lambda v: _as(v, like))) for g in graphs]
    return PairView(
        names=tuple(name for name, _ in PAIR),
        smiles=tuple(smiles for _, smiles in PAIR),
        rounds=rounds,
        plain=told_apart(*graphs, rounds),
        atoms=told_apart(*graphs, rounds, features=True),
        bonds=told_apart(*graphs, rounds, features=True, bonds=True),
        outputs=tuple(float(out.reshape(-1)[0]) for out in outputs),
        unit=model.record.unit if model.record is not None else "",
    )


@lru_cache(maxsize=8)
def _graphs(spec: str) -> tuple[Data, Data]:
    """Both as the network's specification, in JSON, reads them."""
    read = ModelSpec.from_json(spec)
    first, second = (read.featurize(smiles) for _, smiles in PAIR)
    return first, second


def _as(value: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return value.to(like.device, like.dtype if value.is_floating_point() else value.dtype)
