"""Stage: a trace, stepped through."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.errors import InputError, LabError, LabWarning
from mpnn_lab.exporting import trace_to_html
from mpnn_lab.tracing import Trace, edited, what_if
from mpnn_lab.views.asked import Bond
from mpnn_lab.views.opening import busiest_atom, first_message
from mpnn_lab.views.scene3d import widest_state
from mpnn_lab.views.static import built
from mpnn_lab.widgets.answers import Answers, Kind
from mpnn_lab.widgets.answers.example import Example
from mpnn_lab.widgets.answers.matrix import OtherMatrices
from mpnn_lab.widgets.answers.what_if import WhatIf
from mpnn_lab.widgets.asking import question
from mpnn_lab.widgets.guarded import Guarded, within
from mpnn_lab.widgets.over_dataset import OverDataset
from mpnn_lab.widgets.pictures import Pictures
from mpnn_lab.widgets.sent import beside_blob, described, over_blob


class Stage(Guarded, anywidget.AnyWidget):
    """Message passing on a molecule, step by step, with the model's own numbers.

    Parameters
    ----------
    trace : Trace
        Of one molecule.
    against : Trace, optional
        Another run to hold it against: of another molecule, or by another model.

    Attributes
    ----------
    trace : Trace
        Settable; the stage then shows the new run.
    against : Trace or None
        The run beside it; settable. What `what_if` makes is shown there, too.
    step : int
        Place on the timeline, from 0; `steps` names them.
    selected_atom : int or None
        Atom index (0-based, as RDKit counts).
    selected_bond : int or None
        Bond index; the message along it into the selected atom is the one spelled out.
    channel : int or None
        Atoms are coloured by this channel of their state (from 0), or by its size.
    presenting : bool
        Whether the stage fills the screen, in larger letters, for a projector.
    revealed : bool
        Whether the number that `ask` has hidden is shown.
    guess : str
        What was guessed meanwhile.

    All of them can be read, set and observed (`stage.observe(..., "selected_atom")`).

    The stage on a page goes on without its kernel. Of a notebook that is stored with its widgets'
    state and that the reader has not trusted, Jupyter shows none: `to_html` writes what can be
    handed on.
    """

    _esm = built("stage.js")
    _css = built("stage.css")
    _view = traitlets.Bytes().tag(sync=True)
    _against = traitlets.Bytes().tag(sync=True)
    _gallery = traitlets.Bytes().tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    selected_atom = traitlets.Int(None, allow_none=True).tag(sync=True)
    selected_bond = traitlets.Int(None, allow_none=True).tag(sync=True)
    channel = traitlets.Int(None, allow_none=True).tag(sync=True)

    presenting = traitlets.Bool(False).tag(sync=True)
    revealed = traitlets.Bool(False).tag(sync=True)
    guess = traitlets.Unicode("").tag(sync=True)
    _ask = traitlets.Dict().tag(sync=True)

    def __init__(self, trace: Trace, against: Trace | None = None, **traits: Any) -> None:
        view, blob = described(trace)
        self._trace, self._shown, self._answers = trace, view, self._asked_of(trace)
        self._other: Trace | None = None
        self._width = widest_state(view)
        self._over: OverDataset | None = None
        self._pictures = Pictures(self.send)
        start = {"step": first_message(view), "selected_atom": busiest_atom(view)}
        start |= {"_view_count": 0}  # pages are counted from now on
        super().__init__(_view=blob, **(start | traits))
        self.on_msg(self._on_message)
        self.observe(self._on_pages, "_view_count")
        if against is not None:
            self.against = against

    @property
    def trace(self) -> Trace:
        """The run on stage; a new one keeps step and selection where they still mean the same."""
        return self._trace

    @trace.setter
    def trace(self, trace: Trace) -> None:
        view, blob = described(trace)
        before, steps = self._shown.molecule, self.steps
        other = None if self._other is None or self._other.edits else self._other
        beside, over = beside_blob(trace, other), over_blob(self._over, trace, other)
        self._trace, self._shown, self._answers = trace, view, self._asked_of(trace)
        self._other, self._width = other, widest_state(view)
        with self.hold_sync():
            self._against, self._gallery = beside, over
            self._ask, self.revealed = {}, False
            if self.steps != steps:
                self.step = first_message(view)
            if self.channel is not None and (self.steps != steps or self.channel >= self._width):
                self.channel = None
            if (before.atom_labels, before.bond_descriptions) != (
                view.molecule.atom_labels,
                view.molecule.bond_descriptions,
            ):
                self.selected_atom, self.selected_bond = busiest_atom(view), None
            self._view = blob

    @property
    def against(self) -> Trace | None:
        """The run that the one on stage is held against."""
        return self._other

    @against.setter
    def against(self, other: Trace | None) -> None:
        beside, over = beside_blob(self._trace, other), over_blob(self._over, self._trace, other)
        self._other = other
        with self.hold_sync():
            self._against, self._gallery = beside, over

    def gallery(self, dataset: MoleculeDataset | None) -> None:
        """Show on the page "Edge matrices" a matrix for every kind of bond in a data set, too.

        The matrices are those of the model on stage, whichever that becomes, and of the one that it
        is held against. None takes the data set away again.

        Raises
        ------
        InputError
            Where the model cannot read the data set's molecules, or there are too many kinds.
        """
        over = None if dataset is None else OverDataset(dataset)
        if over is not None and (why := over.view(self._trace).why):
            raise InputError(why)
        blob = over_blob(over, self._trace, self._other)
        self._over, self._gallery = over, blob

    def what_if(self, **change: Any) -> Trace:
        """Change one thing that the model is told, and see what it makes of it beside the run.

        What can be changed: see `mpnn_lab.what_if`. Each call adds a change; `undo` takes the last
        one back. Returns the changed run, which is `against` from now on.
        """
        self.against = made = what_if(self._changed or self._trace, **change)
        return made

    def undo(self) -> None:
        """Take the last change of `what_if` back; nothing where there is none."""
        if self._changed is not None:
            edits = self._changed.edits[:-1]
            self.against = edited(self._trace, edits) if edits else None

    def ask(self, what: str, *, prompt: str | None = None, **where: Any) -> None:
        """Hide a number until it is guessed and revealed.

        Parameters
        ----------
        what : str
            ``"prediction"``; ``"message"`` (with ``round=, sender=, receiver=``);
            ``"aggregate"`` or ``"state"`` (with ``round=, atom=``). Rounds count from 1, atoms
            from 0.
        prompt : str, optional
            The question, in your own words.

        Raises
        ------
        InputError
            Where there is no such number.
        """
        asked = question(self._shown, what, where, prompt)
        with self.hold_sync():
            self.revealed, self.guess, self._ask = False, "", asked

    def reveal(self) -> None:
        """Show what `ask` has hidden."""
        self.revealed = True

    @property
    def _changed(self) -> Trace | None:
        """The run beside the one on stage, where a what-if made it of that one."""
        other = self._other
        return other if other is not None and other.origin is self._trace else None

    def _asked_of(self, trace: Trace) -> Answers:
        def show(other: Trace | None) -> None:
            if trace is self._trace:  # else another run has come on stage meanwhile
                self.against = other

        other = OtherMatrices(lambda: self._other)
        example = Example(lambda: self._over.dataset if self._over else None, self._show_molecule)
        kinds: dict[str, Kind] = {"what_if": WhatIf(trace, show), "example": example}
        return Answers(trace, {**kinds, "matrix of the other": other})

    def _show_molecule(self, row: int, bond: int) -> None:
        """A molecule of the data set under the model on stage, and under the one beside it."""
        assert self._over is not None
        made, other = self._over.runs(row, bond, self._trace, self._other)
        with self.hold_sync():
            self.trace = made
            if other is not None:
                self.against = other
            self.selected_bond = bond
            self.selected_atom = made.mol.GetBondWithIdx(bond).GetEndAtomIdx()

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
