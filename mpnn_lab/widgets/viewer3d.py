"""Viewer3D: a molecule in space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import anywidget
import traitlets

from mpnn_lab.chem import Mol, Whole, read_molecule, whole_of, whole_of_block
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.nearest import did_you_mean
from mpnn_lab.tracing import Trace
from mpnn_lab.views import encode
from mpnn_lab.views.py3dmol import recorded_calls
from mpnn_lab.views.scene3d import read_colours, solid
from mpnn_lab.views.scene_calls import MODEL, MODELS, REFUSED, VIEWER, Call, bytes_of, read_call
from mpnn_lab.views.static import built
from mpnn_lab.widgets.guarded import Guarded, within
from mpnn_lab.widgets.linking import link
from mpnn_lab.widgets.stage import Stage

STYLES = ("sticks", "balls and sticks", "spheres", "lines")
PAGES = ("_style", "hydrogens", "selected_atom", "selected_bond", "channel")
"""What the page may change."""


class _Colours(traitlets.TraitType):
    """None, `Colours`, or a number for each atom."""

    def validate(self, obj: Any, value: Any) -> Any:
        return read_colours(value, obj._count("atoms"))


class Viewer3D(Guarded, anywidget.AnyWidget):
    """A molecule in space, whose atoms and bonds can be selected; works without the network.

    Coordinates are those the molecule has, else worked out by ETKDGv3 and MMFF94 in a process that
    is killed when it takes too long; where there are none it lies flat, and why is said.

    py3Dmol's calls are its methods (`viewer.addLabel`, `viewer.setStyle`, ...; `dir(viewer)`
    lists them), with plain data as arguments: ``viewer.addSurface("VDW", {"opacity": 0.6})``. Model
    0 is the molecule, its atoms numbered as in `mol`, then the hydrogens that `mol` only counts.

    Parameters
    ----------
    source : str, rdkit.Chem.Mol or Trace, optional
        What `read_molecule` reads, or a trace of one molecule. Without it the scene is empty.
    style : str
        ``"sticks"``, ``"balls and sticks"``, ``"spheres"`` or ``"lines"``.

    Attributes
    ----------
    mol : rdkit.Chem.Mol or None
        The molecule; settable. None where the scene is someone else's.
    hydrogens : bool
        Whether hydrogens are shown.
    selected_atom, selected_bond : int or None
        Atom and bond of `mol` (0-based), as on the `Stage`.
    colours : None or sequence of float
        One number for each atom of `mol`, shown on the stage's scale; None: by element.
    channel : int or None
        Of a linked stage: the channel whose numbers colour the atoms, None for the state's size.
    height : int
        In pixels.
    """

    _esm = built("viewer3d.js")
    _css = built("viewer3d.css")
    _solid = traitlets.Bytes().tag(sync=True)
    _calls = traitlets.List().tag(sync=True)
    style = traitlets.Enum(STYLES, STYLES[0])
    # Under the name itself ipywidgets' page expects a model.
    _style = traitlets.Enum(STYLES, STYLES[0]).tag(sync=True)
    hydrogens = traitlets.Bool(True).tag(sync=True)
    height = traitlets.Int(400).tag(sync=True)
    selected_atom = traitlets.Int(None, allow_none=True).tag(sync=True)
    selected_bond = traitlets.Int(None, allow_none=True).tag(sync=True)
    channel = traitlets.Int(None, allow_none=True).tag(sync=True)
    colours: Any = _Colours(None, allow_none=True).tag(
        sync=True, to_json=lambda value, _: None if value is None else asdict(value)
    )

    def __init__(self, source: str | Mol | Trace | _Scene | None = None, **traits: Any) -> None:
        scene = source if isinstance(source, _Scene) else _Scene([], _whole(source), drawn=True)
        self._whole, self._drawn = scene.whole, scene.drawn
        self._end_link: Callable[[], None] | None = None
        self._channel_count = 0
        super().__init__(_solid=self._encoded(), **traits)
        self._add(scene.calls)

    @classmethod
    def from_py3dmol(cls, view: Any, **traits: Any) -> Viewer3D:
        """The scene of a ``py3Dmol.view``: its calls, made so far, are replayed.

        Where its first model is an SDF or mol file, that is the molecule: its atoms can be
        selected, coloured and linked with a stage.

        Raises
        ------
        InputError
            For a call that takes a function in JavaScript, loads from the network or is not known;
            names it, and says what to do instead.
        """
        calls, height = recorded_calls(view)
        shown = {"height": min(max(height or 400, 100), 2_000)} | traits
        return cls(_Scene(calls, _first_molecule(calls)), **shown)

    @property
    def mol(self) -> Mol | None:
        """The molecule; a new one takes the place of everything in the scene."""
        return None if self._whole is None else self._whole.mol

    @mol.setter
    def mol(self, source: str | Mol | Trace | None) -> None:
        self._show(_whole(source))

    @property
    def geometry(self) -> str:
        """Where the coordinates come from, such as ``"3D, ETKDGv3 and MMFF94"``."""
        return "" if self._whole is None else self._whole.geometry.how

    @property
    def calls(self) -> tuple[Call, ...]:
        """py3Dmol's calls that were made, in order, as plain data."""
        return tuple(self._calls)

    def link(self, stage: Stage) -> Callable[[], None]:
        """Link with a stage, both ways, until the function that is returned is called.

        What is selected on one is selected on the other; atoms are coloured as on the stage at its
        step, by the size of their state or the channel chosen on either. A stage that turns to
        another molecule brings it here.

        Raises
        ------
        InputError
            If the stage's molecule is another one than that of a scene of py3Dmol's.
        """
        if not isinstance(stage, Stage):
            raise InputError(
                f"got a {type(stage).__name__}; a viewer is linked with a Stage",
                mend="Such as viewer.link(ml.Stage(trace)), or viewer.link(lab.stage).",
            )
        return link(self, stage)

    def __getattr__(self, name: str) -> Any:
        if name == "getModel":
            return lambda *on: _Model(self, on)
        if name in VIEWER or name in REFUSED:
            return lambda *args: self._call(name, args)
        known = [*VIEWER, "getModel", *self.trait_names(), "mol", "link"]
        mend = did_you_mean(name, known, "dir(viewer) lists what it has; py3Dmol's calls are")
        raise AttributeError(f"a {type(self).__name__} has no {name!r}. {mend}")

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *VIEWER})

    def set_state(self, sync_data: Any) -> None:
        """Take what the page has changed; molecule, scene and colours are Python's alone."""
        given = sync_data if isinstance(sync_data, dict) else {}
        super().set_state({name: value for name, value in given.items() if name in PAGES})

    def _call(self, method: str, args: tuple[Any, ...], on: tuple[Any, ...] | None = None) -> Any:
        """Make one call of the scene's; returns the viewer, so that calls can be chained."""
        self._add([read_call(method, args, on)])
        return self

    def _add(self, calls: list[Call]) -> None:
        scene = [*self._calls, *calls]
        size = bytes_of(scene)
        if size > LIMITS.scene_bytes:
            raise InputError(
                f"the scene takes {size / 1e6:.0f} MB; at most {LIMITS.scene_bytes / 1e6:.0f} MB "
                "are sent to the page",
                mend="Show fewer or smaller models.",
            )
        self._calls = scene

    def _show(self, whole: Whole | None) -> None:
        with self.hold_sync():
            self.selected_atom = self.selected_bond = self.colours = None
            self._whole, self._drawn, self._calls = whole, True, []
            self._solid = self._encoded()

    def _encoded(self) -> bytes:
        if self._whole is None:
            return b""
        return encode(solid(self._whole, drawn=self._drawn))

    def _count(self, what: str) -> int:
        if self._whole is None:
            return 0
        mol = self._whole.mol
        return int(mol.GetNumAtoms() if what == "atoms" else mol.GetNumBonds())

    @traitlets.observe("style", "_style")  # type: ignore[untyped-decorator]
    def _on_style(self, change: Any) -> None:
        self.style = self._style = change["new"]

    @traitlets.validate("selected_atom")  # type: ignore[untyped-decorator]
    def _valid_atom(self, proposal: Any) -> Any:
        return within(proposal["value"], self._count("atoms"), "atom")

    @traitlets.validate("selected_bond")  # type: ignore[untyped-decorator]
    def _valid_bond(self, proposal: Any) -> Any:
        return within(proposal["value"], self._count("bonds"), "bond")

    @traitlets.validate("channel")  # type: ignore[untyped-decorator]
    def _valid_channel(self, proposal: Any) -> Any:
        return within(proposal["value"], self._channel_count, "channel")

    @traitlets.validate("height")  # type: ignore[untyped-decorator]
    def _valid_height(self, proposal: Any) -> Any:
        if not 100 <= proposal["value"] <= 2_000:
            raise traitlets.TraitError(
                f"got {proposal['value']}; a viewer is 100 to 2,000 pixels high"
            )
        return proposal["value"]


@dataclass(frozen=True)
class _Scene:
    """Calls, the molecule they are about, and whether the page has yet to draw that."""

    calls: list[Call]
    whole: Whole | None
    drawn: bool = False


class _Model:
    """One of the scene's models, for ``viewer.getModel(0).setStyle(...)``."""

    def __init__(self, viewer: Viewer3D, on: tuple[Any, ...]) -> None:
        self._viewer, self._on = viewer, on

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args: self._viewer._call(name, args, self._on)

    def __dir__(self) -> list[str]:
        return list(MODEL)


def _whole(source: str | Mol | Trace | None) -> Whole | None:
    if source is None:
        return None
    if isinstance(source, Trace):
        if not isinstance(source.mol, Mol):
            raise InputError(
                "this trace is not of one molecule",
                mend="Trace with ml.trace(model, data, mol=mol).",
            )
        source = source.mol
    if not isinstance(source, str | Mol):
        read_molecule(source)
    return whole_of(source)


def _first_molecule(calls: list[Call]) -> Whole | None:
    """The molecule of a scene's first model, where that is a molblock; else None."""
    first = next((call for call in calls if call["method"] in MODELS), None)
    if first is None or first["method"] != "addModel" or len(first["args"]) < 2:
        return None
    text, kind = first["args"][:2]
    if not isinstance(text, str) or kind not in ("sdf", "mol"):
        return None
    end = text.find("M  END")
    try:
        return whole_of_block(text[: end + 7] if end >= 0 else text)
    except InputError:
        return None  # 3Dmol reads more than RDKit takes for a molecule
