"""The states that each propagation of a layer starts from: the layer's own, or a step's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch_geometric import nn as pyg

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing.arguments import state_argument
from mpnn_lab.tracing.axes import RELATIONS
from mpnn_lab.tracing.precision import in_float32
from mpnn_lab.tracing.recorder import CallRecord


def start_states(module: nn.Module, call: CallRecord, place: int) -> Tensor | None:
    """What the senders of propagation `place` have, [N, F]; None where no one can tell.

    The first propagation starts from the states that enter the layer, and so does each
    relation's; a later step from what the steps before made of them.
    """
    first = floating_state(call)
    if type(module) is pyg.DNAConv and first is not None:
        return first[:, -1]  # the others are those of former rounds
    if place == 0 or type(module) in RELATIONS or first is None:
        return first
    way = STEPS.get(type(module))
    if way is None or any(p.aggregated is None for p in call.propagations[:place]):
        return None
    module, call = in_float32(module, call)
    state = floating_state(call)
    assert state is not None
    with torch.no_grad(), torch.autocast(first.device.type, enabled=False):
        return way(module, call, place, state)


def _sent(module: Any, call: CallRecord, place: int, first: Tensor) -> Tensor | None:
    """Layers that propagate their states as they are."""
    sent = call.propagations[place].sent
    return sent if isinstance(sent, Tensor) and sent.dim() == 2 else None


def _gated(module: Any, call: CallRecord, place: int, first: Tensor) -> Tensor:
    """The recurrent unit's state after so many steps."""
    state = functional.pad(first, (0, module.out_channels - first.shape[1]))
    for record in call.propagations[:place]:
        state = module.rnn(record.aggregated, state)
    return state


def _arma(module: Any, call: CallRecord, place: int, first: Tensor) -> Tensor | None:
    """The stacks after so many steps, side by side."""
    at = 0 if module.shared_weights else place - 1
    heard = call.propagations[place - 1].aggregated
    assert heard is not None
    if heard.dim() != 3:
        return None
    state = heard + torch.einsum("ni,kio->nko", first, module.root_weight[at])
    if module.bias is not None:
        state = state + module.bias[at].squeeze(1)
    return (state if module.act is None else module.act(state)).flatten(1)


STEPS: dict[type[nn.Module], Callable[[Any, CallRecord, int, Tensor], Tensor | None]] = {
    pyg.GatedGraphConv: _gated,
    pyg.ARMAConv: _arma,
    pyg.SGConv: _sent,
    pyg.SSGConv: _sent,
    pyg.TAGConv: _sent,
    pyg.APPNP: _sent,
    pyg.ChebConv: _sent,
    pyg.MixHopConv: _sent,
}


def floating_state(call: CallRecord) -> Tensor | None:
    """The states the layer was called with; None where they are no numbers, or no tensor."""
    try:
        return state_argument(call)[0]
    except TraceError:
        return None
