"""Keeps tensors as they were when they were met, copying as few of them as it can."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch_geometric import EdgeIndex, Index

AS_THEY_ARE = frozenset({NoneType, bool, int, float, str})
"""Types of which most arguments are that are no tensors."""


class _Held(NamedTuple):
    """A tensor, what is kept of it, and its version and place when it was met."""

    value: Tensor  # so that its `id` stays its own
    kept: Tensor  # counts versions with it, and holds no gradients
    version: int
    place: int


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
        self._held: dict[int, _Held] = {}
        self._before: list[_Held] = []  # of tensors that were met again as others
        self._copies: dict[tuple[Any, ...], tuple[Tensor, Tensor]] = {}

    def intact(self) -> bool:
        """Whether everything that is only held on to is still as it was."""
        held = (*self._held.values(), *self._before)
        return all(h.kept._version == h.version for h in held)

    def __call__(self, value: Any) -> Any:
        """Keep tensors (in tuples, lists and dictionaries too); the rest goes as it is."""
        kind = type(value)
        if kind in AS_THEY_ARE:
            return value
        if kind is Tensor or isinstance(value, Tensor):
            return self._tensor(value)
        if isinstance(value, dict):
            return {k: self(v) for k, v in value.items()}
        if not isinstance(value, tuple | list):
            return value
        kept = [self(v) for v in value]
        if hasattr(value, "_fields"):
            return kind(*kept)  # a named tuple takes its fields one by one
        return kind(kept)

    def _tensor(self, value: Tensor) -> Tensor:
        # One tensor comes by several times; it is looked at once, while it stays as it is.
        met = self._held.get(id(value))
        if met and met.version == value._version and met.place == value.data_ptr():
            return met.kept
        if isinstance(value, EdgeIndex | Index):  # wrappers, which have no storage of their own
            value = value.as_tensor()
        if value.is_inference() or value.layout != torch.strided:
            return value.detach().clone()
        if not self._copying and value.untyped_storage().data_ptr() not in self._foreign:
            if met := self._held.get(id(value)):
                self._before.append(met)
            held = _Held(value, value.detach(), value._version, value.data_ptr())
            self._held[id(value)] = held
            return held.kept
        key = (value.data_ptr(), value._version, value.dtype, value.shape, value.stride())
        if key not in self._copies:  # the original is kept, so that its address stays its own
            self._copies[key] = (value, value.detach().clone())
        return self._copies[key][1]
