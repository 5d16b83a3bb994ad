"""What may have been meant by a name that is not there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: object, known: Iterable[str]) -> str | None:
    """The known name that is most like `name`, upper and lower case being one; None if none is.

    First the one that `name` is short for, as "gcn" is for GCNConv; then one spelt alike; then one
    that begins with it, or that it begins with.
    """
    if not isinstance(name, str) or len(name) > 200:
        return None
    word = name.lower()
    lower: dict[str, str] = {}
    for each in known:
        lower.setdefault(each.lower(), each)
    bare = word.removesuffix("conv")
    if bare and (same := [k for k in lower if k.removesuffix("conv") == bare]):
        return lower[same[0]]
    if near := get_close_matches(word, lower, n=1):
        return lower[near[0]]
    begun = [k for k in lower if len(bare) > 1 and k.startswith(bare)]
    begun += [k for k in lower if len(k) > 2 and word.startswith(k)]
    return lower[begun[0]] if begun else None


def did_you_mean(name: object, known: Iterable[str], otherwise: str) -> str:
    """How to mend a name that is not there: the nearest that is, or else all of them."""
    known = list(known)
    near = nearest(name, known)
    return f"{otherwise} {', '.join(known)}." if near is None else f"Did you mean {near!r}?"
