"""Stage: a trace, stepped through."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mpnn_lab.errors import InputError, LabError, LabWarning
from mpnn_lab.exporting import trace_to_html
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import Trace
from mpnn_lab.views import StageView, encode, stage_view
from mpnn_lab.views.asked import Bond
from mpnn_lab.views.opening import busiest_atom, first_message
from mpnn_lab.views.static import built
from mpnn_lab.widgets.answers import Answers
from mpnn_lab.widgets.guarded import Guarded
from mpnn_lab.widgets.pictures import Pictures


class Stage(Guarded, anywidget.AnyWidget):
    """Message passing on a molecule, step by step, with the model's own numbers.

    Parameters
    ----------
    trace : Trace
        Of one molecule.

    Attributes
    ----------
    trace : Trace
        Settable; the stage then shows the new run.
    step : int
        Place on the timeline, from 0; `steps` names them.
    selected_atom : int or None
        Atom index (0-based, as RDKit counts).
    selected_bond : int or None
        Bond index; the message along it into the selected atom is the one spelled out.

    All three can be read, set and observed (`stage.observe(..., "selected_atom")`).

    The stage on a page goes on without its kernel. Of a notebook that is stored with its widgets'
    state and that the reader has not trusted, Jupyter shows none: `to_html` writes what can be
    handed on.
    """

    _esm = built("stage.js")
    _css = built("stage.css")
    _view = traitlets.Bytes().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    selected_atom = traitlets.Int(None, allow_none=True).tag(sync=True)
    selected_bond = traitlets.Int(None, allow_none=True).tag(sync=True)

    def __init__(self, trace: Trace, **traits: Any) -> None:
        view, blob = _described(trace)
        self._trace, self._shown, self._answers = trace, view, Answers(trace)
        self._pictures = Pictures(self.send)
        start = {"step": first_message(view), "selected_atom": busiest_atom(view)}
        start |= {"_view_count": 0}  # pages are counted from now on
        super().__init__(_view=blob, **(start | traits))
        self.on_msg(self._on_message)
        self.observe(self._on_pages, "_view_count")

    @property
    def trace(self) -> Trace:
        """The run on stage; a new one keeps step and selection where they still mean the same."""
        return self._trace

    @trace.setter
    def trace(self, trace: Trace) -> None:
        view, blob = _described(trace)
        before, steps = self._shown.molecule, self.steps
        self._trace, self._shown, self._answers = trace, view, Answers(trace)
        with self.hold_sync():
            if self.steps != steps:
                self.step = first_message(view)
            if (before.atom_labels, before.bond_descriptions) != (
                view.molecule.atom_labels,
                view.molecule.bond_descriptions,
            ):
                self.selected_atom, self.selected_bond = busiest_atom(view), None
            self._view = blob

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the timeline's steps, such as ``"Round 1: message"``."""
        chapters = self._shown.chapters
        return tuple(f"{chapters[s.chapter].title}: {s.name}" for s in self._shown.steps)

    def to_html(self, path: str | Path, *, jacobians: Iterable[Bond] = ()) -> Path:
        """Write the stage as one file that needs neither kernel nor network.

        It opens at the stage's step and selection. `jacobians` names bonds whose messages'
        Jacobians it holds, by index or by two atoms. Errors are those of
        `mpnn_lab.exporting.trace_to_html`.
        """
        return trace_to_html(
            self._trace, path, step=self.step, selected_atom=self.selected_atom,
            selected_bond=self.selected_bond, jacobians=jacobians,
        )  # fmt: skip

    def to_svg(self, path: str | Path, *, width: int = 1600) -> Path:
        """Write the molecule with its messages, as the page shows it, to an SVG file.

        The page that shows the stage draws it, and is heard when the cell has ended: the file is
        there a moment after that, not within the same cell. Where no page shows the stage yet, a
        LabWarning says so, and the picture is written when one does; where none answers, another.

        Parameters
        ----------
        path : str or Path
            Where to write it; its folder has to be there.
        width : int
            In pixels.

        Returns
        -------
        Path
            Where the file will be.
        """
        return self._pictures.ask("svg", path, width, bool(self._view_count))

    def to_png(self, path: str | Path, *, width: int = 1600) -> Path:
        """Write the molecule with its messages to a PNG file; all else as in `to_svg`."""
        return self._pictures.ask("png", path, width, bool(self._view_count))

    def _on_message(self, _widget: Any, content: Any, buffers: Any) -> None:
        """Answer the page; on whatever thread this comes, it is about one trace."""
        if isinstance(content, dict) and content.get("kind") == "picture":
            try:
                self._pictures.take(content, buffers)
            except LabError as fault:
                self.send({"kind": "error", "id": None, "what": fault.what}, [])
                warnings.warn(str(fault), LabWarning, stacklevel=1)
            return
        reply, held = self._answers.answer(content, buffers)
        self.send(reply, held)

    def _on_pages(self, change: Any) -> None:
        if change["new"] > (change["old"] or 0):
            self._pictures.repeat()

    def _count(self, what: str) -> int:
        molecule = self._shown.molecule
        return len(molecule.positions if what == "atoms" else molecule.bonds)

    @traitlets.validate("step")  # type: ignore[untyped-decorator]
    def _valid_step(self, proposal: Any) -> Any:
        return _within(proposal["value"], len(self._shown.steps), "step")

    @traitlets.validate("selected_atom")  # type: ignore[untyped-decorator]
    def _valid_atom(self, proposal: Any) -> Any:
        return _within(proposal["value"], self._count("atoms"), "atom")

    @traitlets.validate("selected_bond")  # type: ignore[untyped-decorator]
    def _valid_bond(self, proposal: Any) -> Any:
        return _within(proposal["value"], self._count("bonds"), "bond")


def _within(value: int | None, count: int, what: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not 0 <= value < count):
        raise traitlets.TraitError(f"there is no {what} {value}: there are {count}, from 0")
    return value


def _described(trace: Trace) -> tuple[StageView, bytes]:
    if not isinstance(trace, Trace):
        raise InputError(
            f"got a {type(trace).__name__}; the stage shows a Trace",
            mend="Make one with ml.trace(model, molecule).",
        )
    view = stage_view(trace)
    blob = encode(view)
    if len(blob) > LIMITS.stage_bytes:
        raise InputError(
            f"this trace takes {len(blob) / 1e6:.0f} MB; the stage is sent at most "
            f"{LIMITS.stage_bytes / 1e6:.0f} MB",
            mend="Use a narrower network or a smaller molecule.",
        )
    return view, blob
