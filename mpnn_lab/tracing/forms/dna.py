"""DNAConv: each bond attends to all that its sender has been, Fey 2019, eq. 3 to 5."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch

from mpnn_lab.tracing.arithmetic import state_symbol
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gatv2 import HEADS
from mpnn_lab.tracing.forms.gcn import degree_factor
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate
from mpnn_lab.tracing.ledger import Ledger


def dna(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = c_ij Σ_s α^s_ij (h^s_j W_v), α^s = exp(l^s) / (1 + Σ exp(l^s)), s over the rounds.

    The 1 lets an atom hear nothing: PyG's "restricted" softmax, with a margin of 0.
    """
    module: Any = call.module
    states = call.given.get("x")
    if states is None or states.dim() != 3 or not module.normalize:
        return generic(ledger, call)
    factor = degree_factor(ledger, call)
    with ledger.step("gather", 0):
        last = states.shape[1] - 1
        kept = [
            ledger.recorded(f"former state {s}", state_symbol(s), f"state after {s} of its rounds",
                            states[:, s], "node", shown=False) for s in range(last)
        ]  # fmt: skip
        heard = [
            ledger.derive(f"h_j {s}", f"h^{s}_j", "neighbour's state, then", "source", state,
                          shown=s == last) for s, state in enumerate([*kept, call.state])
        ]  # fmt: skip
    with ledger.step("attention", 0):
        shares = _shares(ledger, module, call.state, heard)
    with ledger.step("message", 0):
        values = [
            ledger.derive(f"part {s}", f"α^{s}v^{s}", "by its share", "multiply", alpha,
                          _heads(ledger, module.multi_head, f"v {s}", f"v^{s}_j",
                                 "neighbour then, through W_v", h, "v"),
                          axes=HEADS, shown=False)
            for s, (alpha, h) in enumerate(zip(shares, heard, strict=True))
        ]  # fmt: skip
        summed = ledger.derive("u_ij", "u_ij", "all it has been, by their shares", "add", *values,
                               axes=HEADS, shown=False)  # fmt: skip
        flat = ledger.derive("heads", "u_ij", "heads side by side", "flatten", summed,
                             axes=("channel",))  # fmt: skip
        factors = [factor, flat] if factor else [flat]
        m_ij = ledger.derive("message", "m_ij", "message", "multiply", *factors,
                             recorded=call.propagations[0].messages, axes=("channel",))  # fmt: skip
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        return ledger.derive("layer", "c_i", "what the layer gives", "add", total,
                             recorded=call.output)  # fmt: skip


def _shares(ledger: Ledger, module: Any, state: str, heard: list[str]) -> list[str]:
    """α^s_ij of each head, for every state that the neighbour has had."""
    attention = module.multi_head
    h_i = ledger.derive("h_i", "h_i", "the atom's own state", "target", state)
    q_i = _heads(ledger, attention, "q_i", "q_i", "atom through W_q", h_i, "q")
    width = attention.out_channels // attention.heads
    scale = ledger.weight("scale", "1/√d", "one over the root of the width", [width**-0.5], ("",))
    one = ledger.weight("one", "1", "one, for hearing nothing", [1.0], ("",))
    derive = partial(ledger.derive, axes=("head",))
    sizes = []
    for s, h in enumerate(heard):
        k_j = _heads(ledger, attention, f"k_j {s}", f"k^{s}_j", "neighbour then, through W_k", h,
                     "k")  # fmt: skip
        dots = derive(f"dot {s}", f"q_i·k^{s}_j", "likeness", "dot", q_i, k_j, shown=False)
        logit = derive(f"logit {s}", f"l^{s}_ij", "attention logit", "multiply", scale, dots)
        sizes.append(derive(f"exp {s}", f"exp l^{s}", "its exponential", "exp", logit, shown=False))
    total = derive("total", "1+Σ", "one, and all exponentials", "add", *sizes, one, shown=False)
    share = derive("per", "1/(1+Σ)", "one over it", "power", total, shown=False,
                   constants={"exponent": -1.0})  # fmt: skip
    return [
        derive(f"alpha {s}", f"α^{s}_ij", "share of the attention", "multiply", size, share)
        for s, size in enumerate(sizes)
    ]


def _heads(
    ledger: Ledger, attention: Any, name: str, symbol: str, label: str, x: str, letter: str
) -> str:
    """The product with one of the three matrices, which may be of blocks, cut into heads."""
    part = getattr(attention, f"lin_{letter}")
    shared = f"W_{letter}"
    if f"{ledger.prefix}/{shared}" not in ledger:
        matrix = torch.block_diag(*part.weight.detach())
        ledger.weight(shared, shared, "weights", matrix, ("in", "out"))
        if part.bias is not None:
            ledger.weight(f"b_{letter}", "b", "bias", part.bias, ("channel",))
    args = [x, f"{ledger.prefix}/{shared}"]
    if part.bias is not None:
        args.append(f"{ledger.prefix}/b_{letter}")
    flat = ledger.derive(f"{name} flat", symbol, label, "linear", *args, shown=False)
    return ledger.derive(name, symbol, label, "split_heads", flat, axes=HEADS,
                         constants={"heads": attention.heads})  # fmt: skip
