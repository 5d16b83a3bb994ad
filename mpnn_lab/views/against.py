"""Another run beside the one on stage: what it is, and which of its atoms is which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.chem import matching_atoms
from mpnn_lab.tracing import Trace
from mpnn_lab.views.from_trace import stage_view
from mpnn_lab.views.header import header_view
from mpnn_lab.views.stage import StageView


@dataclass(frozen=True)
class EditView:
    """One change of a what-if: in words, and as it was asked for."""

    words: str
    change: dict[str, Any]


@dataclass(frozen=True)
class AgainstView:
    """A run to hold the one on stage against.

    `atoms`, int32 [atoms of the other], gives the atom of the molecule on stage that each
    corresponds to, -1 where none does. `edits` says what a what-if changed; it is empty where the
    other is a run of its own. `title` and `other_title` tell the two apart in few words.
    """

    view: StageView
    atoms: NDArray[np.int32]
    edits: tuple[EditView, ...]
    title: str
    other_title: str


def against_view(trace: Trace, other: Trace) -> AgainstView:
    """Describe `other` as what `trace` is held against.

    Raises
    ------
    InputError
        Where the stage cannot show `other`.
    """
    titles = _titles(_words(trace), _words(other))
    return AgainstView(
        view=stage_view(other),
        atoms=matching_atoms(trace.mol, other.mol),
        edits=tuple(EditView(edit.words, edit.change) for edit in other.edits),
        title="as it is" if other.edits else titles[0],
        other_title="changed" if other.edits else titles[1],
    )


def _words(trace: Trace) -> tuple[str, str, str]:
    """Molecule, model and training in the words of the stage's header."""
    header = header_view(trace)
    return header.title, header.model, header.status


def _titles(one: tuple[str, str, str], other: tuple[str, str, str]) -> tuple[str, str]:
    """What tells two runs apart; where nothing said of them does, their order."""
    apart = [k for k in range(3) if one[k] != other[k]]
    if not apart:
        return "first run", "second run"
    first, second = (" · ".join(words[k] for k in apart) for words in (one, other))
    return first, second
