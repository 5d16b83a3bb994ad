"""Keeps tensors as they were when they were met, copying as few of them as it can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch_geometric import EdgeIndex, Index


class Keeper:
    """Keeps tensors as they were when they were met.

    Copying everything would cost more than the run. So what belongs to the run alone is only
    held on to, and `intact` tells afterwards whether anything worked on it in place; what belongs
    to others (the model's weights) is copied at once. With ``copying=True`` everything is.

    Parameters
    ----------
    foreign : tensors that belong to others.
    copying : whether to copy all.
    """

    def __init__(self, foreign: Iterable[Tensor] = (), *, copying: bool = False) -> None:
        self._foreign = {t.untyped_storage().data_ptr() for t in foreign}
        self._copying = copying
        self._held: dict[tuple[int, int, int], tuple[Tensor, Tensor]] = {}
        self._copies: dict[tuple[Any, ...], tuple[Tensor, Tensor]] = {}

    def intact(self) -> bool:
        """Whether everything that is only held on to is still as it was."""
        return all(kept._version == version for (_, version, _), (_, kept) in self._held.items())

    def __call__(self, value: Any) -> Any:
        """Keep tensors (in tuples, lists and dictionaries too); the rest goes as it is."""
        if isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, dict):
            return {k: self(v) for k, v in value.items()}
        if not isinstance(value, tuple | list):
            return value
        kept = [self(v) for v in value]
        if hasattr(value, "_fields"):
            return type(value)(*kept)  # a named tuple takes its fields one by one
        return type(value)(kept)

    def _tensor(self, value: Tensor) -> Tensor:
        if isinstance(value, EdgeIndex | Index):  # wrappers, which have no storage of their own
            value = value.as_tensor()
        if value.is_inference() or value.layout != torch.strided:
            return value.detach().clone()
        # One tensor comes by several times; it is looked at once, while it stays as it is.
        met = (id(value), value._version, value.data_ptr())
        if met in self._held:
            return self._held[met][1]
        if not self._copying and value.untyped_storage().data_ptr() not in self._foreign:
            kept = value.detach()  # counts versions with the original, and holds no gradients
            self._held[met] = (value, kept)  # the original too, so that its `id` stays its own
            return kept
        key = (value.data_ptr(), value._version, value.dtype, value.shape, value.stride())
        if key not in self._copies:  # the original is kept, so that its address stays its own
            self._copies[key] = (value, value.detach().clone())
        return self._copies[key][1]
