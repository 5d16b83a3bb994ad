"""FiLMConv: the receiver scales and shifts what it hears, for each relation, Brockschmidt 2020."""

from __future__ import annotations

from typing import Any

from torch_geometric.nn.dense.linear import Linear

from mpnn_lab.tracing.forms.call import LayerCall
from mpnn_lab.tracing.forms.generic import generic
from mpnn_lab.tracing.forms.parts import ACTIVATIONS, aggregate_at, gather, linear, numbered
from mpnn_lab.tracing.ledger import Ledger


def film(ledger: Ledger, call: LayerCall) -> str:
    """m_ij = σ(γ_ri ⊙ (h_j W_r) + β_ri), [β_ri, γ_ri] = h_i V_r; the relations' aggregates summed.

    (arXiv:1906.12192; PyG treats the own state as one relation more.)
    """
    module: Any = call.module
    films = [*module.films, module.film_skip]
    known = module.act is None or type(module.act) in ACTIVATIONS
    if not known or any(type(f) is not Linear for f in films):
        return generic(ledger, call)
    terms = []
    for r, record in enumerate(call.propagations):
        with ledger.on(call.grounds[r]):
            h_j = gather(ledger, call.state, r)
            with ledger.step("message", r):
                beta, gamma = _film(ledger, module, call.state, module.films[r], numbered("", r))
                beta_i, gamma_i = (
                    ledger.derive(numbered(f"{name}_i", r), f"{letter}_i", f"the atom's {word}",
                                  "target", values)
                    for name, letter, word, values in (
                        ("beta", "β", "shift", beta), ("gamma", "γ", "scale", gamma)
                    )
                )  # fmt: skip
            with ledger.step("message", r):
                z_j = linear(ledger, numbered("z_j", r), "z_j", "neighbour's state through W", h_j,
                             module.lins[r], "W")  # fmt: skip
                m_ij = _modulated(ledger, module, numbered("message", r), "m_ij", z_j, beta_i,
                                  gamma_i, "message", record.messages)  # fmt: skip
            terms.append(aggregate_at(ledger, module, m_ij, record.aggregated, r))
    with ledger.step("update"):
        beta, gamma = _film(ledger, module, call.state, module.film_skip, " own")
        z_i = linear(ledger, "own z", "z_i", "own state through W", call.state, module.lin_skip,
                     "W")  # fmt: skip
        own = _modulated(ledger, module, "own", "o_i", z_i, beta, gamma, "own state, modulated")
        return ledger.derive("layer", "c_i", "what the layer gives", "add", own, *terms,
                             recorded=call.output)  # fmt: skip


def _film(ledger: Ledger, module: Any, state: str, part: Any, suffix: str) -> list[str]:
    """β and γ of every atom: the two halves of one linear map."""
    out = []
    for half, (name, letter, word) in enumerate((("beta", "β", "shift"), ("gamma", "γ", "scale"))):
        rows = slice(half * module.out_channels, (half + 1) * module.out_channels)
        args = [state, ledger.weight(f"{name}{suffix} weight", f"V_{letter}", "weights",
                                     part.weight[rows].T, ("in", "out"))]  # fmt: skip
        if part.bias is not None:
            args.append(
                ledger.weight(f"{name}{suffix} bias", "b", "bias", part.bias[rows], ("channel",))
            )
        out.append(
            ledger.derive(
                f"{name}{suffix}",
                f"{letter}_i",
                f"{word} by the own state",
                "linear",
                *args,
                shown=False,
            )
        )
    return out


def _modulated(
    ledger: Ledger, module: Any, name: str, symbol: str, z: str, beta: str, gamma: str, label: str,
    recorded: Any = None,
) -> str:  # fmt: skip
    """σ(γ ⊙ z + β)."""
    scaled = ledger.derive(f"{name} scaled", "γ z", "scaled", "multiply", gamma, z, shown=False)
    if module.act is None:
        return ledger.derive(name, symbol, label, "add", scaled, beta, recorded=recorded)
    inside = ledger.derive(f"{name} shifted", "γ z + β", "scaled and shifted", "add", scaled, beta)
    op = ACTIVATIONS[type(module.act)]
    slope = {"slope": module.act.negative_slope} if op == "leaky_relu" else {}
    return ledger.derive(name, symbol, label, op, inside, recorded=recorded, constants=slope)
