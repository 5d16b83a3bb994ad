"""py3Dmol's own views without the network."""

from __future__ import annotations

import anywidget
import traitlets
from IPython.display import HTML, display

from mpnn_lab.views.static import built

WAITING = """<script>
if (typeof $3Dmolpromise === "undefined") {
  window.$3Dmolpromise = new Promise((arrived) => { window.mpnnLab3DmolArrived = arrived; });
}
</script>"""
"""Lets views of later cells wait for 3Dmol instead of fetching it."""


class _Engine(anywidget.AnyWidget):
    """Brings 3Dmol to the page, and says so in a line."""

    _esm = built("viewer3d.js")
    _css = built("viewer3d.css")
    engine_alone = traitlets.Bool(True).tag(sync=True)


def enable_py3dmol_offline() -> None:
    """Let the ``py3Dmol.view`` of this and later cells draw without the network.

    py3Dmol fetches 3Dmol.js from another host when its first view is shown; after this call the
    page has the copy that comes with this package, and fetches nothing. Call it in a cell before
    the first view, once for each page. It needs outputs that share a page, as in JupyterLab and
    Notebook; in Colab each output is a page of its own.
    """
    display(HTML(WAITING))
    display(_Engine())
