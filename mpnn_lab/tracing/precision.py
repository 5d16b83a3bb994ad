"""How exactly the numbers of a run can be recomputed: by the coarsest type of number in it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import Any

import torch
from torch import Tensor, nn

from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord

ROUNDINGS = 8
"""Steps of the coarsest type that what was not recorded on the way may add up to."""


@dataclass(frozen=True)
class Precision:
    """When a recorded number and a recomputed one agree.

    Attributes
    ----------
    tolerance : largest error, relative to the sum of the absolute terms, at which sums agree:
        1e-5 in float32 and float64; in types with fewer digits (bfloat16, float16) so many of
        their steps as `ROUNDINGS` says, 0.0625 and 0.0078.
    least : terms that are smaller count as if they were as large as this: products may fall below
        the smallest number of the type.
    """

    tolerance: float = 1e-5
    least: float = 1e-30


FINE = Precision()


def precision_of(types: Iterable[torch.dtype]) -> Precision:
    """That of a run whose numbers are of these types."""
    infos = [torch.finfo(t) for t in types if is_coarse(t)]
    return Precision(
        max([FINE.tolerance, *(ROUNDINGS * info.eps for info in infos)]),
        max([FINE.least, *(info.tiny for info in infos)]),
    )


def is_coarse(dtype: torch.dtype) -> bool:
    """Whether numbers of this type have fewer digits than those of float32."""
    return dtype.is_floating_point and torch.finfo(dtype).eps > torch.finfo(torch.float32).eps


def types_of(model: nn.Module, calls: Iterable[CallRecord]) -> set[torch.dtype]:
    """Types of the numbers in a model's weights, and in what was recorded of these calls."""
    found = {weight.dtype for weight in model.parameters()}
    for call in calls:
        found.update(_types((call.args, call.kwargs, call.output)))
        for record in call.propagations:
            found.update(_types((record.messages, record.aggregated)))
    return found


def autocast_type(output: Tensor) -> set[torch.dtype]:
    """The type in which torch.autocast, where it is on now, has products computed."""
    device = output.device.type
    if not torch.amp.is_autocast_available(device) or not torch.is_autocast_enabled(device):
        return set()
    return {torch.get_autocast_dtype(device)}


def in_float32(module: nn.Module, call: CallRecord) -> tuple[nn.Module, CallRecord]:
    """A layer and its call with coarse numbers in float32: what is worked out anew has its digits.

    Both as they are where there are no coarse numbers in them.
    """
    own = (*module.parameters(), *module.buffers())
    if any(is_coarse(weight.dtype) for weight in own):
        module = copy.deepcopy(module).float()
    if not any(is_coarse(dtype) for dtype in types_of(nn.Identity(), [call])):
        return module, call
    wide = Wide()
    propagations = [
        PropagationRecord(**{f.name: wide(getattr(record, f.name)) for f in fields(record)})
        for record in call.propagations
    ]
    return module, replace(
        call, args=wide(call.args), kwargs=wide(call.kwargs), propagations=propagations
    )


class Wide:
    """Puts tensors of coarse numbers in float32; what was one tensor stays one."""

    def __init__(self) -> None:
        self._known: dict[int, Tensor] = {}

    def __call__(self, value: Any) -> Any:
        """Of a tensor, or of all in tuples, lists and dictionaries."""
        if isinstance(value, Tensor):
            if not is_coarse(value.dtype):
                return value
            return self._known.setdefault(id(value), value.float())
        if isinstance(value, dict):
            return {k: self(v) for k, v in value.items()}
        if not isinstance(value, tuple | list):
            return value
        parts = [self(v) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)


def _types(value: Any) -> Iterator[torch.dtype]:
    if isinstance(value, Tensor):
        yield value.dtype
    elif isinstance(value, dict):
        for part in value.values():
            yield from _types(part)
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _types(part)
