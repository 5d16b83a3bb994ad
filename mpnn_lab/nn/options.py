"""A layer's options, which stay as they were checked."""

from __future__ import annotations

from typing import Any, NoReturn

from mpnn_lab.errors import SpecError


class Options(dict[str, bool | int | float | str]):
    """A dict that cannot be changed once made, and so has a hash."""

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise SpecError(
            "options: those of a layer cannot be changed",
            mend="Make another Layer(..., options={...}).",
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[Any, ...]:  # a dict's own copies by setting items
        return type(self), (dict(self),)
