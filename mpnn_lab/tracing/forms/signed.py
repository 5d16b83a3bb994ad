"""SignedConv: bonds of two signs, each with matrices of its own, Derr et al. 2018, eq. 4 to 7."""

from __future__ import annotations

from typing import Any

import torch

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.parts import aggregate_at, linear, numbered
from mpnn_lab.tracing.ledger import Ledger

FIRST = (("pos", "positive"), ("neg", "negative"))


def signed(ledger: Ledger, call: LayerCall) -> str:
    """[positive half, negative half]: what each hears through W, and its own state through V."""
    module: Any = call.module
    if module.first_aggr:
        heard = [_hear(ledger, call, call.state, place) for place in range(2)]
        parts = [(heard[0], call.state), (heard[1], call.state)]
    else:
        pos, neg = (_half(ledger, call, k) for k in range(2))
        # The friend's friend and the enemy's enemy; the friend's enemy and the enemy's friend.
        given = [
            _hear(ledger, call, half, place) for place, half in enumerate((pos, neg, neg, pos))
        ]
        with ledger.step("update"):
            parts = [
                (ledger.derive(f"heard {sign}", f"a^{sign}_i", f"heard by the {word} half",
                               "concatenate", *given[2 * k : 2 * k + 2], shown=False), own)
                for k, ((sign, word), own) in enumerate(zip(FIRST, (pos, neg), strict=True))
            ]  # fmt: skip
    with ledger.step("update"):
        halves = []
        for (sign, word), (total, own) in zip(FIRST, parts, strict=True):
            left, right = getattr(module, f"lin_{sign}_l"), getattr(module, f"lin_{sign}_r")
            w = linear(ledger, f"{sign} heard", f"(aW)^{sign}_i", f"heard, {word}", total, left,
                       f"W_{sign}")  # fmt: skip
            v = linear(ledger, f"{sign} own", f"(hV)^{sign}_i", f"own state, {word}", own, right,
                       f"V_{sign}")  # fmt: skip
            halves.append(
                ledger.derive(sign, f"c^{sign}_i", f"{word} half", "add", w, v, shown=False)
            )
        return ledger.derive("layer", "c_i", "what the layer gives", "concatenate", *halves,
                             recorded=call.output)  # fmt: skip


def _hear(ledger: Ledger, call: LayerCall, state: str, place: int) -> str:
    """m_ij = h_j along the bonds of one sign, aggregated."""
    record = call.propagations[place]
    with ledger.on(call.grounds[place]):
        with ledger.step("gather", place):
            h_j = ledger.derive(numbered("h_j", place), "h_j", "neighbour's state", "source", state)
        with ledger.step("message", place):
            m_ij = ledger.derive(numbered("message", place), "m_ij", "message", "add", h_j,
                                 recorded=record.messages)  # fmt: skip
        return aggregate_at(ledger, call.module, m_ij, record.aggregated, place)


def _half(ledger: Ledger, call: LayerCall, k: int) -> str:
    """The positive or the negative half of the states, by a matrix of ones and zeros."""
    sign, word = FIRST[k]
    width: Any = call.module.in_channels
    with ledger.step("gather", 0):
        picks = ledger.weight(f"{sign} picks", "I", f"one for the {word} channels",
                              torch.eye(2 * width)[:, k * width : (k + 1) * width],
                              ("in", "out"))  # fmt: skip
        return ledger.derive(f"h {sign}", f"h^{sign}_i", f"{word} half of the state", "linear",
                             call.state, picks, shown=False)  # fmt: skip
