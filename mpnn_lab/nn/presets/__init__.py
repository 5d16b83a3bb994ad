"""Networks of the literature by name: ``preset("gg-nn", width=64, rounds=3)`` is a ModelSpec."""

from __future__ import annotations

from typing import Any

from mpnn_lab.checks import shown
from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.nearest import did_you_mean
from mpnn_lab.nn.presets import others, reviewed, variants
from mpnn_lab.nn.presets.entry import PresetEntry
from mpnn_lab.nn.spec import ModelSpec

PRESETS: dict[str, PresetEntry] = {
    entry.name: entry for part in (reviewed, variants, others) for entry in part.ENTRIES
}
"""Those that Gilmer et al. (2017) review, their own, and later ones."""


def preset(
    name: str, *, width: int | None = None, rounds: int | None = None, **fields: Any
) -> ModelSpec:
    """A network of the literature, as a specification that can be changed further.

    Parameters
    ----------
    name : a name in `PRESETS`, whose entry's `doc` holds the paper's M_t, U_t and R.
    width : channels of the states; the entry's own where it is not given.
    rounds : how often messages are passed; likewise.
    **fields : fields of `ModelSpec` to be other than the preset's, such as ``hydrogens=True``.

    Raises
    ------
    SpecError
        For a name that is not there, and for what `ModelSpec` refuses.
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise SpecError(
            f"name: there is no preset {shown(name)}",
            mend=did_you_mean(name, PRESETS, "The presets are"),
        )
    entry = PRESETS[name]
    given = {
        "width": entry.width if width is None else width,
        "rounds": entry.rounds if rounds is None else rounds,
    }
    for field, most in (("width", LIMITS.width), ("rounds", LIMITS.rounds)):
        value = given[field]
        if type(value) is not int or not 1 <= value <= most:  # before a list is as long
            raise SpecError(f"{field}: {shown(value)}; expected a whole number from 1 to {most}")
    spec = entry.make(given["width"], given["rounds"])
    return spec.replace(**fields)


__all__ = ["PRESETS", "PresetEntry", "preset"]
