"""``mpnn-lab``: the lessons in JupyterLab."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path

import typer

from mpnn_lab.errors import LabError

PACKAGE = Path(__file__).parents[1]
OWN_FOLDER = Path("mpnn-lab-lessons")


def open_lessons(folder: Path | None, *, port: int | None = None, browser: bool = True) -> None:
    """Start JupyterLab on the first lesson and stay until it is shut down.

    Parameters
    ----------
    folder : Path, optional
        Holds the reader's copies of the lessons; those that are missing are put there. Without
        it a checkout opens its own notebooks, an installed package ``./mpnn-lab-lessons``.
    port : int, optional
        The server's port; JupyterLab's own choice where it is not given.
    browser : bool
        Whether a browser is opened.

    Raises
    ------
    LabError
        JupyterLab is not installed, or the lessons cannot be found or copied.
    """
    if find_spec("jupyterlab") is None:
        raise LabError(
            "The lessons open in JupyterLab, which is not installed here.",
            mend='Install it with: pip install "mpnn-lab[lab]"',
        )
    source, ours = lesson_source()
    if folder is None:
        folder = source if ours else OWN_FOLDER
    if folder.resolve() != source.resolve():
        for name in copy_lessons(source, folder):
            typer.echo(f"New lesson: {folder / name}", err=True)
    first = min(path.name for path in source.glob("*.ipynb"))
    arguments = [
        f"--ServerApp.root_dir={folder.resolve()}",
        f"--LabApp.default_url=/lab/tree/{first}",
    ]
    arguments += [f"--port={port}"] if port is not None else []
    arguments += [] if browser else ["--no-browser"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        arguments.append("--allow-root")  # the usual user of a container; Jupyter asks to be told

    from jupyterlab.labapp import LabApp

    LabApp.launch_instance(argv=arguments)


def lesson_source() -> tuple[Path, bool]:
    """Where the lessons lie, and whether that is a checkout's own ``notebooks/``."""
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").is_file() and any((checkout / "notebooks").glob("*.ipynb")):
        return checkout / "notebooks", True
    if any((PACKAGE / "notebooks").glob("*.ipynb")):
        return PACKAGE / "notebooks", False
    raise LabError(
        f"No lessons lie in {PACKAGE / 'notebooks'}.",
        mend="Install the package again, from its wheel or its checkout.",
    )


def copy_lessons(source: Path, folder: Path) -> list[str]:
    """Copy the lessons that `folder` does not hold yet, and name them.

    What is there already is left alone, so that a reader's own edits stay.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        missing = [p for p in sorted(source.glob("*.ipynb")) if not (folder / p.name).exists()]
        for path in missing:
            shutil.copyfile(path, folder / path.name)
    except OSError as error:
        raise LabError(
            f"The lessons cannot be copied to {folder}: {error.strerror}.",
            mend="Name a folder that can be written: mpnn-lab --folder PATH",
        ) from error
    return [path.name for path in missing]
