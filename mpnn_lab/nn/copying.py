"""Copies of models as they are, whatever a training pass has left in them."""

from __future__ import annotations

import copy
from typing import TypeVar

from torch import Tensor, nn

Model = TypeVar("Model", bound=nn.Module)


def copied(model: Model) -> Model:
    """A deep copy; tensors that a pass left behind, which torch cannot copy, without their past.

    (Some layers keep their last attention for a loss of its own, such as PyG's SuperGATConv.)
    """
    left = (value for module in model.modules() for value in vars(module).values())
    memo = {
        id(value): value.detach().clone()
        for value in left
        if isinstance(value, Tensor) and not value.is_leaf
    }
    return copy.deepcopy(model, memo)
