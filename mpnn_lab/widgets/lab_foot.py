"""LabFoot: the line below everything."""

from __future__ import annotations

from typing import Any

import anywidget
import traitlets

from mpnn_lab.views.static import built


class LabFoot(anywidget.AnyWidget):
    """One quiet line: the prediction, the device, the training, the kernel's memory.

    Attributes
    ----------
    parts : list of str
        In the order in which they stand there.
    """

    _esm = built("lab_foot.js")
    _css = built("lab_foot.css")
    parts = traitlets.List(traitlets.Unicode()).tag(sync=True)

    def set_state(self, sync_data: Any) -> None:
        """Take nothing from the page: there is nothing on it to change."""
