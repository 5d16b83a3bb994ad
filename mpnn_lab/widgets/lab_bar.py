"""LabBar: what stands above the lab's widgets, where molecule, model and tab are chosen."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from mpnn_lab.errors import LabError
from mpnn_lab.views.static import built

TABS = ("molecule", "build", "step")
"""In the order in which one meets them."""
PAGES = ("text", "choice", "tab", "room")
"""What the page may change."""


class LabBar(anywidget.AnyWidget):
    """Molecule, model and run in one line, tabs, and in the tab of the molecule its field.

    Attributes
    ----------
    text : str
        The molecule asked for, as it was typed.
    examples : list of {"label", "text"}
    choices : list of {"name", "label", "description"}
    choice : str
        Name of the model chosen; "" for one that is not among the choices.
    error : None or {"what", "mend", "text", "position"}
    note : str
        One quiet line on what is shown.
    title : str
        What the molecule is called.
    run : str
        What the model was trained on.
    tab : str
        Which part of the lab is in sight.
    room : bool
        Whether a page has been wide enough to show the molecule in 3D beside the stage.
    answered : int
        Counts the replies, so that the page knows when one has come.
    """

    _esm = built("lab.js")
    _css = built("lab.css")
    text = traitlets.Unicode("").tag(sync=True)
    examples = traitlets.List(traitlets.Dict()).tag(sync=True)
    choices = traitlets.List(traitlets.Dict()).tag(sync=True)
    choice = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Dict(default_value=None, allow_none=True).tag(sync=True)
    note = traitlets.Unicode("").tag(sync=True)
    title = traitlets.Unicode("").tag(sync=True)
    run = traitlets.Unicode("").tag(sync=True)
    tab = traitlets.Enum(TABS, "step").tag(sync=True)
    room = traitlets.Bool(False).tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)

    def set_state(self, sync_data: Any) -> None:
        """Take what the page has changed; what it is told is Python's alone."""
        given = sync_data if isinstance(sync_data, dict) else {}
        super().set_state({name: value for name, value in given.items() if name in PAGES})

    def answer(self, *, note: str | None = None, error: dict[str, Any] | None = None) -> None:
        """Reply to what was asked: with a note on what is shown, or with what went wrong."""
        with self.hold_sync():
            self.error = error
            if note is not None:
                self.note = note
            self.answered += 1


def error_of(fault: LabError) -> dict[str, Any]:
    """What went wrong, as the page reads it; a position below 0 is none."""
    return {
        "what": fault.what,
        "mend": fault.mend,
        "text": fault.text or "",
        "position": -1 if fault.position is None else fault.position,
    }
