"""What a form is given: one layer call, ready to be written down as arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.recorder import PropagationRecord


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
    given : names of the keyword arguments it was called with.
    """

    module: nn.Module
    state: str
    propagations: list[PropagationRecord]
    output: Tensor
    grounds: tuple[Ground, ...]
    table: NDArray[np.float32] | None
    kind: NDArray[np.int64]
    given: frozenset[str]
