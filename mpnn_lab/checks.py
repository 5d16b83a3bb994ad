"""Arguments that many functions take, each checked in one place."""

from __future__ import annotations

from numbers import Integral

from mpnn_lab.errors import InputError

MOST_SEED = 2**63 - 1
"""The largest seed that torch and numpy both take."""


def whole_number(name: str, value: object, least: int, most: int | None = None) -> int:
    """Give the argument `name` as an int; InputError for what is none, or out of range."""
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if least <= number and (most is None or number <= most):
            return number
    end = "" if most is None else f" to {most}"
    raise InputError(f"{name} is {shown(value)}; expected a whole number from {least}{end}")


def seed_number(value: object) -> int:
    """Give a seed as an int that every generator takes."""
    return whole_number("seed", value, 0, MOST_SEED)


def flag(name: str, value: object) -> bool:
    """Give the argument `name`; InputError for what is neither True nor False."""
    if not isinstance(value, bool):
        raise InputError(f"{name} is {shown(value)}; expected True or False")
    return value


def shown(value: object, width: int = 60) -> str:
    """A value as Python writes it, cut short; what cannot be written is named by its type.

    Numbers of thousands of digits are not written down by Python, nor are lists nested as deep.
    """
    try:
        text = repr(value)
    except Exception:  # a class of the user's may raise anything here
        return f"<{type(value).__name__} that cannot be written down>"
    return text if len(text) <= width else text[: width - 3] + "..."
