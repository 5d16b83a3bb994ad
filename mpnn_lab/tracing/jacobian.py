"""The Jacobian of a message by the sender's state, at the state of the run."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn import MessagePassing

from mpnn_lab.errors import TraceError
from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.tracing.arguments import first_tensor, state_argument
from mpnn_lab.tracing.by_type import alike
from mpnn_lab.tracing.forms.call import given_to
from mpnn_lab.tracing.keeper import Keeper
from mpnn_lab.tracing.matrices import EdgeMatrix, to_float32
from mpnn_lab.tracing.precision import in_float32
from mpnn_lab.tracing.recorder import CallRecord, rows_first


def edge_jacobian(
    module: nn.Module, call: CallRecord, place: int, k: int, sender: int
) -> EdgeMatrix:
    """The Jacobian of message `k` of propagation `place` by the sender's state, at this state.

    Taken in float32 where the run was in numbers of fewer digits.
    """
    if not isinstance(module, MessagePassing | Enclosing):
        raise TraceError(f"{type(module).__name__} passes no messages")
    with torch.inference_mode(False), torch.enable_grad():
        layer, call = in_float32(copy.deepcopy(module), call)
        return _jacobian(layer, call, place, k, sender)


def _message(layer: nn.Module, call: CallRecord, seen: list[Tensor], place: int) -> Tensor:
    """The messages of propagation `place`, which of a layer by type may be those of several."""
    if not isinstance(layer, Enclosing):
        return seen[place]
    return torch.cat([seen[k] for k in alike(layer.behind(**given_to(call)))[place]])


def _jacobian(layer: nn.Module, call: CallRecord, place: int, k: int, sender: int) -> EdgeMatrix:
    copies = Keeper(copying=True)  # what was recorded in inference mode cannot be followed
    own = replace(call, args=copies(call.args), kwargs=copies(call.kwargs))
    state, rebuild = state_argument(own)
    x = state.clone().requires_grad_()
    seen: list[Tensor] = []

    def keep(module: Any, _inputs: Any, output: Tensor) -> None:
        seen.append(rows_first(module, first_tensor(output)))

    for part in layer.modules() if isinstance(layer, Enclosing) else [layer]:
        if isinstance(part, MessagePassing):
            part.register_message_forward_hook(keep)
            part.fuse = False
    args, kwargs = rebuild(x)
    with torch.autocast(x.device.type, enabled=False):
        layer(*args, **kwargs)
    message = _message(layer, call, seen, place)[k].reshape(-1)
    if not message.requires_grad:  # a message of the bond alone
        return EdgeMatrix(to_float32(x.new_zeros(x.shape[-1], len(message))), False)
    rows = [
        torch.autograd.grad(value, x, retain_graph=True, allow_unused=True)[0] for value in message
    ]
    columns = [torch.zeros_like(x[sender]) if g is None else g[sender] for g in rows]
    if x.dim() == 3:  # the states of all rounds so far; the sender's state is the last
        columns = [column[-1] for column in columns]
    return EdgeMatrix(to_float32(torch.stack(columns, dim=1)), False)
