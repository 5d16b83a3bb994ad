"""The command line: ``mpnn-lab`` opens the lessons, its commands do the lab's jobs without it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mpnn_lab.cli.lessons import open_lessons
from mpnn_lab.cli.trace import write_trace
from mpnn_lab.errors import LabError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("trace")(write_trace)


def main() -> None:
    """Run the command line; what we refuse on purpose is a sentence, not a traceback."""
    try:
        app()
    except LabError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise SystemExit(1) from None


def _version(asked: bool) -> None:
    if asked:
        import mpnn_lab

        typer.echo(mpnn_lab.__version__)
        raise typer.Exit


@app.callback(invoke_without_command=True)
def without_command(
    context: typer.Context,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Start the server only; it prints its address.")
    ] = False,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The server's port.", show_default=False)
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where your copies of the lessons are, or go; lessons already there are kept "
            "as they are.",
            show_default="notebooks/ of a checkout, otherwise ./mpnn-lab-lessons",
        ),
    ] = None,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """Open the lessons of mpnn_lab in JupyterLab."""
    if context.invoked_subcommand is None:
        open_lessons(folder, port=port, browser=not no_browser)
