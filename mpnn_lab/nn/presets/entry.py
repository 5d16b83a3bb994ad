"""One network of the literature, and what most of them have in common."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.spec import ModelSpec


@dataclass(frozen=True)
class PresetEntry:
    """One network of the literature.

    Attributes
    ----------
    name : what `preset` calls it.
    label : its name in a list.
    sentence : what it does, in one plain sentence.
    paper : where it comes from.
    make : width and rounds -> specification.
    width, rounds : what it has where nothing else is asked for.
    """

    name: str
    label: str
    sentence: str
    paper: str
    make: Callable[[int, int], ModelSpec]
    width: int = 64
    rounds: int = 3

    @property
    def doc(self) -> str:
        """The paper's M_t, U_t and R, and what was chosen where it leaves something open."""
        return inspect.getdoc(self.make) or ""


def repeated(
    rounds: int, name: str, width: int, *, activation: str = "none", **options: Any
) -> Any:
    """So many equal layers, with nothing between message and update unless it is asked for."""
    return [Layer(name, width, activation=activation, options=options)] * rounds
