"""Frozen copies of models; traces of one unchanged model share one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from mpnn_lab.nn import copied

PLAIN = (int, float, str, bytes, complex)


class _Kept(NamedTuple):
    copy: nn.Module
    parts: list[Any]
    weights: tuple[list[Tensor], list[Tensor]]


_copies: WeakKeyDictionary[nn.Module, _Kept] = WeakKeyDictionary()


def frozen(model: nn.Module) -> nn.Module:
    """A copy of the model as it is now, in eval mode; nobody may change it.

    The last copy is given again while every module, attribute, parameter and buffer is as it
    was: comparing the weights costs a fraction of copying them.
    """
    parts = list(_parts(model))
    kept = _copies.get(model)
    if kept is None or not _same(kept.parts, parts) or not all(map(_equal, *kept.weights)):
        own = copied(model).eval()
        parts = [p.detach().clone() if isinstance(p, Tensor) else p for p in parts]
        kept = _copies[model] = _Kept(own, parts, (_weights(model), _weights(own)))
    return kept.copy


def _parts(model: nn.Module) -> Iterator[Any]:
    """Classes and attributes of all modules, containers by what they hold."""
    for module in model.modules():
        yield type(module)
        for name, value in vars(module).items():
            if name in ("_parameters", "_buffers"):
                yield from map(id, value.values())  # their numbers are compared elsewhere
            elif name != "_modules":
                yield from _leaves(value)


def _leaves(value: Any, depth: int = 4) -> Iterator[Any]:
    if isinstance(value, dict) and depth:
        for key, inner in value.items():
            yield key
            yield from _leaves(inner, depth - 1)
    elif isinstance(value, list | tuple | set) and depth:
        yield len(value)
        for inner in value:
            yield from _leaves(inner, depth - 1)
    else:
        yield value


def _same(before: list[Any], now: list[Any]) -> bool:
    return len(before) == len(now) and all(map(_alike, before, now))


def _alike(before: Any, now: Any) -> bool:
    if before is now:
        return True
    if isinstance(before, Tensor) and isinstance(now, Tensor):
        return before.shape == now.shape and _equal(before, now)
    return type(before) is type(now) and isinstance(now, PLAIN) and before == now


def _weights(model: nn.Module) -> list[Tensor]:
    return [*model.parameters(), *model.buffers()]


def _equal(ours: Tensor, theirs: Tensor) -> bool:
    return ours.dtype == theirs.dtype and ours.device == theirs.device and torch.equal(ours, theirs)
