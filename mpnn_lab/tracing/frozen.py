"""Frozen copies of models; traces of one unchanged model share one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from operator import is_
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from mpnn_lab.nn import copied

PLAIN = (int, float, str, bytes, complex)
SINGLE = frozenset({bool, *PLAIN})
CONTAINERS = (dict, list, tuple, set)
TABLES = ("_parameters", "_buffers")
LARGE = 10_000
"""Numbers from which on it pays to look how they can be compared fastest."""


class _Glance(NamedTuple):
    """What tells in one look that nothing but the weights' numbers can have changed.

    `attributes` holds the modules' classes, names of attributes and these themselves, to be
    compared by identity; `empty` the containers that had nothing in them; `filled` the other
    containers and the tensors, which `inside` shows as they were; `tables` the parameters and
    buffers, which `numbers` identifies.
    """

    attributes: list[Any]
    empty: list[Any]
    filled: list[Any]
    inside: list[Any]
    tables: list[dict[str, Any]]
    numbers: list[int]


class _Kept(NamedTuple):
    copy: nn.Module
    glance: _Glance
    parts: list[Any]
    weights: tuple[list[Tensor], list[Tensor]]


_copies: WeakKeyDictionary[nn.Module, _Kept] = WeakKeyDictionary()


def frozen(model: nn.Module, modules: Collection[nn.Module]) -> nn.Module:
    """A copy of the model, which is all these modules, as it is now; in eval mode.

    Nobody may change it.

    The last copy is given again while every module, attribute, parameter and buffer is as it
    was: comparing the weights costs a fraction of copying them. Their numbers are always compared,
    since what is written through ``weight.data`` leaves no other mark.
    """
    kept = _copies.get(model)
    if kept is not None and all(map(_equal, *kept.weights)):
        if _as_it_was(kept.glance, modules):
            return kept.copy
        if _same(kept.parts, _parts(modules)):  # other objects, but they say the same
            _copies[model] = kept._replace(glance=_glance(modules))
            return kept.copy
    own = copied(model).eval()
    parts, weights = _lasting(_parts(modules)), (_weights(model), _weights(own))
    _copies[model] = _Kept(own, _glance(modules), parts, weights)
    return own


def _glance(modules: Iterable[nn.Module]) -> _Glance:
    empty, filled, tables = [], [], []
    for module in modules:
        for name, value in vars(module).items():
            if name in TABLES:
                tables.append(value)
            elif name == "_modules":
                continue
            elif isinstance(value, Tensor) or (isinstance(value, CONTAINERS) and value):
                filled.append(value)
            elif isinstance(value, CONTAINERS):
                empty.append(value)
    return _Glance(
        _attributes(modules), empty, filled, _lasting(_inside(filled)), tables, _numbers(tables)
    )


def _as_it_was(before: _Glance, modules: Iterable[nn.Module]) -> bool:
    now = _attributes(modules)
    return (
        len(now) == len(before.attributes)
        and all(map(is_, before.attributes, now))
        and not any(before.empty)
        and before.numbers == _numbers(before.tables)
        and _same(before.inside, _inside(before.filled))
    )


def _attributes(modules: Iterable[nn.Module]) -> list[Any]:
    found: list[Any] = []
    for module in modules:
        own = vars(module)
        found.append(type(module))
        found += own
        found += own.values()
    return found


def _numbers(tables: Sequence[dict[str, Any]]) -> list[int]:
    """The identities of all parameters and buffers."""
    return [id(value) for table in tables if table for value in table.values()]


def _inside(values: Sequence[Any]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        _gather(value, found)
    return found


def _lasting(parts: Sequence[Any]) -> list[Any]:
    return [p.detach().clone() if isinstance(p, Tensor) else p for p in parts]


def _parts(modules: Iterable[nn.Module]) -> list[Any]:
    """Classes and attributes of all modules, containers by what they hold."""
    found: list[Any] = []
    for module in modules:
        found.append(type(module))
        for name, value in vars(module).items():
            if name in TABLES:
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
    if ours.dtype != theirs.dtype or ours.device != theirs.device:
        return False
    if ours.numel() >= LARGE and ours.shape == theirs.shape and _whole_words(ours, theirs):
        ours, theirs = ours.detach().view(torch.int64), theirs.detach().view(torch.int64)
    return torch.equal(ours, theirs)


def _whole_words(*tensors: Tensor) -> bool:
    """Whether tensors can be compared eight bytes at a time, which takes half as long."""
    return all(
        t.is_contiguous()
        and t.shape[-1] * t.element_size() % 8 == 0
        and t.storage_offset() * t.element_size() % 8 == 0
        for t in tensors
    )
