"""ARMAConv: stacks of propagations, each step with a share of the states, Bianchi et al. 2021."""

from __future__ import annotations

from typing import Any

import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gcn import degree_factor
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import ACTIVATIONS, aggregate_at, gather, numbered
from mpnn_lab.tracing.ledger import Ledger

STACKS = ("stack", "channel")


def arma(ledger: Ledger, call: LayerCall) -> str:
    """z_k ← σ(Ĉ z_k W_k + h V_k + b_k) for every stack k, T times; then the mean over the stacks.

    (arXiv:1901.01343.)
    """
    module: Any = call.module
    if module.act is not None and type(module.act) not in ACTIVATIONS:
        return generic(ledger, call)
    factor = degree_factor(ledger, call)
    assert factor is not None
    state, last = call.state, len(call.propagations) - 1
    for t, record in enumerate(call.propagations):
        with ledger.on(call.grounds[t]):
            h_j = gather(ledger, state, t)
            with ledger.step("message", t):
                z_j = _through(ledger, module, t, h_j)
                m_ij = ledger.derive(
                    numbered("message", t), "m_ij", "message", "multiply", factor, z_j,
                    recorded=record.messages, axes=STACKS,
                )  # fmt: skip
            total = aggregate_at(ledger, module, m_ij, record.aggregated, t)
        with ledger.step("gather", t + 1) if t < last else ledger.step("update"):
            state = _step(ledger, call, t, total)
    with ledger.step("update"):
        return ledger.derive(
            "layer", "c_i", "what the layer gives: the mean over the stacks", "mean_heads", state,
            recorded=call.output, axes=("channel",),
        )  # fmt: skip


def _through(ledger: Ledger, module: Any, t: int, h_j: str) -> str:
    """The neighbour's state through the matrix of every stack."""
    name, words = numbered("z_j", t), "neighbour through every W"
    if t:
        weight = module.weight[0 if module.shared_weights else t - 1]
        w = ledger.weight(f"{name} weight", "W", "weights", weight, ("stack", "in", "out"))
        return ledger.derive(name, "z_j", words, "linear", h_j, w, axes=STACKS)
    return _stacked(ledger, name, "z_j", words, h_j, module.init_weight, "W")


def _stacked(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, weight: torch.Tensor, letter: str
) -> str:
    """One row of states through the matrices [stack, in, out]: side by side, then cut apart."""
    flat = weight.permute(1, 0, 2).flatten(1)
    w = ledger.weight(f"{name} weight", letter, "weights of all stacks", flat, ("in", "out"))
    all_ = ledger.derive(f"{name} flat", symbol, label, "linear", x, w)
    return ledger.derive(
        name, symbol, "the same, by stacks", "split_heads", all_, axes=STACKS, shown=False,
        constants={"heads": len(weight)},
    )  # fmt: skip


def _step(ledger: Ledger, call: LayerCall, t: int, total: str) -> str:
    """What every stack has after step t."""
    module: Any = call.module
    at = 0 if module.shared_weights else t
    own = _stacked(ledger, numbered("own", t), "(hV)_i", "own state through every V", call.state,
                   module.root_weight[at], "V")  # fmt: skip
    terms = [total, own]
    if module.bias is not None:
        bias = module.bias[at].squeeze(1)
        terms.append(ledger.weight(numbered("bias", t), "b", "bias", bias, STACKS))
    mixed = ledger.derive(numbered("mixed", t), "s_i", "what came in and the own share", "add",
                          *terms, axes=STACKS)  # fmt: skip
    if module.act is None:
        return mixed
    op = ACTIVATIONS[type(module.act)]
    slope = {"slope": module.act.negative_slope} if op == "leaky_relu" else {}
    return ledger.derive(
        numbered("stacks", t), f"z^{t + 1}_i", f"stacks after {t + 1} step{'s' if t else ''}", op,
        mixed, constants=slope, axes=STACKS,
    )  # fmt: skip
