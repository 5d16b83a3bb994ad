"""Lab: molecule, model and stage in one place."""

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
from mpnn_lab.nn import ModelSpec, Network
from mpnn_lab.tracing import Trace, trace
from mpnn_lab.widgets.builder import ModelBuilder
from mpnn_lab.widgets.choices import CHOICES, EXAMPLES, named
from mpnn_lab.widgets.guarded import Guarded
from mpnn_lab.widgets.lab_bar import TABS, LabBar
from mpnn_lab.widgets.stage import Stage


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
    tab : which of the two is in sight, ``"build"`` or ``"step"``; can be set.
    """

    def __init__(
        self,
        molecule: str | Mol = EXAMPLES[0][1],
        spec: ModelSpec | None = None,
        *,
        seed: int = 0,
    ) -> None:
        if spec is not None:
            _check_spec(spec)
        self._seed = seed_number(seed)
        self._lock = RLock()
        self._unheard_in: int | None = None
        self._text_fault: dict[str, Any] | None = None
        self._mol = named(read_molecule(molecule))
        self._model = (spec or CHOICES[0].spec).build(seed)
        self._stage = Stage(trace(self._model, self._mol))
        self._bar = LabBar(
            text=molecule if isinstance(molecule, str) else canonical_smiles(self._mol),
            examples=[{"label": label, "text": text} for label, text in EXAMPLES],
            choices=self._choices(),
            choice=self._choice(),
            note=self._note(),
        )  # fmt: skip
        self._bar.observe(self._on_text, "text")
        self._bar.observe(self._on_choice, "choice")
        self._bar.observe(self._on_tab, "tab")
        self._builder: ModelBuilder | None = None
        self._building = False
        super().__init__([self._bar, self.stage])

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
        _check_spec(spec)
        self._show(self._mol, spec.build(self._seed))

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
                self._builder.layout.display = "none" if self.tab == "step" else ""
                self.children = [self._bar, self._builder, self._stage]
            return self._builder

    @property
    def tab(self) -> str:
        """``"build"`` or ``"step"``."""
        return str(self._bar.tab)

    @tab.setter
    def tab(self, tab: str) -> None:
        if tab not in TABS:
            raise LabError(f"got {tab!r}; the lab's tabs are {', '.join(TABS)}")
        self._bar.tab = tab

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
            self._bar.choices, self._bar.choice = self._choices(), self._choice()
        if text is not None:
            self._text_fault = None
            with self._unheard():
                self._bar.text = text
        if self._builder is not None and not self._building:
            self._builder._follow(model.spec, mol)
        self._bar.answer(note=self._note(), error=self._text_fault)

    @contextmanager
    def _unheard(self) -> Iterator[None]:
        """Change what the bar says without taking it for a wish of the page."""
        self._unheard_in = get_ident()  # what the page wants may come on another thread meanwhile
        try:
            yield
        finally:
            self._unheard_in = None

    def _choices(self) -> list[dict[str, str]]:
        known = [{"name": c.name, "label": c.label, "description": c.description} for c in CHOICES]
        own = {"name": "", "label": "your own", "description": self._model.spec.summary()}
        return known if self._choice() else [own, *known]

    def _choice(self) -> str:
        return next((c.name for c in CHOICES if c.spec == self._model.spec), "")

    def _note(self) -> str:
        run = self.stage.trace
        atoms = run.data.num_nodes  # the molecule may have hydrogens that the graph has not
        messages = sum(p.edge_index.shape[1] for p in run.rounds[0].propagations)
        weights = sum(p.numel() for p in self._model.parameters())
        parts = _count(atoms, "atom"), _count(messages, "message") + " a round"
        return " · ".join((*parts, _count(weights, "weight")))

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

    def _on_tab(self, change: Any) -> None:
        build = change["new"] == "build"
        if build:
            self.builder.layout.display = ""
        elif self._builder is not None:
            self._builder.layout.display = "none"
        self._stage.layout.display = "none" if build else ""

    def _attempt(self, action: Callable[[], None]) -> dict[str, Any] | None:
        """Do what the page asked for; what goes wrong is said beside the field, and given."""
        try:
            with self._lock:
                action()
        except LabError as fault:
            error = {
                "what": fault.what,
                "mend": fault.mend,
                "text": fault.text or "",
                "position": -1 if fault.position is None else fault.position,
            }
            self._bar.answer(error=error)
            return error
        except Exception as fault:
            what = f"unexpected: {type(fault).__name__}: {fault}"
            self._bar.answer(error={"what": what, "mend": "", "text": "", "position": -1})
            raise
        return None


def _check_spec(spec: ModelSpec) -> None:
    if not isinstance(spec, ModelSpec):
        raise LabError(
            f"got a {type(spec).__name__}; the lab's spec is a ModelSpec",
            mend="Such as ml.ModelSpec(rounds=[ml.Layer('NNConv', 16)]).",
        )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
