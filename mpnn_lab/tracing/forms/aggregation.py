"""Aggregations of PyG's: messages into an atom, or atoms into a molecule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from torch import Tensor
from torch_geometric.nn import aggr

from mpnn_lab.nn.by_size import BySize
from mpnn_lab.tracing.arithmetic import QUANTILES, Op
from mpnn_lab.tracing.forms import equilibrium, learned, sequences, transformers
from mpnn_lab.tracing.forms.scalers import LARGEST, by_root, scaled
from mpnn_lab.tracing.forms.task import Over, Task
from mpnn_lab.tracing.ledger import Ledger

PLAIN: dict[type, tuple[str, str]] = {
    aggr.SumAggregation: ("sum", "sum"),
    aggr.MeanAggregation: ("mean", "mean"),
    aggr.MaxAggregation: ("max", "maximum"),
    aggr.MinAggregation: ("min", "minimum"),
    aggr.MulAggregation: ("mul", "product"),
    aggr.VarAggregation: ("var", "variance"),
    aggr.StdAggregation: ("std", "standard deviation"),
}
WEIGHTED = (
    aggr.SoftmaxAggregation,
    aggr.PowerMeanAggregation,
    aggr.VariancePreservingAggregation,
)

FAMILIES = (learned, sequences, transformers, equilibrium)
KNOWN: dict[type, Callable[[Any], bool]] = {k: v for f in FAMILIES for k, v in f.KNOWN.items()}
FORMS: dict[type, Callable[[Ledger, Task], str]] = {
    k: v for f in FAMILIES for k, v in f.FORMS.items()
}


def known(module: Any) -> bool:
    """Whether `reduction` can write this aggregation down."""
    if type(module) is BySize:
        # PyG's equilibrium shares its steps out among the groups that it is given together.
        apart = module.alone or type(module.inner) is not aggr.EquilibriumAggregation
        return apart and known(module.inner)
    if type(module) is aggr.MultiAggregation:
        return module.mode in ("cat", "sum") and all(map(known, module.aggrs))
    if type(module) is aggr.DegreeScalerAggregation:
        return known(module.aggr)
    if type(module) in (aggr.QuantileAggregation, aggr.MedianAggregation):
        # By "nearest" PyG settles ties by the rows of other atoms, too.
        return bool(module.interpolation != "nearest" and module.fill_value == 0)
    if type(module) in KNOWN:
        return KNOWN[type(module)](module)
    return type(module) in WEIGHTED or type(module) in PLAIN


def reduction(
    ledger: Ledger, module: Any, rows: str, over: Over, name: str, symbol: str,
    recorded: Any = None, *, shown: bool = True,
) -> str:  # fmt: skip
    """The aggregate of `rows`, called `name`; of an aggregation that is `known`."""
    padded = type(module) is not BySize
    if not padded:
        module = module.inner
    if type(module) in FORMS:
        task = Task(module, rows, over, name, symbol, recorded, shown, padded)
        return FORMS[type(module)](ledger, task)
    derive = partial(ledger.derive, shown=shown)
    things = "messages" if over == "incoming" else "atoms"
    if type(module) in PLAIN:
        verb, word = PLAIN[type(module)]
        label = f"{word} of the {things}"
        return derive(name, symbol, label, _op(verb, over), rows, recorded=recorded)
    if type(module) is aggr.MultiAggregation:
        parts = [
            reduction(ledger, part, rows, over, f"{name} part {k}", f"{symbol}^{k}", shown=shown)
            for k, part in enumerate(module.aggrs, 1)
        ]
        if module.mode == "sum":
            return derive(
                name, symbol, "several aggregates, added", "add", *parts, recorded=recorded
            )
        label = "several aggregates end to end"
        return derive(name, symbol, label, "concatenate", *parts, recorded=recorded)
    if type(module) is aggr.DegreeScalerAggregation:
        return scaled(
            ledger, module, rows, over, name, symbol, recorded, shown,
            lambda own: reduction(
                ledger, module.aggr, rows, over, own, f"b{symbol[1:]}", shown=shown
            ),
        )  # fmt: skip
    if type(module) is aggr.VariancePreservingAggregation:
        return by_root(ledger, rows, over, name, symbol, recorded, shown)
    if type(module) is aggr.SoftmaxAggregation:
        return _softmax(ledger, module, rows, over, name, symbol, recorded, shown)
    if type(module) is aggr.PowerMeanAggregation:
        return _power_mean(ledger, module, rows, over, name, symbol, recorded, shown)
    return _quantiles(ledger, module, rows, over, name, symbol, recorded, shown)


def _quantiles(
    ledger: Ledger, module: Any, rows: str, over: Over, name: str, symbol: str, recorded: Any,
    shown: bool,
) -> str:  # fmt: skip
    """One quantile, or several side by side."""
    things = "messages" if over == "incoming" else "atoms"
    rule = float(QUANTILES.index(module.interpolation))
    several, parts = module.q.numel() > 1, []
    for k, q in enumerate(module.q.flatten().tolist(), 1):
        own, letter = (f"{name} part {k}", f"{symbol}^{k}") if several else (name, symbol)
        word = "median" if type(module) is aggr.MedianAggregation else f"quantile {q:g}"
        parts.append(
            ledger.derive(
                own, letter, f"{word} of the {things}", _op("quantile", over), rows, shown=shown,
                recorded=None if several else recorded, constants={"q": q, "rule": rule},
            )
        )  # fmt: skip
    if not several:
        return parts[0]
    label = "several quantiles end to end"
    return ledger.derive(name, symbol, label, "concatenate", *parts, recorded=recorded, shown=shown)


def _op(verb: str, over: Over) -> Op:
    return cast(Op, f"{verb}_{over}")


def _softmax(
    ledger: Ledger, module: Any, rows: str, over: Over, name: str, symbol: str, recorded: Any,
    shown: bool,
) -> str:  # fmt: skip
    """Shares by a softmax of t times the rows, then the rows by their shares.

    (Li et al. 2020, arXiv:2006.07739, eq. 3; t is an inverse temperature.)
    """
    t = module.t if isinstance(module.t, Tensor) else float(module.t)
    if isinstance(t, Tensor) or t != 1:
        weight = t.reshape(-1) if isinstance(t, Tensor) else [t]
        scale = ledger.weight(f"{name} t", "t", "inverse temperature", weight, ("channel",))
        scaled = ledger.derive(
            f"{name} logit", "t m", "times t", "multiply", rows, scale, shown=False
        )
    else:
        scaled = rows
    shares = ledger.derive(
        f"{name} share", "s", "share of the sum", _op("softmax", over), scaled, shown=shown
    )
    if over == "incoming":
        ledger.weighs(shares, ledger.propagation)
    label = "sum, each by its share"
    op = _op("weighted_sum", over)
    return ledger.derive(name, symbol, label, op, shares, rows, recorded=recorded, shown=shown)


def _said(low: float | None, high: float | None) -> str:
    """Bounds in words: ``"between 0.0001 and 100"``."""
    if low is None or high is None:
        ends = (f"at least {low:g}" if low is not None else "",
                f"at most {high:g}" if high is not None else "")  # fmt: skip
        return "".join(ends) or "as it is"
    return f"between {low:g} and {high:g}"


def _power_mean(
    ledger: Ledger, module: Any, rows: str, over: Over, name: str, symbol: str, recorded: Any,
    shown: bool,
) -> str:  # fmt: skip
    """(mean of m^p)^(1/p), the numbers kept within PyG's bounds before each power."""
    if isinstance(module.p, Tensor) and module.p.numel() > 1:
        ledger.cannot_check(name, "each channel has a power of its own")
        return ledger.derive(name, symbol, "power mean", "opaque", rows, recorded=recorded)
    p = float(module.p.detach() if isinstance(module.p, Tensor) else module.p)
    hidden = partial(ledger.derive, shown=False)
    plain = p == 1 and not isinstance(module.p, Tensor)
    if plain:
        label = "mean (power 1)"
        return ledger.derive(name, symbol, label, _op("mean", over), rows, recorded=recorded)
    low, high = module.min_value, module.max_value
    bounds = {
        "low": -LARGEST if low is None else low,
        "high": LARGEST if high is None else high,
    }
    within = f"kept {_said(low, high)}, as PyG does"
    derive = partial(ledger.derive, shown=shown)
    own, rest = ("k_ij" if over == "incoming" else "k_i"), symbol[1:]
    kept = derive(f"{name} kept", own, within, "clamp", rows, constants=bounds)
    raised = hidden(
        f"{name} power", own.replace("_", "^{p}_"), f"{within}, to the power p", "power", kept,
        constants={"exponent": p},
    )  # fmt: skip
    mean = derive(f"{name} mean", f"v{rest}", "mean of the powers", _op("mean", over), raised)
    bound = derive(
        f"{name} bound", f"w{rest}", f"that mean, {within}", "clamp", mean, constants=bounds
    )
    label = f"power mean, p = {p:.3g}"
    return ledger.derive(
        name, symbol, label, "power", bound, recorded=recorded, constants={"exponent": 1 / p},
        shown=shown,
    )  # fmt: skip
