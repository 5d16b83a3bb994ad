"""GeneralConv: m_ij = h_j · W (+ h_i · U + e_ij · W_e), You et al. 2020, in heads."""

from __future__ import annotations

from typing import Any

from torch import nn

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.ends import bond, receiver
from mpnn_lab.tracing.forms.lengths import unit_length
from mpnn_lab.tracing.forms.parts import aggregate, gather, linear, share
from mpnn_lab.tracing.ledger import Ledger

HEADS = ("head", "channel")
SLOPE = 0.2


def general(ledger: Ledger, call: LayerCall) -> str:
    """The message, weighed by attention where there is any; the mean over heads; the own state."""
    module: Any = call.module
    messages = call.propagations[0].messages
    h_j = gather(ledger, call.state)
    with ledger.step("message", 0):
        e_ij = bond(ledger, call)
        h_i = None
        if not module.directed_msg or _by_product(module):
            h_i = receiver(ledger, call)
        flat = _basic(ledger, module, "", "m", h_j, None if module.directed_msg else h_i, e_ij)
    if not module.attention:
        with ledger.step("message", 0):
            m_ij = ledger.derive(
                "message", "m_ij", "message", "split_heads", flat, recorded=messages, axes=HEADS,
                constants={"heads": module.heads},
            )  # fmt: skip
    else:
        m_ij = _attended(ledger, call, flat, h_j, h_i, e_ij)
    total = aggregate(ledger, module, m_ij, call.propagations[0].aggregated)
    with ledger.step("update"):
        terms = [
            ledger.derive(
                "heads", "a_i", "mean over the heads", "mean_heads", total, axes=("channel",),
                shown=module.heads > 1,
            )
        ]  # fmt: skip
        if isinstance(module.lin_self, nn.Identity):
            terms.append(call.state)
        else:
            terms.append(
                linear(ledger, "own", "(hS)_i", "own state through S", call.state,
                       module.lin_self, "S")
            )  # fmt: skip
        if module.normalize_l2:
            both = ledger.derive("both", "s_i", "both together", "add", *terms)
            return unit_length(ledger, "layer", "c_i", "what the layer gives", both, call.output)
        return ledger.derive(
            "layer", "c_i", "what the layer gives", "add", *terms, recorded=call.output
        )


def _by_product(module: Any) -> bool:
    return bool(module.attention and module.attention_type == "dot_product")


def _basic(
    ledger: Ledger, module: Any, prefix: str, letter: str, sender: str, other: str | None,
    e_ij: str | None,
) -> str:  # fmt: skip
    """What PyG calls the basic message, heads side by side."""
    terms = [
        linear(ledger, f"{prefix}sent", f"(hW)_{letter}", "state through W", sender,
               module.lin_msg, "W")
    ]  # fmt: skip
    if other is not None:
        terms.append(
            linear(ledger, f"{prefix}heard", f"(hU)_{letter}", "other state through U", other,
                   module.lin_msg_i, "U")
        )  # fmt: skip
    if e_ij is not None:
        terms.append(
            linear(ledger, f"{prefix}bond", f"(eW)_{letter}", "bond as a vector", e_ij,
                   module.lin_edge, "W_e")
        )  # fmt: skip
    if len(terms) == 1:
        return terms[0]
    return ledger.derive(f"{prefix}sum", f"s_{letter}", "their sum", "add", *terms)


def _attended(
    ledger: Ledger, call: LayerCall, flat: str, h_j: str, h_i: str | None, e_ij: str | None
) -> str:
    """The basic message times its share of the attention."""
    module: Any = call.module
    heads: Any = {"axes": HEADS, "constants": {"heads": module.heads}}
    with ledger.step("attention", 0):
        z_ij = ledger.derive(
            "z_ij", "z_ij", "message before attention", "split_heads", flat, **heads
        )
        if _by_product(module):
            assert h_i is not None
            back = _basic(
                ledger, module, "back ", "ji", h_i, None if module.directed_msg else h_j, e_ij
            )
            z_ji = ledger.derive(
                "z_ji", "z_ji", "message the other way about", "split_heads", back, **heads,
                shown=False,
            )  # fmt: skip
            dot = ledger.derive("dot", "z_ji·z_ij", "their product", "dot", z_ji, z_ij,
                                axes=("head",), shown=False)  # fmt: skip
            one = ledger.weight("1/sqrt", "1/√d", "one over the root of the width",
                                1 / module.scaler.reshape(1), ("",))  # fmt: skip
            raw = ledger.derive("raw", "l_ij", "product, scaled", "multiply", dot, one)
        else:
            a = ledger.weight("a", "a", "attention vector", module.att_msg[0], HEADS)
            raw = ledger.derive("raw", "l_ij", "product with a", "dot", z_ij, a, axes=("head",))
        logit = ledger.derive(
            "logit", "l_ij", "attention logit, through LeakyReLU", "leaky_relu", raw,
            constants={"slope": SLOPE},
        )  # fmt: skip
        alpha = share(ledger, logit)
    with ledger.step("message", 0):
        return ledger.derive(
            "message", "m_ij", "message", "multiply", alpha, z_ij,
            recorded=call.propagations[0].messages, axes=HEADS,
        )  # fmt: skip
