"""A widget on which a name that means nothing cannot be set."""

from __future__ import annotations

from typing import Any

import traitlets


class Guarded:
    """Refuses to set public attributes that the class does not have; goes before the widget."""

    def __init__(self, *args: Any, **traits: Any) -> None:
        for name in traits:
            self._check_name(name)
        super().__init__(*args, **traits)

    def __setattr__(self, name: str, value: Any) -> None:
        self._check_name(name)
        super().__setattr__(name, value)

    def _check_name(self, name: str) -> None:
        if name.startswith("_") or hasattr(type(self), name):
            return
        parts = (item for cls in type(self).__mro__[:-1] for item in _settable(cls))
        raise AttributeError(
            f"a {type(self).__name__} has no {name!r}; what can be set: {', '.join(sorted(parts))}"
        )


def _settable(cls: type) -> list[str]:
    """Public traits and properties that a class of this package defines and that can be set."""
    if not cls.__module__.startswith("mpnn_lab."):
        return []
    return [
        name
        for name, item in vars(cls).items()
        if not name.startswith("_")
        and (isinstance(item, traitlets.TraitType) or (isinstance(item, property) and item.fset))
    ]


def within(value: int | None, count: int, what: str) -> int | None:
    """The number of one of `count` things, or None; TraitError for any other."""
    if value is not None and (isinstance(value, bool) or not 0 <= value < count):
        raise traitlets.TraitError(f"there is no {what} {value}: there are {count}, from 0")
    return value
