"""The kernel's memory at the end of the first lesson."""

from __future__ import annotations

from pathlib import Path

import nbformat
from nbclient import NotebookClient

from benchmarks import Row

LESSON = Path(__file__).parents[1] / "notebooks" / "1-first-molecule.ipynb"
ASK = """\
import resource, sys
status = dict(line.split(":", 1) for line in open("/proc/self/status") if ":" in line)
print(status["VmRSS"].split()[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def rows() -> list[Row]:
    """Resident memory of the kernel that ran the lesson, at its end and at its highest."""
    lesson = nbformat.read(LESSON, as_version=4)
    lesson.cells.append(nbformat.v4.new_code_cell(ASK))
    NotebookClient(lesson, timeout=300).execute()
    now, peak = (int(kb) / 1024 for kb in lesson.cells[-1].outputs[0].text.split())
    return [
        Row("kernel at the end of lesson 1", "MiB", now, at_most=600),
        Row("kernel in lesson 1, at its highest", "MiB", peak),
    ]
