"""A notebook stored with the stage's state: nothing of it runs until the reader trusts it."""

from __future__ import annotations

import uuid

import nbformat
import pytest
from ipywidgets.embed import dependency_state

import mpnn_lab as ml
from tests.browser.lab import READY, WIDGET

pytestmark = pytest.mark.browser

STATE = "application/vnd.jupyter.widget-state+json"


@pytest.fixture
def stored(server):
    """The path of a notebook as JupyterLab stores it with widget state, signed by nobody."""
    stage = ml.Stage(ml.trace(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build(), "CCO ethanol"))
    view = {"version_major": 2, "version_minor": 0, "model_id": stage.model_id}
    output = nbformat.v4.new_output(
        "display_data", data={WIDGET: view, "text/plain": "Stage(ethanol)"}
    )
    cell = nbformat.v4.new_code_cell("stage", outputs=[output], execution_count=1)
    state = {"state": dependency_state([stage]), "version_major": 2, "version_minor": 0}
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"widgets": {STATE: state}, "kernelspec": spec}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata=metadata)
    name = f"{uuid.uuid4().hex[:8]}.ipynb"
    nbformat.write(notebook, server.root / name)
    return name


def test_an_untrusted_notebook_shows_text_and_runs_nothing(server, browser, stored):
    context = browser.new_context()
    try:
        page = context.new_page()
        wrong = []
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: (wrong.append("a dialog"), dialog.dismiss()))
        page.goto(f"{server.base}/lab/workspaces/{stored[:8]}/tree/{stored}?token={server.token}")
        page.wait_for_function(READY, timeout=60_000)
        page.locator(".jp-OutputArea-output", has_text="Stage(ethanol)").wait_for()
        page.wait_for_timeout(1500)
        assert not page.evaluate("jupyterapp.shell.currentWidget.model.cells.get(0).trusted")
        assert page.locator(".lab-root").count() == 0
        assert wrong == []
        for session in server.ask("/api/sessions"):
            if session["path"] == stored:
                server.ask(f"/api/kernels/{session['kernel']['id']}", method="DELETE")
    finally:
        context.close()
