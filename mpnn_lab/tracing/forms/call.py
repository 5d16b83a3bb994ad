"""What a form is given: one layer call, ready to be written down as arithmetic."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from mpnn_lab.tracing.arithmetic import Per
from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer.

    Attributes
    ----------
    module : the layer, as it was.
    state : name of the quantity h that entered.
    propagations : what it propagated.
    output : what it gave, [N, F].
    grounds : the edges of each propagation.
    table, kind : its exact edge matrices [K, in, out] and each edge's row in them, if it has any.
    given : the arguments it was called with that are not None, by the names of its `forward`.
    edges : name of the quantity that holds the edges' states, where a round before made them.
    edge_output : the edges' new states, where the layer makes them.
    graph_output : the molecules' new states, where the layer makes them.
    per : what the rows of `output` count.
    """

    module: nn.Module
    state: str
    propagations: list[PropagationRecord]
    output: Tensor
    grounds: tuple[Ground, ...]
    table: NDArray[np.float32] | None
    kind: NDArray[np.int64]
    given: dict[str, Any]
    edges: str | None = None
    edge_output: Tensor | None = None
    graph_output: Tensor | None = None
    per: Per = "node"


def given_to(call: CallRecord) -> dict[str, Any]:
    """A call's arguments by name, however they were handed over; those that are None left out."""
    try:
        bound = inspect.signature(call.module.forward).bind(*call.args, **call.kwargs).arguments
    except (TypeError, ValueError):
        bound = call.kwargs
    return {name: value for name, value in bound.items() if value is not None}
