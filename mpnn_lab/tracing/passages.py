"""Running a traced model again to see, as tensors that can be followed, what passes through it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from mpnn_lab.errors import TraceError
from mpnn_lab.nn import Network
from mpnn_lab.tracing.arguments import first_tensor, state_in
from mpnn_lab.tracing.binding import caller

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


@dataclass(frozen=True)
class Passage:
    """States that were seen: the tensor itself, its version then, and a copy with its past."""

    tensor: Tensor
    version: int
    value: Tensor


def passages(trace: Trace, model: nn.Module) -> list[Passage]:
    """What enters and leaves the rounds of this copy of the trace's model, in order.

    The first of them is made something to take derivatives by. The copy is used up: hooks stay.
    """
    seen: list[Passage] = []

    def see(tensor: Tensor | None) -> None:
        if tensor is None or not tensor.is_floating_point():
            return
        if not seen and not tensor.requires_grad:
            tensor.requires_grad_()
        seen.append(Passage(tensor, tensor._version, tensor.clone()))

    calls = {r.call.name: r.call for r in trace.rounds}
    if isinstance(model, Network):
        watched = [model.project, *model.rounds]
        for module in watched:
            module.register_forward_hook(lambda _m, _args, given: see(first_tensor(given)))
    else:
        for name, call in calls.items():
            _watch(model.get_submodule(name), call, see)
        if trace.readout is not None:
            readout = model.get_submodule(trace.readout.layer)
            readout.register_forward_pre_hook(
                lambda _m, args, kwargs: see(first_tensor([*args, kwargs])), with_kwargs=True
            )
    data = trace.data.clone()
    caller(model, data, trace.forward)()
    if not seen:
        raise TraceError("none of the model's rounds ran: its states could not be followed")
    return seen


def _watch(module: nn.Module, call: Any, see: Any) -> None:
    """See the states that enter this layer and those that it gives."""

    def before(_module: nn.Module, args: Any, kwargs: Any) -> None:
        see(state_in(replace(call, args=args, kwargs=kwargs)))

    module.register_forward_pre_hook(before, with_kwargs=True)
    module.register_forward_hook(lambda _m, _args, given: see(first_tensor(given)))
