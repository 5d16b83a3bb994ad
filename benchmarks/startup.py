"""How long ``import mpnn_lab`` and ``mpnn-lab --help`` take, in processes of their own."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import Row
from benchmarks.timing import medians

BARE = "pass"
IMPORT = "import mpnn_lab"
HELP = (
    "import sys; sys.argv = ['mpnn-lab', '--help']; from mpnn_lab.cli import main\n"
    "try: main()\nexcept SystemExit: pass"
)


def rows() -> list[Row]:
    """Medians over fresh interpreters, less what the bare interpreter needs."""

    def start(code: str) -> None:
        subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)

    calls = [lambda code=code: start(code) for code in (BARE, IMPORT, HELP)]
    bare, imported, helped = medians(calls, repeats=9, warmup=1)
    return [
        Row("import mpnn_lab", "s", imported - bare, at_most=0.3),
        Row("mpnn-lab --help", "s", helped - bare),
    ]
