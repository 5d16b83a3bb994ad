"""PNAConv: several aggregates, each scaled by the degree, in towers, Corso et al. 2020."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import receiver
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import ACTIVATIONS, aggregate, gather, linear
from mpnn_lab.tracing.ledger import Ledger

TOWERS = ("tower", "channel")


def pna(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = MLP([h_i, h_j, e_ij W_e]); all aggregates, scaled; MLP([h_i, them]); towers mixed."""
    module: Any = call.module
    record = call.propagations[0]
    networks = [*module.pre_nns, *module.post_nns]
    acts = [part for n in networks for part in n if not hasattr(part, "weight")]
    if any(type(part) not in ACTIVATIONS for part in acts):
        return generic(ledger, call)
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        h_i = receiver(ledger, call)
        ends = ("x_i", "h_i", h_i), ("x_j", "h_j", h_j)
        parts = [_towers(ledger, module, *end) for end in ends]
        features = record.kwargs.get("edge_attr")
        if features is not None:
            e = ledger.recorded("e_ij", "e_ij", "bond features", features, "edge", ("feature",),
                                shown=False)  # fmt: skip
            z_e = linear(ledger, "z_e", "(eW)_ij", "bond as a vector", e, module.edge_encoder,
                         "W_e")  # fmt: skip
            parts.append(
                ledger.derive("x_e", "(eW)_ij", "the same for every tower", "repeat_heads", z_e,
                              axes=TOWERS, constants={"heads": module.towers}, shown=False)
            )  # fmt: skip
        z_ij = ledger.derive("z_ij", "z_ij", "both atoms and the bond", "concatenate", *parts,
                             axes=TOWERS, shown=False)  # fmt: skip
        m_ij = _networks(ledger, "message", "m_ij", "message", module.pre_nns, z_ij,
                         record.messages)  # fmt: skip
    total = aggregate(ledger, module, m_ij, record.aggregated)
    with ledger.step("update"):
        own = _towers(ledger, module, "x own", "h_i", call.state)
        both = ledger.derive("z_i", "z_i", "own state and aggregates", "concatenate", own, total,
                             axes=TOWERS, shown=False)  # fmt: skip
        made = _networks(ledger, "towers", "u_i", "what each tower makes", module.post_nns, both)
        side = ledger.derive("side by side", "u_i", "towers side by side", "flatten", made,
                             axes=("channel",), shown=False)  # fmt: skip
        return linear(ledger, "layer", "c_i", "what the layer gives", side, module.lin, "W",
                      call.output)  # fmt: skip


def _towers(ledger: Ledger, module: Any, name: str, symbol: str, state: str) -> str:
    """Each tower's part of the state, or all of it for each."""
    op: Any = "split_heads" if module.divide_input else "repeat_heads"
    words = "each tower's part of the state" if module.divide_input else "the same for every tower"
    return ledger.derive(name, symbol, words, op, state, axes=TOWERS, shown=False,
                         constants={"heads": module.towers})  # fmt: skip


def _networks(
    ledger: Ledger, name: str, symbol: str, label: str, networks: Any, x: str, recorded: Any = None
) -> str:
    """One chain of layers for each tower, all at once: their matrices are stacked."""
    for place, parts in enumerate(zip(*networks, strict=True), 1):
        last = place == len(networks[0])
        own = name if last else f"{name} {place}"
        letters = (symbol, label) if last else (f"u_{place}", f"{label}, step {place}")
        values = recorded if last else None
        first: Any = parts[0]
        if type(first) in ACTIVATIONS:
            slope = {"slope": first.negative_slope} if isinstance(first, nn.LeakyReLU) else {}
            x = ledger.derive(own, *letters, ACTIVATIONS[type(first)], x, recorded=values,
                              constants=slope)  # fmt: skip
            continue
        weight = torch.stack([part.weight.T for part in parts])
        bias = torch.stack([part.bias for part in parts])
        w = ledger.weight(f"{own} weight", "W", "weights", weight, ("tower", "in", "out"))
        b = ledger.weight(f"{own} bias", "b", "bias", bias, TOWERS)
        x = ledger.derive(own, *letters, "linear", x, w, b, recorded=values, axes=TOWERS)
    return x
