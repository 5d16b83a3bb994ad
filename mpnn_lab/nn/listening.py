"""Whether anything listens to the messages of a layer, or only to what they add up to."""

from __future__ import annotations

from typing import Any

from torch import Tensor
from torch_geometric.nn.aggr import MeanAggregation, SumAggregation

from mpnn_lab.nn.rowwise import has_hooks

STAGES = ("propagate", "message", "aggregate")
METHODS = (*STAGES, "update", "message_and_aggregate")


def receivers(layer: Any, x: tuple[Tensor, Tensor | None], size: Any) -> int | None:
    """How many nodes hear, where training needs the sum or mean of the messages alone.

    None where it does not: outside of training, so that a recorded run is the plain run; with
    another aggregation; with hooks; in explain mode; with parts replaced.
    """
    if not layer.training or layer.flow != "source_to_target" or _is_heard(layer):
        return None
    if type(layer.aggr_module) not in (SumAggregation, MeanAggregation):
        return None
    states = x[0] if x[1] is None and size is None else x[1]
    if states is None:
        return None if size[0] not in (None, len(x[0])) else size[1]
    given = (None, None) if size is None else size
    agree = all(n in (None, len(s)) for n, s in zip(given, (x[0], states), strict=True))
    return len(states) if agree else None


def _is_heard(layer: Any) -> bool:
    hooks = any(
        getattr(layer, f"_{stage}_forward{when}hooks")
        for stage in STAGES
        for when in ("_", "_pre_")
    )
    replaced = any(method in vars(layer) for method in METHODS)
    return bool(hooks or replaced or layer.explain or has_hooks(layer.aggr_module))
