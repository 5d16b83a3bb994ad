"""LabBar: the line above the stage, where the molecule is typed and the model chosen."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from mpnn_lab.views.static import built

TABS = ("build", "step")


class LabBar(anywidget.AnyWidget):
    """A text field with examples, a chooser of models, what went wrong beside them, and tabs.

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
    tab : str
        Which part of the lab is in sight.
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
    tab = traitlets.Enum(TABS, "step").tag(sync=True)
    answered = traitlets.Int(0).tag(sync=True)

    def answer(self, *, note: str | None = None, error: dict[str, Any] | None = None) -> None:
        """Reply to what was asked: with a note on what is shown, or with what went wrong."""
        with self.hold_sync():
            self.error = error
            if note is not None:
                self.note = note
            self.answered += 1
