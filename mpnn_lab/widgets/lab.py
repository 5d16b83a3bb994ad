"""Lab: the widgets as one place, sharing one molecule and one model."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock, get_ident
from typing import Any

import ipywidgets

from mpnn_lab.checks import seed_number
from mpnn_lab.chem import Mol, canonical_smiles, read_molecule
from mpnn_lab.errors import LabError
from mpnn_lab.exporting import session_code
from mpnn_lab.nn import ModelSpec, Network
from mpnn_lab.tracing import Trace, trace
from mpnn_lab.widgets.builder import ModelBuilder, checked
from mpnn_lab.widgets.choices import CHOICES, EXAMPLES, named
from mpnn_lab.widgets.guarded import Guarded
from mpnn_lab.widgets.lab_bar import TABS, LabBar, error_of
from mpnn_lab.widgets.lab_foot import LabFoot
from mpnn_lab.widgets.lab_words import foot, note, offered
from mpnn_lab.widgets.stage import Stage
from mpnn_lab.widgets.viewer3d import Viewer3D

VIEWER_HEIGHT = 460
"""In pixels."""


class Lab(Guarded, ipywidgets.VBox):
    """Type a molecule, choose a network, step through its messages.

    Parameters
    ----------
    molecule : str or rdkit.Chem.Mol
        What to begin with.
    spec : ModelSpec, optional
        The network; a small edge network where none is given.
    seed : int
        Draws the weights of untrained networks.

    Attributes
    ----------
    mol, spec, model, trace : the molecule, the specification, the network, the run on stage; each
        can be set.
    stage : the `Stage` widget, with `step`, `selected_atom` and `selected_bond`.
    builder : the `ModelBuilder` widget, made when first asked for.
    viewer : the `Viewer3D` widget, linked with the stage; made when first asked for.
    tab : which part is in sight, ``"molecule"``, ``"build"`` or ``"step"``; can be set.
    """

    def __init__(
        self,
        molecule: str | Mol = EXAMPLES[0][1],
        spec: ModelSpec | None = None,
        *,
        seed: int = 0,
    ) -> None:
        self._seed = seed_number(seed)
        self._lock = RLock()
        self._unheard_in: int | None = None
        self._text_fault: dict[str, Any] | None = None
        self._mol = named(read_molecule(molecule))
        self._model = (CHOICES[0].spec if spec is None else checked(spec, "lab")).build(seed)
        self._stage = Stage(trace(self._model, self._mol))
        choices, choice = offered(self._model)
        self._bar = LabBar(
            text=molecule if isinstance(molecule, str) else canonical_smiles(self._mol),
            examples=[{"label": label, "text": text} for label, text in EXAMPLES],
            choices=choices,
            choice=choice,
        )
        self._foot = LabFoot()
        self._builder: ModelBuilder | None = None
        self._viewer: Viewer3D | None = None
        self._building = False
        self._seen = ipywidgets.Box([self._stage])
        super().__init__([self._bar, self._seen, self._foot])
        # The page shows the parts that belong to its tab: a stage shown in another cell stays.
        for part, name in ((self, "whole"), (self._seen, "seen"), (self._stage, "part-stage")):
            part.add_class(f"lab-{name}")
        self._say()
        self._bar.observe(self._on_text, "text")
        self._bar.observe(self._on_choice, "choice")
        self._bar.observe(self._on_tab, ("tab", "room"))
        self._stage.observe(self._on_asked, ("_ask", "revealed"))

    @property
    def mol(self) -> Mol:
        """The molecule on stage."""
        return self._mol

    @mol.setter
    def mol(self, molecule: str | Mol) -> None:
        mol = named(read_molecule(molecule))
        text = molecule if isinstance(molecule, str) else canonical_smiles(mol)
        self._show(mol, self._model, text)

    @property
    def spec(self) -> ModelSpec:
        """The network's specification."""
        return self._model.spec

    @spec.setter
    def spec(self, spec: ModelSpec) -> None:
        self._show(self._mol, checked(spec, "lab").build(self._seed))

    @property
    def model(self) -> Network:
        """The network on stage."""
        return self._model

    @model.setter
    def model(self, model: Network) -> None:
        if not isinstance(model, Network):
            raise LabError(
                f"got a {type(model).__name__}; the lab's model is one built from a ModelSpec",
                mend="For a module of your own use Stage(trace(model, data, mol=mol)).",
            )
        self._show(self._mol, model)

    @property
    def trace(self) -> Trace:
        """The run on stage; setting it brings its molecule, and a copy of its model, with it."""
        return self.stage.trace

    @trace.setter
    def trace(self, recorded: Trace) -> None:
        if not isinstance(recorded, Trace):
            raise LabError(
                f"got a {type(recorded).__name__}; the lab's trace is a Trace",
                mend="Make one with ml.trace(model, molecule).",
            )
        if not isinstance(recorded.model, Network) or recorded.mol is None:
            raise LabError(
                "the lab shows traces of one molecule by a model built from a ModelSpec",
                mend="For any other use ml.Stage(trace).",
            )
        text = canonical_smiles(recorded.mol)
        with self._lock:
            self._adopt(recorded, recorded.mol, copy.deepcopy(recorded.model), text)

    @property
    def stage(self) -> Stage:
        """The stage; it stays the same widget whatever it shows."""
        return self._stage

    @property
    def builder(self) -> ModelBuilder:
        """Where the network is put together; the stage follows it."""
        with self._lock:
            if self._builder is None:
                self._builder = ModelBuilder(self.spec, self._mol)
                self._builder._lock = self._lock  # two would wait for each other
                self._builder._accept = self._on_built
                self._builder.add_class("lab-part-build")
                self.children = [self._bar, self._builder, self._seen, self._foot]
            return self._builder

    @property
    def viewer(self) -> Viewer3D:
        """The molecule in 3D; what is selected there is selected on the stage, too."""
        with self._lock:
            if self._viewer is None:
                viewer = Viewer3D(self.trace, height=VIEWER_HEIGHT)
                viewer.link(self._stage)
                viewer.add_class("lab-part-space")
                self._viewer = viewer
                self._seen.children = [self._stage, viewer]
            return self._viewer

    @property
    def tab(self) -> str:
        """``"molecule"``, ``"build"`` or ``"step"``."""
        return str(self._bar.tab)

    @tab.setter
    def tab(self, tab: str) -> None:
        if tab not in TABS:
            raise LabError(f"got {tab!r}; the lab's tabs are {', '.join(TABS)}")
        self._bar.tab = tab

    def to_code(self) -> str:
        """Write molecule and network as a plain PyG program that prints the same prediction.

        It needs torch, torch_geometric and rdkit. Weights that no seed gives, such as trained
        ones, are written down in it.

        Raises
        ------
        LabError
            Where no program could say the same: a changed run, coordinates of the molecule's own
            that the network reads, or more weights than `Limits.code_weight_bytes`.
        """
        with self._lock:
            return session_code(self.trace, text=self._bar.text, seed=self._seed)

    def _show(self, mol: Mol, model: Network, text: str | None = None) -> None:
        """Trace and show; the stage changes only when all of it has worked."""
        with self._lock:
            self._adopt(trace(model, mol), mol, model, text)

    def _adopt(self, recorded: Trace, mol: Mol, model: Network, text: str | None) -> None:
        """Show a run; `text` is what the field then says, where the molecule is a new one.

        What is wrong with the field's text stays said until the field has another.
        """
        self.stage.trace = recorded
        self._mol, self._model = mol, model
        with self._unheard():
            self._bar.choices, self._bar.choice = offered(model)
        if text is not None:
            self._text_fault = None
            with self._unheard():
                self._bar.text = text
        if self._builder is not None and not self._building:
            self._builder._follow(model.spec, mol)
        self._say()
        self._bar.answer(error=self._text_fault)

    def _say(self) -> None:
        """Tell the page what is held."""
        header = self._stage._shown.header
        with self._bar.hold_sync():
            self._bar.note = note(self.trace, self._model)
            self._bar.title, self._bar.run = header.title, header.status
        self._say_below()

    def _say_below(self) -> None:
        stage = self._stage
        last = stage._shown.steps[-1].quantities
        hidden = bool(stage._ask) and not stage.revealed and stage._ask["quantity"] in last
        self._foot.parts = foot(stage._shown.header, self._model, hidden=hidden)

    def _on_asked(self, _: Any) -> None:
        self._say_below()

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        """Change what the bar says without taking it for a wish of the page."""
        self._unheard_in = get_ident()  # what the page wants may come on another thread meanwhile
        try:
            yield
        finally:
            self._unheard_in = None

    def _on_text(self, change: Any) -> None:
        if self._unheard_in == get_ident():
            return
        text = change["new"]
        self._text_fault = self._attempt(
            lambda: self._show(named(read_molecule(text)), self._model, text)
        )

    def _on_choice(self, change: Any) -> None:
        if self._unheard_in == get_ident():
            return
        chosen = next((c for c in CHOICES if c.name == change["new"]), None)
        if chosen is not None and chosen.spec != self._model.spec:
            self._attempt(lambda: self._show(self._mol, chosen.spec.build(self._seed)))

    def _on_built(self, spec: ModelSpec) -> None:
        """Show what the builder has made; what goes wrong is said there."""
        with self._lock:
            self._building = True
            try:
                self._show(self._mol, spec.build(self._seed))
            finally:
                self._building = False

    def _on_tab(self, _: Any) -> None:
        """Make what comes in sight, when it first does."""
        if self.tab == "build":
            self._attempt(lambda: self.builder)
        elif self.tab == "molecule" or self._bar.room:
            self._attempt(lambda: self.viewer)
        self._say_below()

    def _attempt(self, action: Callable[[], object]) -> dict[str, Any] | None:
        """Do what the page asked for; what goes wrong is said beside the field, and given."""
        try:
            with self._lock:
                action()
        except LabError as fault:
            error = error_of(fault)
            self._bar.answer(error=error)
            return error
        except Exception as fault:
            unexpected = LabError(f"unexpected: {type(fault).__name__}: {fault}")
            self._bar.answer(error=error_of(unexpected))
            raise
        return None
