"""The one family of errors: what was wrong, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace


class LabError(ValueError):
    """Base of every error that mpnn_lab raises on purpose.

    Parameters
    ----------
    what : str
        What was given, and what is wrong with it.
    mend : str, optional
        What to do about it.
    text : str, optional
        The input in which the fault lies.
    position : int, optional
        Where in `text` it lies (0-based character).
    """

    def __init__(
        self, what: str, *, mend: str = "", text: str | None = None, position: int | None = None
    ) -> None:
        self.what, self.mend, self.text, self.position = what, mend, text, position
        super().__init__(what)

    def __str__(self) -> str:
        lines = [self.what]
        if self.text is not None and self.position is not None:
            shown, caret = excerpt(self.text, self.position)
            lines += [f"    {shown}", "    " + " " * caret + "^"]
        if self.mend:
            lines.append(self.mend)
        return "\n".join(lines)


class InputError(LabError):
    """A molecule, file or value that cannot be read."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a specification.

    Attributes
    ----------
    path : the field's, such as ``"rounds.1.width"``; empty where it is the whole.
    what : what is wrong, without the path.
    mend : what to do about it.
    """

    path: str
    what: str
    mend: str = ""


class SpecError(LabError):
    """A model specification that cannot be built; the message starts with the field's path.

    Parameters
    ----------
    what : str
        ``"path: what is wrong"``.
    mend : str, optional
        What to do about it.
    faults : iterable of Fault, optional
        Each thing that is wrong by itself; read from `what` where they are not given.
    """

    def __init__(self, what: str, *, mend: str = "", faults: Iterable[Fault] = ()) -> None:
        super().__init__(what, mend=mend)
        self.faults = tuple(faults) or (_fault(what, mend),)

    def under(self, path: str) -> SpecError:
        """The same error of a part that stands at `path` in a larger specification."""
        faults = [replace(f, path=".".join(filter(None, [path, f.path]))) for f in self.faults]
        return SpecError(f"{path}.{self.what}", mend=self.mend, faults=faults)


class TraceError(LabError):
    """A run that cannot be recorded."""


class CheckpointError(LabError):
    """A saved run that cannot be loaded."""


class LabWarning(UserWarning):
    """Something was done in another way than asked for; says which, why, and how to mend it."""


def _fault(what: str, mend: str) -> Fault:
    path, _, rest = what.partition(": ")
    if not rest or not re.fullmatch(r"[a-z]\w*(\.\w+)*", path):
        return Fault("", what, mend)
    return Fault("" if path == "specification" else path, rest, mend)


def excerpt(text: str, position: int, width: int = 60) -> tuple[str, int]:
    """One printable line of `text` round `position`, and where the caret goes under it."""
    start = max(0, min(position - width // 2, len(text) - width))
    piece = text[start : start + width]
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in piece)
    lead, tail = ("…" if start else ""), ("…" if start + width < len(text) else "")
    return lead + shown + tail, position - start + len(lead)
