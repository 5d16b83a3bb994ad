"""Rows over their lengths, as torch's `normalize` does."""

from __future__ import annotations

from typing import Any

from mpnn_lab.tracing.forms.scalers import LARGEST
from mpnn_lab.tracing.ledger import Ledger

SHORTEST = 1e-12
"""Torch divides a shorter row by this instead of by its length."""


def unit_length(
    ledger: Ledger, name: str, symbol: str, label: str, x: str, recorded: Any = None, *,
    shown: bool = True,
) -> str:  # fmt: skip
    """Each row x / max(|x|, tiny), called `name`."""

    def made(part: str, symbol: str, words: str, op: Any, *args: str, **constants: float) -> str:
        return ledger.derive(f"{name} {part}", symbol, words, op, *args, axes=(), shown=False,
                             constants=constants)  # fmt: skip

    square = made("square", "|x|²", "length squared", "dot", x, x)
    kept = made("kept", "|x|²", "kept from 0", "clamp", square, low=SHORTEST**2, high=LARGEST)
    inverse = made("inverse", "1/|x|", "one over the length", "power", kept, exponent=-0.5)
    return ledger.derive(name, symbol, label, "multiply", inverse, x, recorded=recorded,
                         axes=("channel",), shown=shown)  # fmt: skip
