"""Edge matrices: m = h_j @ W, exact where messages are linear in h_j, else the Jacobian."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch_geometric import nn as pyg

from mpnn_lab.nn import EdgeNetworkConv
from mpnn_lab.nn.by_type import FamilyHetero
from mpnn_lab.nn.convs import EdgeGINConv, MatrixMultiplicationConv
from mpnn_lab.nn.master_node import MasterMessage
from mpnn_lab.tracing.precision import Precision, in_float32
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord
from mpnn_lab.tracing.starts import start_states

Matrices = tuple[NDArray[np.float32], NDArray[np.int64]]


@dataclass(frozen=True)
class EdgeMatrix:
    """From the sender's state to the message.

    Attributes
    ----------
    values : float32 [F_in, F_out]; heads (or stacks) of a message, and of a state that has them,
        stand side by side.
    exact : whether m = h_j @ values holds; else `values` is the Jacobian of m by h_j here.
    start : which state h_j is: the one that enters the ``layer``, or, in later propagations of
        a layer, what the ``step`` before left (`Propagation.state_in` holds either).
    """

    values: NDArray[np.float32]
    exact: bool
    start: Literal["layer", "step"] = "layer"


def exact_matrices(
    module: nn.Module, record: PropagationRecord, call: CallRecord, place: int
) -> Matrices | None:
    """Distinct matrices [K, F_in, F_out] and each edge's row [M]; None where there are none.

    They start from `start_states`: the layer's own, or what an earlier step made of them.
    """
    way = EXACT.get(type(module))
    if way is None or record.messages is None or getattr(module, "decomposed_layers", 1) > 1:
        return None
    module, call = in_float32(module, call)
    state = start_states(module, call, place)
    if state is None:
        return None
    with torch.no_grad(), torch.autocast(state.device.type, enabled=False):
        return way(module, call.propagations[place], state, place)


def borne_out(
    matrices: Matrices, state: Tensor, sender: Tensor, messages: Tensor, precision: Precision
) -> bool:
    """Whether h_j times its matrix is what was sent, for every edge."""
    table, kind = matrices
    if not len(messages):
        return True
    sent = to_float32(messages).reshape(len(messages), -1).astype(np.float64)
    h = to_float32(state).reshape(len(state), -1).astype(np.float64)[sender.cpu().numpy()]
    if len(kind) != len(sent) or table.shape[1:] != (h.shape[1], sent.shape[1]):
        return False
    order = np.argsort(kind, kind="stable")
    for edges in np.split(order, np.flatnonzero(np.diff(kind[order])) + 1):
        matrix = table[kind[edges[0]]].astype(np.float64)
        # The matrix has been worked out anew, and its cells are no nearer than its largest.
        size = (abs(h[edges]) @ abs(matrix)).max(axis=1, keepdims=True, initial=precision.least)
        if (abs(h[edges] @ matrix - sent[edges]) > 2 * precision.tolerance * size).any():
            return False
    return True


def _edge_network(
    module: Any, record: PropagationRecord, state: Tensor, place: int
) -> Matrices | None:
    table, kind = record.kwargs.get("table"), record.kwargs.get("kind")
    if isinstance(table, Tensor) and isinstance(kind, Tensor):
        return to_float32(table), kind.cpu().numpy()
    features = record.kwargs.get("edge_attr")
    if not isinstance(features, Tensor):
        return None
    with torch.no_grad():
        each = module.nn(features).view(-1, module.in_channels_l, module.out_channels)
    return _shared(each, features)


def _shared(each: Tensor, features: Tensor) -> Matrices:
    """A matrix for every edge, [M, F_in, F_out]: those of equal features once."""
    if len(each) == 0:
        return to_float32(each), np.zeros(0, dtype=np.int64)
    rows, kind = torch.unique(features, dim=0, return_inverse=True)
    first = kind.new_full((len(rows),), len(kind))
    first.scatter_reduce_(0, kind, torch.arange(len(kind), device=kind.device), "amin")
    if not torch.equal(each[first][kind], each):  # equal features, different matrices: keep all
        return to_float32(each), np.arange(len(each))
    return to_float32(each[first]), kind.cpu().numpy()


def _linear(name: str) -> Callable[..., Matrices | None]:
    """Of layers whose message is h_j through the Linear of this name, times the edge's factor."""

    def made(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices:
        return _scaled(getattr(module, name).weight.detach().T, record)

    return made


def _relations(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices:
    """PyG's RGCN sends the states as they are and takes them through W_r once summed."""
    kind = record.kwargs.get("edge_type")
    if type(module) is pyg.RGCNConv:
        starts = record.kwargs.get("edge_type_ptr")
        if starts is None:
            return _scaled(torch.eye(state.shape[1]).to(state), record)
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
    return to_float32(weight[used]), rows.cpu().numpy()


def _labels(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices:
    """A matrix for each label that an edge has."""
    used, rows = torch.unique(record.kwargs["edge_type"], return_inverse=True)
    return to_float32(module.weight.detach()[used]), rows.cpu().numpy()


def _edge_gin(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices | None:
    """Without edge features nothing bends the message."""
    return _identity(module, record, state, place) if module.lin is None else None


def _gated(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices:
    """Each step has a matrix; of the first one, the rows that meet no padding."""
    return _scaled(module.weight[place, : state.shape[1]].detach(), record)


def _arma(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices:
    """The stacks' matrices side by side; later on, each stack sends its own state."""
    if place == 0:
        weight = module.init_weight.detach().permute(1, 0, 2).flatten(1)
    else:
        weight = torch.block_diag(
            *module.weight.detach()[0 if module.shared_weights else place - 1]
        )
    return _scaled(weight, record)


def _gmm(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices | None:
    """Σ_k w_k(e) G_k: the message of every unit vector, by the layer's own function."""
    features = record.kwargs.get("edge_attr")
    if features is None:
        return None
    rows, kind = torch.unique(features.detach(), dim=0, return_inverse=True)
    units = torch.eye(state.shape[1]).to(state)
    sent = units if module.separate_gaussians else units @ module.g.detach()
    with torch.no_grad():
        each = [
            module.message(x.expand(len(rows), -1), rows) for x in sent
        ]  # one unit vector after another, along all kinds of bond
    return to_float32(torch.stack(each, dim=1)), kind.cpu().numpy()


def _feast(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices | None:
    """A softmax over a single matrix gives it all; over several it depends on the states."""
    return _linear("lin")(module, record, state, place) if module.heads == 1 else None


def _general(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices | None:
    """Where nothing is added to the product and no attention multiplies it."""
    one_way = module.directed_msg and not module.attention
    if not one_way or module.lin_msg.bias is not None or record.kwargs.get("edge_attr") is not None:
        return None
    return _scaled(module.lin_msg.weight.detach().T, record)


def _identity(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices | None:
    """m_ij = c_ij h_j."""
    messages = record.messages
    if messages is None or messages.dim() != 2 or getattr(module, "project", False):
        return None
    return _scaled(torch.eye(messages.shape[1]).to(messages), record)


def _signed(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices:
    """The states as they are; later, when they are two halves, one of the halves."""
    width = module.in_channels
    if module.first_aggr:
        return _scaled(torch.eye(width), record)
    half = (0, 1, 1, 0)[place] * width
    return _scaled(torch.eye(2 * width)[:, half : half + width], record)


def _sets(module: Any, record: PropagationRecord, state: Tensor, place: int) -> Matrices | None:
    """W over the number of atoms of the set that hears it; attention depends on the states."""
    if module.use_attention:
        return None
    sets = record.edge_index[1]
    sizes, kind = torch.unique(sets.bincount()[sets], return_inverse=True)
    weight = module.lin.weight.detach().T.cpu()
    return to_float32(weight / sizes.cpu()[:, None, None]), kind.cpu().numpy()


def _scaled(weight: Tensor, record: PropagationRecord) -> Matrices:
    """One matrix, times the weight of each edge where there are any."""
    factors = record.kwargs.get("edge_weight", record.kwargs.get("norm"))
    if factors is None:
        return to_float32(weight[None]), np.zeros(record.edge_index.shape[1], dtype=np.int64)
    distinct, kind = torch.unique(factors.reshape(-1), return_inverse=True)
    return to_float32(distinct[:, None, None] * weight), kind.cpu().numpy()


def to_float32(values: Tensor) -> NDArray[np.float32]:
    """As an array of numpy's, on the CPU."""
    return values.detach().cpu().float().numpy()


AS_IT_IS: tuple[type[nn.Module], ...] = (
    *(pyg.SimpleConv, pyg.SAGEConv, pyg.GraphConv, pyg.GINConv, pyg.MFConv, pyg.WLConvContinuous),
    *(pyg.LGConv, pyg.ClusterGCNConv, pyg.GCN2Conv, pyg.SGConv, pyg.SSGConv, pyg.TAGConv),
    *(pyg.APPNP, pyg.ChebConv, pyg.MixHopConv),
)
"""Layers that send the neighbour's state, or that times the edge's weight."""
EXACT: dict[type[nn.Module], Callable[..., Matrices | None]] = {
    **dict.fromkeys(AS_IT_IS, _identity),
    EdgeNetworkConv: _edge_network,
    pyg.NNConv: _edge_network,
    pyg.GCNConv: _linear("lin"),
    pyg.PDNConv: _linear("lin"),
    pyg.EGConv: _linear("bases_lin"),
    pyg.RGCNConv: _relations,
    pyg.FastRGCNConv: _relations,
    pyg.GatedGraphConv: _gated,
    pyg.ARMAConv: _arma,
    pyg.GMMConv: _gmm,
    pyg.FeaStConv: _feast,
    pyg.GeneralConv: _general,
    pyg.SignedConv: _signed,
    pyg.HypergraphConv: _sets,
    MatrixMultiplicationConv: _labels,
    EdgeGINConv: _edge_gin,
    FamilyHetero: _identity,
    MasterMessage: _linear("lin"),
}
"""How the matrices of each class are found; of exactly these: a subclass may compute otherwise."""
