"""Where a stage opens when nobody has said it."""

from __future__ import annotations

import numpy as np

from mpnn_lab.views.stage import StageView


def first_message(view: StageView) -> int:
    """The step of the first messages; the first step where there are none."""
    return next((k for k, s in enumerate(view.steps) if s.name == "message"), 0)


def busiest_atom(view: StageView) -> int:
    """The atom that hears from most neighbours, the first of them."""
    heard = np.bincount(view.molecule.bonds.reshape(-1), minlength=len(view.molecule.positions))
    return int(heard.argmax())
