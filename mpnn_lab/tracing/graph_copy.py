"""Copies of graphs, and whether anything has been written to them."""

from __future__ import annotations

import copy
from typing import Any

from torch import Tensor


def own_copy(data: Any) -> Any:
    """The graph with tensors of its own; all else is shared."""
    own = copy.copy(data)
    for name, value in data.to_dict().items():
        if isinstance(value, Tensor):
            fresh = value.detach().clone()
            own[name] = fresh.requires_grad_() if value.requires_grad else fresh
    return own


def marks_of(fields: dict[str, Any]) -> dict[str, tuple[Any, ...]] | None:
    """What changes where a field is replaced or written to; None where torch does not count."""
    tensors = [value for value in fields.values() if isinstance(value, Tensor)]
    if any(value.is_inference() for value in tensors):
        return None
    return {
        name: (id(value), value._version, value.requires_grad, value.grad is None)
        if isinstance(value, Tensor)
        else (id(value),)
        for name, value in fields.items()
    }
