"""Places that someone names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from mpnn_lab.errors import InputError

Item = TypeVar("Item")


def item(things: Sequence[Item], place: object, what: str) -> Item:
    """The thing at this place, counted from 0; InputError where there is none."""
    if not isinstance(place, int) or isinstance(place, bool):
        raise InputError(f"the {what} is given by a whole number")
    if not 0 <= place < len(things):
        raise InputError(f"there is no such {what}: there are {len(things)}, from 0")
    return things[place]
