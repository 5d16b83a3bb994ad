"""Layers that hold layers: what they make of the inner ones' results."""

from __future__ import annotations

from typing import Any

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.tracing.forms.parts import ACTIVATIONS, linear
from mpnn_lab.tracing.ledger import Ledger


def wrapped(ledger: Ledger, holder: Any, state: str, inner: str, before: Ledger) -> str | None:
    """What a layer that holds this one makes of its result; None where that is not written down.

    `before` is the ledger of the round before, where the holder's first layer may stand.
    """
    if type(holder) is pyg.AntiSymmetricConv:
        return antisymmetric(ledger, holder, state, inner)
    if type(holder) is pyg.DirGNNConv:
        there = ledger.borrow(before[f"{before.prefix}/layer"])
        return directed(ledger, holder, state, there, inner)
    return None


def antisymmetric(ledger: Ledger, module: Any, state: str, inner: str) -> str | None:
    """AntiSymmetricConv: h + ε σ(h (W − Wᵀ − γI)ᵀ + φ(h) + b), Gravina et al. 2023.

    None where it goes through several steps: each is then a round of its own.
    """
    op = ACTIVATIONS.get(type(module.act))
    if module.num_iters != 1 or (module.act is not None and op is None):
        return None
    with ledger.step("update"):
        turn = (module.W - module.W.t() - module.gamma * module.eye).t()
        w = ledger.weight("A", "A", "antisymmetric weights", turn, ("in", "out"))
        own = ledger.derive("turned", "(hA)_i", "own state through A", "linear", state, w)
        terms = [own, inner]
        if module.bias is not None:
            terms.append(ledger.weight("A bias", "b", "bias", module.bias, ("channel",)))
        mixed = ledger.derive("mixed", "s_i", "own state and neighbours", "add", *terms)
        if op is not None:
            slope = {"slope": module.act.negative_slope} if op == "leaky_relu" else {}
            mixed = ledger.derive("bent", "σ(s)_i", f"through {op}", op, mixed, constants=slope)
        eps = ledger.weight("epsilon", "ε", "size of the step", [module.epsilon], ("",))
        step = ledger.derive("epsilon step", "ε σ(s)_i", "a small step", "multiply", mixed, eps)
        return ledger.derive("stepped", "x_i", "state and step", "add", state, step)


def directed(ledger: Ledger, module: Any, state: str, there: str, back: str) -> str:
    """DirGNNConv: (1 − α) of one direction, α of the other, Rossi et al. 2023."""
    with ledger.step("update"):
        terms = []
        for name, symbol, x, share in (
            ("there", "(1−α)a", there, 1 - module.alpha),
            ("back", "αb", back, module.alpha),
        ):
            number = ledger.weight(f"{name} share", symbol[:-1], "share", [share], ("",))
            label = f"what came {name}, in part"
            terms.append(ledger.derive(name, f"{symbol}_i", label, "multiply", x, number))
        if module.root_weight:
            terms.append(
                linear(ledger, "own direction", "(hU)_i", "own state through U", state,
                       module.lin, "U")
            )  # fmt: skip
        return ledger.derive("both", "u_i", "both directions", "add", *terms)


def why_not(module: nn.Module) -> str:
    """Why what a module makes of its layers' results is not recomputed."""
    if isinstance(module, pyg.GPSConv):
        return "no arithmetic is written down for GPSConv's attention among all atoms"
    if isinstance(module, pyg.AntiSymmetricConv):
        return "no arithmetic is written down for several steps of AntiSymmetricConv"
    return "what the model does between its layers is not known"
