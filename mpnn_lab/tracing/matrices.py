"""Edge matrices: m = h_j @ W, exact where messages are linear in h_j, else the Jacobian."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch_geometric import nn as pyg
from torch_geometric.nn import (
    FastRGCNConv,
    GatedGraphConv,
    GCNConv,
    GeneralConv,
    MessagePassing,
    NNConv,
    RGCNConv,
)

from mpnn_lab.errors import TraceError
from mpnn_lab.nn import EdgeNetworkConv
from mpnn_lab.tracing.recorder import CallRecord, Keeper, PropagationRecord, rows_first

AS_IT_IS = (
    *(pyg.SimpleConv, pyg.SAGEConv, pyg.GraphConv, pyg.GINConv, pyg.MFConv),
    *(pyg.LGConv, pyg.ClusterGCNConv, pyg.GCN2Conv, pyg.SGConv, pyg.SSGConv, pyg.TAGConv),
    *(pyg.APPNP, pyg.ChebConv, pyg.MixHopConv),
)
"""Layers that send the neighbour's state, or that times the edge's weight, at least at first."""
Matrices = tuple[NDArray[np.float32], NDArray[np.int64]]


@dataclass(frozen=True)
class EdgeMatrix:
    """From the sender's state to the message.

    Attributes
    ----------
    values : float32 [F_in, F_out]; heads of a message stand side by side in F_out.
    exact : whether m = h_j @ values holds; else `values` is the Jacobian of m by h_j here.
    """

    values: NDArray[np.float32]
    exact: bool


def exact_matrices(
    module: nn.Module, record: PropagationRecord, call: CallRecord, place: int
) -> Matrices | None:
    """Distinct matrices [K, F_in, F_out] and each edge's row [M]; None where there are none.

    They start from the states that enter the layer, which later propagations than number 0 send
    as they are only where each is one relation's.
    """
    if record.messages is None:
        return None
    if type(module) in (RGCNConv, FastRGCNConv):
        return _relations(module, record, call)
    if type(module) is pyg.SignedConv:
        return _signed(module, record, place)
    if place:
        return None
    if type(module) is pyg.HypergraphConv and not module.use_attention:
        return _shared(module, record)
    if type(module) is GatedGraphConv:
        return _gated(module, record, call)
    if type(module) is GeneralConv:
        return _general(module, record)
    if type(module) in (EdgeNetworkConv, NNConv):
        return _edge_network(module, record)
    if type(module) is GCNConv:
        return _gcn(module, record)
    if type(module) in AS_IT_IS and not getattr(module, "project", False):
        return _identity(module, record)
    return None


def _edge_network(module: Any, record: PropagationRecord) -> Matrices | None:
    table, kind = record.kwargs.get("table"), record.kwargs.get("kind")
    if isinstance(table, Tensor) and isinstance(kind, Tensor):
        return _array(table), kind.cpu().numpy()
    features = record.kwargs.get("edge_attr")
    if not isinstance(features, Tensor):
        return None
    with torch.no_grad():
        each = module.nn(features).view(-1, module.in_channels_l, module.out_channels)
    if len(each) == 0:
        return _array(each), np.zeros(0, dtype=np.int64)
    rows, kind = torch.unique(features, dim=0, return_inverse=True)
    first = kind.new_full((len(rows),), len(kind))
    first.scatter_reduce_(0, kind, torch.arange(len(kind), device=kind.device), "amin")
    if not torch.equal(each[first][kind], each):  # equal features, different matrices: keep all
        return _array(each), np.arange(len(each))
    return _array(each[first]), kind.cpu().numpy()


def _gcn(module: Any, record: PropagationRecord) -> Matrices:
    return _scaled(module.lin.weight.detach().T, record)


def _relations(module: Any, record: PropagationRecord, call: CallRecord) -> Matrices | None:
    """PyG's RGCN sends the states as they are and takes them through W_r once summed."""
    if _floating_state(call) is None:  # rows of an embedding are looked up instead
        return None
    assert record.messages is not None
    kind = record.kwargs.get("edge_type")
    if type(module) is RGCNConv:
        starts = record.kwargs.get("edge_type_ptr")
        if starts is None:
            unit = torch.eye(record.messages.shape[-1], device=record.messages.device)
            return _array(unit[None]), np.zeros(len(record.messages), dtype=np.int64)
        kind = torch.arange(len(starts) - 1).repeat_interleave(starts.diff().cpu())
    weight = module.weight.detach()
    if module.num_bases is not None:
        weight = (module.comp.detach() @ weight.flatten(1)).view(
            module.num_relations, module.in_channels_l, module.out_channels
        )
    if module.num_blocks is not None:
        weight = torch.stack([torch.block_diag(*blocks) for blocks in weight])
    assert kind is not None
    used, rows = torch.unique(kind, return_inverse=True)
    return _array(weight[used]), rows.cpu().numpy()


def _gated(module: Any, record: PropagationRecord, call: CallRecord) -> Matrices | None:
    """The first step's matrix."""
    state = _floating_state(call)
    if state is None:
        return None
    return _scaled(module.weight[0, : state.shape[-1]].detach(), record)


def _general(module: Any, record: PropagationRecord) -> Matrices | None:
    """Where nothing is added to the product and no attention multiplies it."""
    one_way = module.directed_msg and not module.attention
    if not one_way or module.lin_msg.bias is not None or record.kwargs.get("edge_attr") is not None:
        return None
    return _scaled(module.lin_msg.weight.detach().T, record)


def _identity(module: Any, record: PropagationRecord) -> Matrices | None:
    """m_ij = c_ij h_j."""
    messages = record.messages
    if messages is None or messages.dim() != 2 or module.decomposed_layers > 1:
        return None
    return _scaled(torch.eye(messages.shape[1]).to(messages), record)


def _signed(module: Any, record: PropagationRecord, place: int) -> Matrices:
    """The states as they are; later, when they are two halves, one of the halves."""
    width = module.in_channels
    if module.first_aggr:
        return _scaled(torch.eye(width), record)
    half = (0, 1, 1, 0)[place] * width
    return _scaled(torch.eye(2 * width)[:, half : half + width], record)


def _shared(module: Any, record: PropagationRecord) -> Matrices:
    """W over the number of atoms of the set that hears it."""
    sets = record.edge_index[1]
    sizes, kind = torch.unique(sets.bincount()[sets], return_inverse=True)
    weight = module.lin.weight.detach().T.cpu()
    return _array(weight / sizes.cpu()[:, None, None]), kind.cpu().numpy()


def _scaled(weight: Tensor, record: PropagationRecord) -> Matrices:
    """One matrix, times the weight of each edge where there are any."""
    factors = record.kwargs.get("edge_weight", record.kwargs.get("norm"))
    if factors is None:
        return _array(weight[None]), np.zeros(record.edge_index.shape[1], dtype=np.int64)
    distinct, kind = torch.unique(factors.reshape(-1), return_inverse=True)
    return _array(distinct[:, None, None] * weight), kind.cpu().numpy()


def edge_jacobian(
    module: nn.Module, call: CallRecord, place: int, k: int, sender: int
) -> EdgeMatrix:
    """The Jacobian of message `k` of propagation `place` by the sender's state, at this state."""
    if not isinstance(module, MessagePassing):
        raise TraceError(f"{type(module).__name__} passes no messages")
    with torch.inference_mode(False), torch.enable_grad():
        return _jacobian(copy.deepcopy(module), call, place, k, sender)


def _jacobian(
    layer: MessagePassing, call: CallRecord, place: int, k: int, sender: int
) -> EdgeMatrix:
    copies = Keeper(copying=True)  # what was recorded in inference mode cannot be followed
    args, kwargs = copies(call.args), copies(call.kwargs)
    state, rebuild = _state_argument(call.name, args, kwargs)
    x = state.clone().requires_grad_()
    seen: list[Tensor] = []

    def keep(module: Any, _inputs: Any, output: Tensor) -> None:
        seen.append(rows_first(module, output))

    layer.register_message_forward_hook(keep)
    args, kwargs = rebuild(x)
    layer(*args, **kwargs)
    message = seen[place][k].reshape(-1)
    rows = [
        torch.autograd.grad(value, x, retain_graph=True, allow_unused=True)[0] for value in message
    ]
    columns = [torch.zeros_like(x[sender]) if g is None else g[sender] for g in rows]
    if x.dim() == 3:  # the states of all rounds so far; the sender's state is the last
        columns = [column[-1] for column in columns]
    return EdgeMatrix(_array(torch.stack(columns, dim=1)), False)


def _floating_state(call: CallRecord) -> Tensor | None:
    try:
        return _state_argument(call.name, call.args, call.kwargs)[0]
    except TraceError:
        return None


def _state_argument(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Tensor, Any]:
    """The states the layer was called with, and how to call it with others."""
    first = args[0] if args else kwargs.get("x")
    other = first[1] if isinstance(first, tuple) else None
    state = first[0] if isinstance(first, tuple) else first
    if not isinstance(state, Tensor) or not state.is_floating_point():
        raise TraceError(f"{name}: its first argument is not a tensor of states")

    def rebuild(x: Tensor) -> tuple[tuple[Any, ...], dict[str, Any]]:
        new = (x, x if other is state else other) if isinstance(first, tuple) else x
        if args:
            return (new, *args[1:]), kwargs
        return (), {**kwargs, "x": new}

    return state, rebuild


def _array(values: Tensor) -> NDArray[np.float32]:
    return values.detach().cpu().float().numpy()
