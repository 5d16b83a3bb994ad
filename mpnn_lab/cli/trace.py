"""``mpnn-lab trace``: a molecule's message passing as one HTML file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS

if TYPE_CHECKING:
    from mpnn_lab.nn import ModelSpec
    from mpnn_lab.views.asked import Bond


def write_trace(
    molecule: Annotated[
        str, typer.Argument(help="A SMILES, an InChI, or a file that holds one, or a molblock.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The file to write.")],
    spec: Annotated[
        Path | None,
        typer.Option(
            help="The network: what ModelSpec.to_json wrote.",
            show_default="the Lab's first: a small edge network",
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option(help="Or a network of the literature, such as enn-s2s.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the weights, which are untrained.")] = 0,
    jacobian: Annotated[
        list[str] | None,
        typer.Option(
            help="A bond whose messages' Jacobians the file holds: its number, or its two atoms "
            "(3, or 1-2), from 0; can be given several times.",
        ),
    ] = None,
) -> None:
    """Write a molecule's message passing as one HTML file, to step through without a network."""
    from rich.console import Console

    console = Console(stderr=True)
    bonds = [_bond(text) for text in jacobian or ()]
    with console.status("Loading torch and RDKit ..."):
        import mpnn_lab as ml
        from mpnn_lab.exporting import trace_to_html
        from mpnn_lab.widgets.choices import named
    mol = named(ml.read_molecule(_text(molecule)))
    network = _network(spec, preset)
    with console.status("Passing messages ..."):
        path = trace_to_html(ml.trace(network.build(seed), mol), out, jacobians=bonds)
    console.print(f"{path}  {path.stat().st_size / 1000:,.0f} kB", highlight=False, markup=False)


def _network(spec: Path | None, preset: str | None) -> ModelSpec:
    from mpnn_lab.nn import ModelSpec
    from mpnn_lab.nn import preset as named_preset
    from mpnn_lab.widgets.choices import CHOICES

    if spec is not None and preset is not None:
        raise InputError("--spec and --preset both name a network", mend="Give one of the two.")
    if preset is not None:
        return named_preset(preset)
    return CHOICES[0].spec if spec is None else ModelSpec.from_json(_read(spec, LIMITS.json_bytes))


def _text(molecule: str) -> str:
    """The molecule's text: what was given, or what the file of this name holds."""
    try:
        is_file = Path(molecule).is_file()
    except (OSError, ValueError):  # too long for a name, or with NUL in it
        is_file = False
    if not is_file:
        return molecule
    text = _read(Path(molecule), LIMITS.block_bytes).rstrip()
    first, _, rest = text.partition("$$$$")
    if rest.strip():
        raise InputError(
            f"{molecule} holds several molecules; a stage shows one",
            mend="Give a file with the one, or its SMILES.",
        )
    return first


def _read(path: Path, most: int) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
        if len(data) > most:
            raise InputError(f"{path} holds more than {most:,} bytes", mend="Name another file.")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is no text in UTF-8: byte {error.start} is none",
            mend="Save it as UTF-8.",
        ) from error


def _bond(text: str) -> Bond:
    found = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", text)
    if found is None:
        raise InputError(
            f"--jacobian {text!r} names no bond",
            mend="Give its number, or its two atoms: --jacobian 3, or --jacobian 1-2.",
        )
    return int(found[1]) if found[2] is None else (int(found[1]), int(found[2]))
