"""Frozen copies of models; traces of one unchanged model share one."""

from __future__ import annotations

from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from mpnn_lab.nn import copied

PLAIN = (int, float, str, bytes, complex)
SINGLE = frozenset({bool, *PLAIN})


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
    parts = _parts(model)
    kept = _copies.get(model)
    if kept is None or not _same(kept.parts, parts) or not all(map(_equal, *kept.weights)):
        own = copied(model).eval()
        parts = [p.detach().clone() if isinstance(p, Tensor) else p for p in parts]
        kept = _copies[model] = _Kept(own, parts, (_weights(model), _weights(own)))
    return kept.copy


def _parts(model: nn.Module) -> list[Any]:
    """Classes and attributes of all modules, containers by what they hold."""
    found: list[Any] = []
    for module in model.modules():
        found.append(type(module))
        for name, value in vars(module).items():
            if name in ("_parameters", "_buffers"):
                found += map(id, value.values())  # their numbers are compared elsewhere
            elif name != "_modules":
                _gather(value, found)
    return found


def _gather(value: Any, found: list[Any], depth: int = 4) -> None:
    """Add what a value holds; most are numbers, words and empty tables of hooks."""
    if value is None or type(value) in SINGLE or not depth:
        found.append(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            found.append(key)
            _gather(inner, found, depth - 1)
    elif isinstance(value, list | tuple | set):
        found.append(len(value))
        for inner in value:
            _gather(inner, found, depth - 1)
    else:
        found.append(value)


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
