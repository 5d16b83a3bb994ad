"""Runs the benchmarks and prints one table: ``python -m benchmarks [name ...] [--write]``."""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import Row

HERE = Path(__file__).parent
HEADINGS = ("what", "ours", "reference", "unit", "ratio", "bound", "holds")


def main() -> int:
    """Run what is named, or everything; 1 where a bound does not hold."""
    known = sorted(p.stem for p in HERE.glob("*.py") if "\ndef rows(" in p.read_text("utf-8"))
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of: {', '.join(known)}")
    parser.add_argument("--write", action="store_true", help="write results/<device>.md too")
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(known):
        parser.error(f"no benchmark called {', '.join(sorted(unknown))}; there are {known}")

    rows: list[Row] = []
    for name in asked.names or known:
        print(f"{name} ...", file=sys.stderr, flush=True)
        rows += import_module(f"benchmarks.{name}").rows()
    lines = [cells(row) for row in rows]
    table = Table(*HEADINGS)
    for line in lines:
        table.add_row(*line)
    Console(width=None if sys.stdout.isatty() else 120).print(table)
    if asked.write:
        device, machine = where()
        target = HERE / "results" / f"{device}.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text(markdown(machine, lines))
        print(f"written: {target}")
    return 0 if all(row.holds for row in rows) else 1


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    reference = "" if row.reference is None else f"{row.reference:.4g}"
    verdict = ("yes" if row.holds else "NO") if row.bound else ""
    return (row.name, f"{row.ours:.4g}", reference, row.unit, ratio, row.bound, verdict)


def where() -> tuple[str, str]:
    """The device's name for a file, and a line about it: a GPU where torch finds one."""
    import torch

    if torch.cuda.is_available():
        name = torch.cuda.get_device_name()
        return re.sub(r"\W+", "-", name.lower()).strip("-"), name
    return "cpu", f"CPU, {os.cpu_count()} cores, {platform.machine()}"


def markdown(machine: str, lines: list[tuple[str, ...]]) -> str:
    """The table for ``results/``, with what it was measured on."""
    from importlib.metadata import version

    parts = ", ".join(f"{name} {version(name)}" for name in ("torch", "torch-geometric", "rdkit"))
    body = [HEADINGS, ("---",) * len(HEADINGS), *lines]
    table = "\n".join("| " + " | ".join(line) + " |" for line in body)
    about = (
        f"Python {platform.python_version()}, {parts}. Made by `python -m benchmarks --write`.\n"
        "Both sides of a ratio were measured in one run: ratios compare, times alone do not."
    )
    return f"# {machine}\n\n{about}\n\n{table}\n"


if __name__ == "__main__":
    sys.exit(main())
