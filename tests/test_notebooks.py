"""Every lesson runs unchanged, from the first cell to the last."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME
from nbclient import NotebookClient

from tests.project import ROOT

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SECONDS = 60  # what a lesson may take, all cells together, is less; this is for one cell


def test_there_are_lessons():
    names = [path.name for path in LESSONS]
    assert names[:3] == [
        "1-first-molecule.ipynb", "2-layers-and-aggregators.ipynb", "3-rounds.ipynb",
    ]  # fmt: skip


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_runs(path: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(nbformat.v4.new_code_cell("import sys; sys.executable"))
    client = NotebookClient(
        notebook,
        kernel_name=NATIVE_KERNEL_NAME,
        timeout=SECONDS,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()  # raises CellExecutionError with the cell's traceback
    used = notebook.cells[-1].outputs[0]["data"]["text/plain"]
    assert used == repr(sys.executable), "the lesson ran in another environment"
