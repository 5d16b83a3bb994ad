"""HypergraphConv: atoms to sets of atoms and back, Bai et al. 2021, eq. 6."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from mpnn_lab.tracing.evaluate import Ground
from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.gatv2 import HEADS
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import aggregate_at, layer_output, linear, numbered
from mpnn_lab.tracing.ledger import Ledger


def hypergraph(ledger: Ledger, call: LayerCall) -> str:
    """Give sets a_e = Σ_j (h_j W) / |e| over their atoms, atoms Σ_e a_e / d_i over their sets."""
    module: Any = call.module
    there, back = _grounds(call)
    if module.use_attention:
        return generic(ledger, replace(call, grounds=(there, back)))
    with ledger.step("gather", 0):
        z = linear(ledger, "z", "(hW)_i", "state through W", call.state, module.lin, "W")
        z = ledger.derive("z head", "z_i", "the same, as one head", "split_heads", z, axes=HEADS,
                          constants={"heads": 1}, shown=False)  # fmt: skip
    ones = np.ones(len(there.source))
    weight = call.given.get("hyperedge_weight")
    weights = ones if weight is None else weight[torch.as_tensor(there.target)]
    sets = _pass(ledger, call, there, z, ones, 0, ("|e|", "how many atoms the set has"))
    atoms = _pass(ledger, call, back, sets, weights, 1, ("d_i", "weight of the atom's sets"))
    with ledger.step("update"):
        flat = ledger.derive("heads", "a_i", "what the sets gave", "flatten", atoms,
                             axes=("channel",), shown=False)  # fmt: skip
        return layer_output(ledger, module, [flat], call.output)


def _grounds(call: LayerCall) -> tuple[Ground, Ground]:
    """From atoms to sets, whose rows are counted apart, and from sets to atoms."""
    there, back = call.grounds
    aggregated = call.propagations[0].aggregated
    sets = 0 if aggregated is None else len(aggregated)
    none = np.zeros(sets, dtype=np.int64)
    return replace(there, graph=none, receivers="hyperedge"), back


def _pass(
    ledger: Ledger, call: LayerCall, ground: Ground, state: str, weights: Any, place: int,
    counted: tuple[str, str],
) -> str:  # fmt: skip
    """What each receiver hears, over the sum of the weights that reach it."""
    record = call.propagations[place]
    symbol, words = counted
    with ledger.on(ground):
        with ledger.step("gather", place):
            name = numbered("h_j", place)
            h_j = ledger.derive(name, "h_j", "what is sent", "source", state)
            w = ledger.recorded(numbered("w", place), "w", "weight", weights, "edge", (),
                                shown=False)  # fmt: skip
            size = ledger.derive(numbered("size", place), symbol, words, "sum_incoming", w,
                                 axes=(), shown=False)  # fmt: skip
            norm = ledger.derive(numbered("norm", place), f"1/{symbol}", "one over it", "power",
                                 size, axes=(), shown=False,
                                 constants={"exponent": -1.0})  # fmt: skip
            c = ledger.derive(numbered("c", place), f"1/{symbol}", "the receiver's", "target", norm)
            ledger.weighs(c, place)
        with ledger.step("message", place):
            m = ledger.derive(numbered("message", place), "m", "message", "multiply", c, h_j,
                              recorded=record.messages, axes=HEADS)  # fmt: skip
        return aggregate_at(ledger, call.module, m, record.aggregated, place, axes=HEADS)
