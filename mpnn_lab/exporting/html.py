"""trace_to_html(trace): the stage as one file that needs no kernel and asks for nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from html import escape
from pathlib import Path
from types import EllipsisType
from typing import overload

from mpnn_lab.checks import whole_number
from mpnn_lab.errors import InputError
from mpnn_lab.exporting.files import write_whole
from mpnn_lab.exporting.lean import lean
from mpnn_lab.exporting.packing import as_text, deflate, planes
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import Trace
from mpnn_lab.views.asked import Bond
from mpnn_lab.views.from_trace import stage_view
from mpnn_lab.views.opening import busiest_atom, first_message
from mpnn_lab.views.static import built
from mpnn_lab.views.wire import encode

DOCUMENT = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<!--
{notices}
-->
</head>
<body>
<main id="stage"><noscript>This page is drawn by a script: allow it to run.</noscript></main>
{parts}
<script>{boot}</script>
</body>
</html>
"""
PART = '<script type="application/octet-stream" id="{id}"{more}>{text}</script>'


@overload
def trace_to_html(
    trace: Trace, path: None = None, *, step: int | None = None,
    selected_atom: int | EllipsisType | None = ..., selected_bond: int | None = None,
    jacobians: Iterable[Bond] = (), title: str | None = None,
) -> str: ...  # fmt: skip


@overload
def trace_to_html(
    trace: Trace, path: str | Path, *, step: int | None = None,
    selected_atom: int | EllipsisType | None = ..., selected_bond: int | None = None,
    jacobians: Iterable[Bond] = (), title: str | None = None,
) -> Path: ...  # fmt: skip


def trace_to_html(
    trace: Trace, path: str | Path | None = None, *, step: int | None = None,
    selected_atom: int | EllipsisType | None = ..., selected_bond: int | None = None,
    jacobians: Iterable[Bond] = (), title: str | None = None,
) -> str | Path:  # fmt: skip
    """One HTML file with the whole stage: every step, every number, every exact matrix.

    It runs in any browser of 2023 or later, from a disk without a network: a policy inside it
    allows its own script and nothing else to run or to be asked for. The same trace gives the same
    file, byte for byte.

    Parameters
    ----------
    trace : Trace
        Of one molecule.
    path : str or Path, optional
        Where to write it; whole or not at all.
    step : int, optional
        Where it opens, from 0; at the first message where none is given.
    selected_atom, selected_bond : int or None
        What is selected then, as RDKit counts; the atom that hears from most where nothing is said.
    jacobians : iterable of int or (int, int)
        Bonds, by their index or by their two atoms, whose messages' Jacobians the file holds
        too; without a kernel no other can be computed. Exact matrices are always there.
    title : str, optional
        Of the page, as browsers show it.

    Returns
    -------
    str or Path
        The text; the path where one was given.

    Raises
    ------
    InputError
        If the stage cannot show the trace, or one of the places is not there.
    LabError
        If the file cannot be written, or the front end is not built.
    """
    view = stage_view(trace, jacobians)
    start = {
        "step": first_message(view) if step is None else _place("step", step, len(view.steps)),
        "atom": busiest_atom(view) if selected_atom is ... and selected_bond is None
        else None if selected_atom is ... or selected_atom is None
        else _place("selected_atom", selected_atom, len(view.molecule.atom_labels)),
        "bond": None if selected_bond is None
        else _place("selected_bond", selected_bond, len(view.molecule.bond_labels)),
    }  # fmt: skip
    blob = encode(lean(view))
    if len(blob) > LIMITS.stage_bytes:
        raise InputError(
            f"this trace takes {len(blob) / 1e6:.0f} MB; a file holds at most "
            f"{LIMITS.stage_bytes / 1e6:.0f} MB",
            mend="Use a narrower network or a smaller molecule.",
        )
    program, boot = built("page.js").read_bytes(), built("boot.js").read_text("utf-8").strip()
    parts = [
        _part("style", built("page.css").read_bytes()),
        _part("program", program),
        _part("trace", planes(blob), {k: v for k, v in start.items() if v is not None}),
    ]
    text = DOCUMENT.format(
        policy=_policy(boot.encode(), program),
        title=escape(title or f"{view.header.title} – message passing step by step"),
        notices=built("THIRD_PARTY_NOTICES.txt").read_text("utf-8").strip().replace("--", "- -"),
        parts="\n".join(parts),
        boot=boot,
    )
    return text if path is None else write_whole(path, text.encode())


def _policy(*scripts: bytes) -> str:
    """What the browser lets the page do: run these scripts, style itself, draw its own pictures."""
    hashes = (base64.b64encode(hashlib.sha256(s).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{h}'" for h in hashes)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _part(name: str, data: bytes, more: dict[str, int] | None = None) -> str:
    packed = deflate(data)
    said = {"bytes": len(packed)} | (more or {})
    attributes = "".join(f' data-{key}="{value}"' for key, value in said.items())
    return PART.format(id=name, more=attributes, text=as_text(packed))


def _place(name: str, value: int, count: int) -> int:
    return whole_number(name, value, 0, count - 1)
