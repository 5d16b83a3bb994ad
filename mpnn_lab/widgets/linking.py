"""A 3D viewer and a stage that follow each other."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING, Any

from mpnn_lab.chem import begins_with
from mpnn_lab.errors import InputError
from mpnn_lab.views.scene3d import state_colours, widest_state

if TYPE_CHECKING:
    from mpnn_lab.widgets.stage import Stage
    from mpnn_lab.widgets.viewer3d import Viewer3D

OF_STAGE = ("_view", "step", "channel", "selected_atom", "selected_bond")
OF_VIEWER = ("channel", "selected_atom", "selected_bond")
_LOCK = RLock()
"""One for all links: two viewers of one stage would else wait for each other on two threads."""


def link(viewer: Viewer3D, stage: Stage) -> Callable[[], None]:
    """Let viewer and stage follow each other; returns what ends it."""
    together = _Link(viewer, stage)
    with _LOCK:
        if viewer._end_link is not None:
            viewer._end_link()
        together.begin()
        viewer._end_link = together.end
    return together.end


class _Link:
    def __init__(self, viewer: Viewer3D, stage: Stage) -> None:
        self.viewer, self.stage = viewer, stage
        self._busy = False

    def begin(self) -> None:
        if not self._same_molecule():
            if self.viewer.calls:
                raise InputError(
                    "the scene's molecule is not the stage's: its atoms, in their order, differ",
                    mend="Link a viewer of the stage's own molecule: ml.Viewer3D(stage.trace).",
                )
            self.viewer.mol = self.stage.trace
        self._follow()
        self.stage.observe(self._on_stage, OF_STAGE)
        self.viewer.observe(self._on_viewer, OF_VIEWER)

    def end(self) -> None:
        with _LOCK:
            if self.viewer._end_link != self.end:
                return
            self.viewer._end_link = None
            self.stage.unobserve(self._on_stage, OF_STAGE)
            self.viewer.unobserve(self._on_viewer, OF_VIEWER)
            with self.viewer.hold_sync():
                self.viewer._channel_count = 0
                self.viewer.channel = self.viewer.colours = None

    def _on_stage(self, _: Any) -> None:
        with _LOCK:
            if self._busy:
                return
            self._busy = True
            try:
                if not self._same_molecule():
                    self.viewer.mol = self.stage.trace
                self._follow()
            finally:
                self._busy = False

    def _on_viewer(self, _: Any) -> None:
        with _LOCK:
            if self._busy:
                return
            self._busy = True
            try:
                with self.stage.hold_sync():
                    self.stage.selected_atom = self._known(self.viewer.selected_atom, "atoms")
                    self.stage.selected_bond = self._known(self.viewer.selected_bond, "bonds")
                    self.stage.channel = self.viewer.channel
                self._follow()
            finally:
                self._busy = False

    def _follow(self) -> None:
        """Show what the stage has chosen, in its colours.

        While a new trace is put on stage, what was chosen may be of the one before.
        """
        viewer, stage, view = self.viewer, self.stage, self.stage._shown
        step = min(stage.step, len(view.steps) - 1)
        width = widest_state(view)
        channel = stage.channel if stage.channel is not None and stage.channel < width else None
        with viewer.hold_sync():
            viewer.selected_atom = self._known(stage.selected_atom, "atoms")
            viewer.selected_bond = self._known(stage.selected_bond, "bonds")
            viewer._channel_count, viewer.channel = width, channel
            viewer.colours = state_colours(view, step, channel).padded(viewer._count("atoms"))

    def _known(self, number: int | None, what: str) -> int | None:
        """The number where both have such an atom or bond, else None."""
        most = min(self.stage._count(what), self.viewer._count(what))
        return number if number is not None and number < most else None

    def _same_molecule(self) -> bool:
        whole = self.viewer._whole
        return whole is not None and begins_with(whole.full, self.stage.trace.mol)
