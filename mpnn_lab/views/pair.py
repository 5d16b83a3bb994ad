"""Two molecules that their neighbourhoods alone do not tell apart, under a network."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch_geometric.data import Data

from mpnn_lab.nn import ModelSpec, Network
from mpnn_lab.tracing import Trace, told_apart

PAIR = {"decalin": "C1CCC2CCCCC2C1", "bicyclopentyl": "C1CCCC1C1CCCC1"}
ROUNDING = 1e-5


def pair_line(trace: Trace) -> str:
    """Whether the trace's network could tell the pair apart, and what it gives for each.

    Empty for a model that was not built from a specification, or reads geometry.
    """
    model = trace.model
    if not isinstance(model, Network) or "pos" in trace.data:
        return ""
    first, second = PAIR
    graphs = _graphs(model.spec.to_json())
    with torch.no_grad():
        x, y = (float(model(_like(g, model.scale)).reshape(-1)[0]) for g in graphs)
    unit = f" {model.record.unit}" if model.record is not None and model.record.unit else ""
    rounds = len(trace.rounds)
    near = abs(x - y) <= ROUNDING * max(abs(x), abs(y))
    gives = f"the same for both: {_said(x)}" if near else f"{_said(x)} and {_said(y)}"
    return (
        f"In {rounds} round{'' if rounds == 1 else 's'} {first} and {second} are told apart by "
        f"{_by(graphs, rounds)}. This network gives {gives}{unit}."
    )


def _by(graphs: tuple[Data, Data], rounds: int) -> str:
    """By what: the least that will do."""
    if told_apart(*graphs, rounds):
        return "their neighbourhoods"
    if told_apart(*graphs, rounds, features=True):
        return "their atoms' features, not by their neighbourhoods alone"
    if told_apart(*graphs, rounds, features=True, bonds=True):
        return "their bonds' features, not by their neighbourhoods or atoms alone"
    return "nothing that it could read"


@lru_cache(maxsize=8)
def _graphs(spec: str) -> tuple[Data, Data]:
    """Both as the network's specification, in JSON, reads them."""
    read = ModelSpec.from_json(spec)
    first, second = (read.featurize(smiles) for smiles in PAIR.values())
    return first, second


def _like(graph: Data, weight: torch.Tensor) -> Data:
    """A copy on the weight's device, its numbers of its type."""
    copied: Data = graph.clone().apply(
        lambda t: t.to(weight.device, weight.dtype if t.is_floating_point() else t.dtype)
    )
    return copied


def _said(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")
