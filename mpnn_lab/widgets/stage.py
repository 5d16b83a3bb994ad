"""Stage: a trace, stepped through."""

from __future__ import annotations

from typing import Any

import anywidget
import numpy as np
import traitlets

from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import Trace
from mpnn_lab.views import StageView, encode, stage_view
from mpnn_lab.views.scene3d import widest_state
from mpnn_lab.widgets.answers import Answers
from mpnn_lab.widgets.guarded import Guarded
from mpnn_lab.widgets.static import built


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
    channel : int or None
        Atoms are coloured by this channel of their state (from 0), or by its size.

    All four can be read, set and observed (`stage.observe(..., "selected_atom")`).
    """

    _esm = built("stage.js")
    _css = built("stage.css")
    _view = traitlets.Bytes().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    selected_atom = traitlets.Int(None, allow_none=True).tag(sync=True)
    selected_bond = traitlets.Int(None, allow_none=True).tag(sync=True)
    channel = traitlets.Int(None, allow_none=True).tag(sync=True)

    def __init__(self, trace: Trace, **traits: Any) -> None:
        view, blob = _described(trace)
        self._trace, self._shown, self._answers = trace, view, Answers(trace)
        self._width = widest_state(view)
        start = {"step": _first_message(view), "selected_atom": _busiest_atom(view)}
        super().__init__(_view=blob, **(start | traits))
        self.on_msg(self._on_question)

    @property
    def trace(self) -> Trace:
        """The run on stage; a new one keeps step and selection where they still mean the same."""
        return self._trace

    @trace.setter
    def trace(self, trace: Trace) -> None:
        view, blob = _described(trace)
        before, steps = self._shown.molecule, self.steps
        self._trace, self._shown, self._answers = trace, view, Answers(trace)
        self._width = widest_state(view)
        with self.hold_sync():
            if self.steps != steps:
                self.step = _first_message(view)
            if self.channel is not None and (self.steps != steps or self.channel >= self._width):
                self.channel = None
            if (before.atom_labels, before.bond_descriptions) != (
                view.molecule.atom_labels,
                view.molecule.bond_descriptions,
            ):
                self.selected_atom, self.selected_bond = _busiest_atom(view), None
            self._view = blob

    @property
    def steps(self) -> tuple[str, ...]:
        """Names of the timeline's steps, such as ``"Round 1: message"``."""
        chapters = self._shown.chapters
        return tuple(f"{chapters[s.chapter].title}: {s.name}" for s in self._shown.steps)

    def _on_question(self, _widget: Any, content: Any, buffers: Any) -> None:
        """Answer the page; on whatever thread this comes, it is about one trace."""
        reply, held = self._answers.answer(content, buffers)
        self.send(reply, held)

    def _count(self, what: str) -> int:
        molecule = self._shown.molecule
        return len(molecule.positions if what == "atoms" else molecule.bonds)

    @traitlets.validate("step")  # type: ignore[untyped-decorator]
    def _valid_step(self, proposal: Any) -> Any:
        return within(proposal["value"], len(self._shown.steps), "step")

    @traitlets.validate("selected_atom")  # type: ignore[untyped-decorator]
    def _valid_atom(self, proposal: Any) -> Any:
        return within(proposal["value"], self._count("atoms"), "atom")

    @traitlets.validate("channel")  # type: ignore[untyped-decorator]
    def _valid_channel(self, proposal: Any) -> Any:
        return within(proposal["value"], self._width, "channel")

    @traitlets.validate("selected_bond")  # type: ignore[untyped-decorator]
    def _valid_bond(self, proposal: Any) -> Any:
        return within(proposal["value"], self._count("bonds"), "bond")


def within(value: int | None, count: int, what: str) -> int | None:
    """The number of one of `count` things, or None; TraitError for any other."""
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


def _first_message(view: StageView) -> int:
    return next((k for k, s in enumerate(view.steps) if s.name == "message"), 0)


def _busiest_atom(view: StageView) -> int:
    """The atom that hears from most neighbours, the first of them."""
    heard = np.bincount(view.molecule.bonds.reshape(-1), minlength=len(view.molecule.positions))
    return int(heard.argmax())
