"""Layers that read positions: PointNet, PPFNet, point transformer, Point-GNN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch_geometric import nn as pyg

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import receiver
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate, chain, gather, linear
from mpnn_lab.tracing.ledger import Ledger

PLACE = ("coordinate",)


def point_net(ledger: Ledger, call: LayerCall) -> str:
    """PointNetConv: m_ij = MLP([h_j, p_j − p_i]), Qi et al. 2017 (PointNet++), section 3.2."""
    if not (_readable(call, "pos") and _networks(call.module, "local_nn", "global_nn")):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        gap = _difference(ledger, "d_ij", "d_ij", "from the atom to its neighbour", "j", "i", call)
    return _local_global(ledger, call, h_j, gap)


def point_pairs(ledger: Ledger, call: LayerCall) -> str:
    """PPFConv: m_ij = MLP([h_j, point pair features]), Deng et al. 2018, section 3.1."""
    if not (_readable(call, "pos", "normal") and _networks(call.module, "local_nn", "global_nn")):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        gap = _difference(ledger, "d_ij", "d_ij", "from the atom to its neighbour", "j", "i", call)
        normal = ledger.recorded(
            "n", "n_i", "direction outwards", call.given["normal"], "node", PLACE, shown=False
        )
        n_i = ledger.derive("n_i", "n_i", "direction outwards at the atom", "target", normal)
        n_j = ledger.derive("n_j", "n_j", "direction outwards at the neighbour", "source", normal)
        pair = ledger.derive(
            "pair", "ppf_ij", "distance and three angles", "point_pair", gap, n_i, n_j,
            axes=("channel",),
        )  # fmt: skip
    return _local_global(ledger, call, h_j, pair)


def _local_global(ledger: Ledger, call: LayerCall, h_j: str, pair: str) -> str:
    """The message from state and place, the aggregate, and the network on it."""
    module: Any = call.module
    record = call.propagations[0]
    named = "message", "m_ij", "message"
    with ledger.step("message", 0):
        both = "z_ij", f"[h_j, {ledger[pair].symbol}]", "neighbour's state and place"
        if module.local_nn is None:
            m_ij = ledger.derive(
                *named, "concatenate", h_j, pair, recorded=record.messages, axes=("channel",)
            )
        else:
            z_ij = ledger.derive(*both, "concatenate", h_j, pair, axes=("channel",), shown=False)
            m_ij = chain(ledger, *named, module.local_nn, z_ij, record.messages)
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        named = "layer", "c_i", "what the layer gives"
        if module.global_nn is None:
            return ledger.derive(*named, "add", total, recorded=call.output)
        return chain(ledger, *named, module.global_nn, total, call.output)


def point_transformer(ledger: Ledger, call: LayerCall) -> str:
    """PointTransformerConv: m_ij = α_ij · (v_j + δ_ij), Zhao et al. 2021, eq. 3 and 4."""
    module: Any = call.module
    if not (_readable(call, "pos") and _networks(module, "pos_nn", "attn_nn")):
        return generic(ledger, call)
    record = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("attention", 0):
        gap = _difference(ledger, "p_ij", "p_ij", "from the neighbour to the atom", "i", "j", call)
        delta = chain(ledger, "delta", "δ_ij", "place as a vector", module.pos_nn, gap, None)
        h_i = receiver(ledger, call)
        q_i = linear(ledger, "q_i", "q_i", "the atom's query", h_i, module.lin_dst, "W_1")
        k_j = linear(ledger, "k_j", "k_j", "neighbour's key", h_j, module.lin_src, "W_2")
        less = _minus(ledger, "-k_j", "−k_j", "less the key", k_j)
        logit = ledger.derive("s_ij", "s_ij", "query less key, and place", "add", q_i, less, delta)
        if module.attn_nn is not None:
            logit = chain(ledger, "logit", "l_ij", "attention logit", module.attn_nn, logit, None)
        alpha = ledger.derive(
            "alpha", "α_ij", "share of the attention, by channel", "softmax_incoming", logit
        )
        ledger.weighs(alpha)
    with ledger.step("message", 0):
        v_j = linear(ledger, "v_j", "v_j", "neighbour's value", h_j, module.lin, "W_3")
        placed = ledger.derive("placed", "v_j + δ_ij", "value and place", "add", v_j, delta)
        m_ij = ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, placed, recorded=record.messages
        )
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", total, recorded=call.output
        )


def point_gnn(ledger: Ledger, call: LayerCall) -> str:
    """PointGNNConv: m_ij = MLP([p_j − p_i + Δ_i, h_j]), Shi and Rajkumar 2020, eq. 4."""
    module: Any = call.module
    if not _readable(call, "pos"):
        return generic(ledger, call)
    record = call.propagations[0]
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        gap = _difference(ledger, "d_ij", "d_ij", "from the atom to its neighbour", "j", "i", call)
        h_i = receiver(ledger, call)
        shift = chain(ledger, "shift", "Δ_i", "shift that the atom asks for", module.mlp_h, h_i,
                      None)  # fmt: skip
        moved = ledger.derive("moved", "d_ij + Δ_i", "difference, shifted", "add", gap, shift)
        z_ij = ledger.derive(
            "z_ij", "[d_ij + Δ_i, h_j]", "place and neighbour's state", "concatenate", moved, h_j,
            axes=("channel",), shown=False,
        )  # fmt: skip
        m_ij = chain(ledger, "message", "m_ij", "message", module.mlp_f, z_ij, record.messages)
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        heard = chain(ledger, "heard", "g_i", "aggregate through the MLP", module.mlp_g, total,
                      None)  # fmt: skip
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", call.state, heard, recorded=call.output
        )


def _readable(call: LayerCall, *names: str) -> bool:
    """Whether these were given, one row an atom; a pair of two clouds of points is not read."""
    return all(isinstance(call.given.get(name), Tensor) for name in names)


def _networks(module: Any, *names: str) -> bool:
    """Whether what stands there is a module, or nothing at all."""
    return all(isinstance(getattr(module, name), nn.Module | None) for name in names)


def _difference(
    ledger: Ledger, name: str, symbol: str, label: str, to: str, origin: str, call: LayerCall
) -> str:
    """The place of one end less that of the other, in Å: ``j`` is the sender, ``i`` the atom."""
    places = ledger.recorded(
        "p", "p_i", "position", call.given["pos"], "node", PLACE, shown=False, unit="Å"
    )
    ends = {
        "i": ledger.derive("p_i", "p_i", "place of the atom", "target", places),
        "j": ledger.derive("p_j", "p_j", "place of the neighbour", "source", places),
    }
    less = _minus(ledger, f"-p_{origin}", f"−p_{origin}", "less the other place", ends[origin])
    return ledger.derive(name, symbol, label, "add", ends[to], less, unit="Å")


def _minus(ledger: Ledger, name: str, symbol: str, label: str, x: str) -> str:
    factor = ledger.weight(f"{name} factor", "−1", "minus one", [-1.0], ("",))
    return ledger.derive(name, symbol, label, "multiply", x, factor, shown=False)


FORMS: dict[type, Callable[..., str]] = {
    pyg.PointNetConv: point_net,
    pyg.PPFConv: point_pairs,
    pyg.PointTransformerConv: point_transformer,
    pyg.PointGNNConv: point_gnn,
}
