"""Normalisations within a round, as arithmetic over the atoms of each molecule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch_geometric.nn import norm as pyg

from mpnn_lab.tracing.forms.parts import batch_norm, layer_norm
from mpnn_lab.tracing.ledger import Ledger

NAME, SYMBOL, LABEL = "normalised", "n_i", "normalised"
LARGEST = 1e30
LEAST = 1e-24
"""The square of the length that PyG's message normalisation divides by at least."""


def norm(ledger: Ledger, module: Any, x: str, state: str, recorded: Any) -> str:
    """What the layer gave, `x`, normalised; `state` is what entered the round."""
    with ledger.step("norm"):
        if type(module) is pyg.MessageNorm:
            return message_norm(ledger, module, x, state, NAME, SYMBOL, LABEL, recorded)
        if type(module) not in FORMS:
            ledger.cannot_check(NAME, f"no arithmetic is written down for {type(module).__name__}")
            return ledger.derive(
                NAME, SYMBOL, LABEL, "opaque", x, recorded=recorded, axes=("channel",)
            )
        return FORMS[type(module)](ledger, module, x, recorded)


def message_norm(
    ledger: Ledger, module: Any, x: str, state: str, name: str, symbol: str, label: str,
    recorded: Any = None,
) -> str:  # fmt: skip
    """The aggregate at the length of the own state, times a scale (Li et al. 2020, eq. 7)."""
    hidden = partial(ledger.derive, axes=(), shown=False)
    square = hidden(f"{name} a·a", "a·a", "squared length of the aggregate", "dot", x, x)
    kept = hidden(f"{name} a·a kept", "a·a", "at least a tiny number", "clamp", square,
                  constants={"low": LEAST, "high": LARGEST})  # fmt: skip
    shrunk = hidden(f"{name} 1/|a|", "1/|a|", "one over its length", "power", kept,
                    constants={"exponent": -0.5})  # fmt: skip
    own = hidden(f"{name} h·h", "h·h", "squared length of the state", "dot", state, state)
    length = hidden(f"{name} |h|", "|h|", "length of the state", "power", own,
                    constants={"exponent": 0.5})  # fmt: skip
    scale = ledger.weight(f"{name} scale", "s", "scale", module.scale.reshape(1), ("",))
    factor = hidden(f"{name} factor", "s|h|/|a|", "factor", "multiply", shrunk, length, scale)
    return ledger.derive(
        name, symbol, label, "multiply", x, factor, recorded=recorded, axes=("channel",)
    )


def _number(ledger: Ledger, name: str, symbol: str, label: str, value: float) -> str:
    return ledger.weight(f"{NAME} {name}", symbol, label, [value], ("",))


def _centred(ledger: Ledger, x: str, alpha: Any = -1.0, symbol: str = "−1") -> str:
    """Give x less its mean over the molecule's atoms (times α)."""
    derive = partial(ledger.derive, shown=False)
    mean = ledger.derive(f"{NAME} mean", "μ", "mean over the molecule's atoms", "mean_nodes", x)
    each = derive(f"{NAME} mean of", "μ", "mean of the atom's molecule", "of_graph", mean)
    values = alpha if isinstance(alpha, torch.Tensor) else [alpha]
    axes = ("channel",) if isinstance(alpha, torch.Tensor) else ("",)
    minus = ledger.weight(f"{NAME} minus", symbol, "minus one, times α if there is one", values,
                          axes)  # fmt: skip
    less = derive(f"{NAME} less", f"{symbol} μ", "less the mean", "multiply", each, minus)
    return derive(f"{NAME} centred", "x−μ", "less the mean", "add", x, less)


def _spread(ledger: Ledger, squares: str, eps: float) -> str:
    """1/√(σ² + ε) for every atom, σ² the mean of these squares over the molecule's atoms."""
    derive = partial(ledger.derive, shown=False)
    variance = ledger.derive(
        f"{NAME} variance", "σ²", "mean of the squares over the molecule's atoms", "mean_nodes",
        squares,
    )  # fmt: skip
    small = _number(ledger, "eps", "ε", "a small number", eps)
    safe = derive(f"{NAME} variance safe", "σ²+ε", "never nothing", "add", variance, small)
    root = derive(f"{NAME} 1/σ", "1/√(σ²+ε)", "one over the spread", "power", safe,
                  constants={"exponent": -0.5})  # fmt: skip
    return derive(f"{NAME} 1/σ of", "1/σ", "of the atom's molecule", "of_graph", root)


def _affine(ledger: Ledger, module: Any, x: str, factor: str, recorded: Any) -> str:
    """Give x times the factor, times γ, plus β, where the module has them."""
    result = partial(ledger.derive, NAME, SYMBOL, LABEL, recorded=recorded, axes=("channel",))
    if getattr(module, "weight", None) is None:
        return result("multiply", x, factor)
    gamma = ledger.weight(f"{NAME} weight", "γ", "scale", module.weight, ("channel",))
    beta = ledger.weight(f"{NAME} bias", "β", "shift", module.bias, ("channel",))
    scaled = ledger.derive(f"{NAME} scaled", "γ(x−μ)/σ", "scaled", "multiply", x, factor, gamma,
                           axes=("channel",), shown=False)  # fmt: skip
    return result("add", scaled, beta)


def _batch(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    return batch_norm(ledger, NAME, SYMBOL, LABEL, module.module, x, recorded, shown=True)


def _instance(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    centred = _centred(ledger, x)
    squares = ledger.derive(
        f"{NAME} squares", "(x−μ)²", "squares", "multiply", centred, centred, shown=False
    )
    return _affine(ledger, module, centred, _spread(ledger, squares, module.eps), recorded)


def _graph(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    centred = _centred(ledger, x, -module.mean_scale, "−α")
    squares = ledger.derive(
        f"{NAME} squares", "(x−αμ)²", "squares", "multiply", centred, centred, shown=False
    )
    return _affine(ledger, module, centred, _spread(ledger, squares, module.eps), recorded)


def _layer(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    if module.mode == "node":
        return layer_norm(ledger, NAME, SYMBOL, LABEL, module, x, recorded, shown=True)
    width = module.in_channels
    share = ledger.weight(
        f"{NAME} share", "1/F", "one over the channels", torch.full((width,), 1 / width),
        ("channel",),
    )  # fmt: skip
    hidden = partial(ledger.derive, axes=(), shown=False)
    own = hidden(f"{NAME} own mean", "x̄_i", "mean of the atom's channels", "dot", x, share)
    mean = ledger.derive(f"{NAME} mean", "μ", "mean over all channels of all atoms", "mean_nodes",
                         own)  # fmt: skip
    each = hidden(f"{NAME} mean of", "μ", "mean of the atom's molecule", "of_graph", mean)
    minus = _number(ledger, "minus", "−1", "minus one", -1.0)
    less = hidden(f"{NAME} less", "−μ", "less the mean", "multiply", each, minus)
    centred = ledger.derive(f"{NAME} centred", "x−μ", "less the mean", "add", x, less,
                            axes=("channel",), shown=False)  # fmt: skip
    square = hidden(f"{NAME} squares", "|x−μ|²", "squared length", "dot", centred, centred)
    one = _number(ledger, "1/F", "1/F", "one over the channels", 1 / width)
    shared = hidden(f"{NAME} square", "|x−μ|²/F", "mean square", "multiply", square, one)
    return _affine(ledger, module, centred, _spread(ledger, shared, module.eps), recorded)


def _size(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    one = ledger.recorded(f"{NAME} one", "1", "each atom counts once",
                          torch.ones(ledger.ground.nodes), "node", (), shown=False)  # fmt: skip
    count = ledger.derive(f"{NAME} n", "n", "atoms of the molecule", "sum_nodes", one)
    root = ledger.derive(f"{NAME} 1/√n", "1/√n", "one over its root", "power", count,
                         constants={"exponent": -0.5}, shown=False)  # fmt: skip
    each = ledger.derive(f"{NAME} 1/√n of", "1/√n", "of the atom's molecule", "of_graph", root,
                         shown=False)  # fmt: skip
    return _affine(ledger, module, x, each, recorded)


def _pair(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    centred = _centred(ledger, x)
    hidden = partial(ledger.derive, axes=(), shown=False)
    if module.scale_individually:
        ledger.cannot_check(NAME, "it scales each atom by itself")
        return ledger.derive(NAME, SYMBOL, LABEL, "opaque", centred, recorded=recorded,
                             axes=("channel",))  # fmt: skip
    squares = hidden(f"{NAME} squares", "|x−μ|²", "squared length", "dot", centred, centred)
    factor = _spread(ledger, squares, module.eps)
    if module.scale != 1:
        scale = _number(ledger, "scale", "s", "scale", module.scale)
        factor = hidden(f"{NAME} factor", "s/σ", "factor", "multiply", factor, scale)
    return _affine(ledger, module, centred, factor, recorded)


def _mean(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    mean = ledger.derive(f"{NAME} mean", "μ", "mean over the molecule's atoms", "mean_nodes", x)
    each = ledger.derive(f"{NAME} mean of", "μ", "mean of the atom's molecule", "of_graph", mean,
                         shown=False)  # fmt: skip
    minus = _number(ledger, "minus", "−1", "minus one", -1.0)
    less = ledger.derive(f"{NAME} less", "−μ", "less the mean", "multiply", each, minus,
                         shown=False)  # fmt: skip
    return ledger.derive(NAME, SYMBOL, LABEL, "add", x, less, recorded=recorded)


def _groups(ledger: Ledger, module: Any, x: str, recorded: Any) -> str:
    """Add λ (x · (s K) + b) to x: the batch norms of all groups put together.

    Each group's is (s_ig x − μ_g) k_g + β_g with k = γ/√(σ² + ε), so that K holds the k_g and b
    is Σ_g β_g − μ_g k_g (Zhou et al. 2020).
    """
    groups, width, batch = module.groups, module.in_channels, module.norm
    scale = (batch.weight / (batch.running_var + batch.eps).sqrt()).view(groups, width)
    shift = (batch.bias.view(groups, width) - batch.running_mean.view(groups, width) * scale).sum(0)
    w = ledger.weight(f"{NAME} W", "W", "weights", module.lin.weight.T, ("in", "group"))
    logit = ledger.derive(f"{NAME} logit", "l_i", "how well each group fits", "linear", x, w,
                          axes=("group",), shown=False)  # fmt: skip
    share = ledger.derive(f"{NAME} share", "s_i", "share of each group", "softmax_channels", logit)
    k = ledger.weight(f"{NAME} K", "K", "scale over the running spread", scale, ("group", "out"))
    gain = ledger.derive(f"{NAME} gain", "s K", "factor of each channel", "linear", share, k,
                         shown=False)  # fmt: skip
    grown = ledger.derive(f"{NAME} grown", "x(sK)", "times the factor", "multiply", x, gain,
                          shown=False)  # fmt: skip
    b = ledger.weight(f"{NAME} b", "b", "shift", shift, ("channel",))
    both = ledger.derive(f"{NAME} groups", "Σ_g", "all groups, normalised", "add", grown, b,
                         shown=False)  # fmt: skip
    balance = _number(ledger, "lambda", "λ", "how much of it is added", module.lamda)
    small = ledger.derive(f"{NAME} part", "λΣ_g", "what is added", "multiply", both, balance,
                          shown=False)  # fmt: skip
    return ledger.derive(NAME, SYMBOL, LABEL, "add", x, small, recorded=recorded)


FORMS: dict[type, Callable[[Ledger, Any, str, Any], str]] = {
    pyg.BatchNorm: _batch,
    pyg.InstanceNorm: _instance,
    pyg.LayerNorm: _layer,
    pyg.GraphNorm: _graph,
    pyg.GraphSizeNorm: _size,
    pyg.PairNorm: _pair,
    pyg.MeanSubtractionNorm: _mean,
    pyg.DiffGroupNorm: _groups,
}
