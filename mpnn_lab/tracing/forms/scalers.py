"""Aggregates scaled by how many rows they are made of, Corso et al. 2020."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, cast

import numpy as np

from mpnn_lab.tracing.arithmetic import Op
from mpnn_lab.tracing.ledger import Ledger

LARGEST = float(np.finfo(np.float32).max)
WORDS = {
    "identity": "as it is",
    "amplification": "scaled up by the logarithm of the degree",
    "attenuation": "scaled down by it",
    "linear": "scaled up by the degree",
    "inverse_linear": "scaled down by it",
}


def scaled(
    ledger: Ledger, module: Any, rows: str, over: Literal["incoming", "nodes"], name: str,
    symbol: str, recorded: Any, shown: bool, inner: Callable[[str], str],
) -> str:  # fmt: skip
    """`inner(name)` writes the unscaled aggregate down; here it is scaled in each of the ways."""
    only = len(module.scaler) == 1
    total = inner(f"{name} unscaled")
    parts = []
    for k, way in enumerate(module.scaler, 1):
        own, letter = (name, symbol) if only else (f"{name} {way}", f"{symbol}^{k}")
        factor = () if way == "identity" else (_factor(ledger, module, way, name, rows, over),)
        op: Op = "multiply" if factor else "add"
        parts.append(
            ledger.derive(
                own, letter, f"aggregates, {WORDS[way]}", op, *factor, total,
                recorded=recorded if only else None, axes=ledger[total].axes,
                shown=shown and (only or way != "identity"),
            )
        )  # fmt: skip
    if only:
        return parts[0]
    return ledger.derive(
        name, symbol, "all of them end to end", "concatenate", *parts, recorded=recorded,
        shown=shown,
    )  # fmt: skip


def by_root(
    ledger: Ledger, rows: str, over: Literal["incoming", "nodes"], name: str, symbol: str,
    recorded: Any, shown: bool,
) -> str:  # fmt: skip
    """The sum over the root of how many rows there are (Schneckenreiter et al. 2024)."""
    per: Any = "edge" if over == "incoming" else "node"
    ones = np.ones(len(ledger.rows(rows)))
    one = ledger.recorded(f"{name} one", "1", "one each", ones, per, (), shown=False)
    count = ledger.derive(f"{name} count", "n", "how many there are", cast(Op, f"sum_{over}"), one,
                          axes=(), shown=False)  # fmt: skip
    share = ledger.derive(f"{name} root", "1/√n", "one over its root", "power", count, axes=(),
                          constants={"exponent": -0.5}, shown=False)  # fmt: skip
    total = ledger.derive(f"{name} sum", f"s{symbol[1:]}", "their sum", cast(Op, f"sum_{over}"),
                          rows, shown=shown)  # fmt: skip
    return ledger.derive(
        name, symbol, "sum over the root of their number", "multiply", share, total,
        recorded=recorded, axes=ledger[total].axes, shown=shown,
    )  # fmt: skip


def _factor(ledger: Ledger, module: Any, way: str, name: str, rows: str, over: str) -> str:
    """log(d + 1) / δ and its inverse, or d / δ and its inverse, δ their mean in training."""

    def made(part: str, symbol: str, label: str, op: Op, *args: str, **more: Any) -> str:
        return ledger.derive(f"{name} {way} {part}", symbol, label, op, *args, axes=(),
                             shown=False, **more)  # fmt: skip

    def number(part: str, symbol: str, label: str, value: Any) -> str:
        return ledger.weight(f"{name} {way} {part}", symbol, label, value, ("",))

    count = len(ledger.rows(rows))
    per: Any = "edge" if over == "incoming" else "node"
    one = ledger.recorded(f"{name} {way} one", "1", "one each", np.ones(count), per, (),
                          shown=False)  # fmt: skip
    size = made("degree", "d", "how many there are", cast(Op, f"sum_{over}"), one)
    down = way in ("attenuation", "inverse_linear")
    if down:  # where there is none, PyG counts one
        size = made("at least", "d", "at least one", "clamp", size,
                    constants={"low": 1.0, "high": LARGEST})  # fmt: skip
    mean = module.avg_deg_lin
    if way in ("amplification", "attenuation"):
        size = made("more", "d+1", "and one", "add", size, number("1", "1", "one", [1.0]))
        size = made("log", "log(d+1)", "its logarithm", "log", size)
        mean = module.avg_deg_log
    delta = number("delta", "δ" if down else "1/δ", "mean over the training set",
                   mean if down else 1 / mean.detach().double())  # fmt: skip
    if down:
        size = made("inverse", "1/d", "one over it", "power", size, constants={"exponent": -1.0})
    return made("factor", "s_i", WORDS[way], "multiply", size, delta)
