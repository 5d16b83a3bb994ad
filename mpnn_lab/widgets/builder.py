"""ModelBuilder: a network put together field by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import RLock
from typing import Any

import anywidget
import traitlets

from mpnn_lab.chem import Mol, read_molecule
from mpnn_lab.errors import Fault, InputError, LabError, SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import ModelSpec
from mpnn_lab.nn.cost import Cost, cost
from mpnn_lab.nn.words import describe
from mpnn_lab.views.builder import PresetView, builder_form, builder_state, plain
from mpnn_lab.views.static import built
from mpnn_lab.widgets.choices import CHOICES, EXAMPLES, named
from mpnn_lab.widgets.edits import Draft, Revert, Several, Take, Wish, draft_of, granted, read_wish
from mpnn_lab.widgets.guarded import Guarded


@dataclass(frozen=True)
class _Shown:
    """What stands on the page beside the draft; words and cost are the last network's."""

    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    cost: Cost | None = None
    words: str = ""


class _Spec(traitlets.TraitType):
    """A specification, and nothing else."""

    def validate(self, obj: Any, value: object) -> ModelSpec:
        return checked(value)


class ModelBuilder(Guarded, anywidget.AnyWidget):
    """Presets, then rounds as cards, then the rest of a specification; what it does and costs.

    Parameters
    ----------
    spec : ModelSpec, optional
        What to begin with; a small edge network where none is given.
    molecule : str or rdkit.Chem.Mol
        Messages and multiply-adds are counted on it.

    Attributes
    ----------
    spec : ModelSpec
        The last one without a fault; can be set and observed (``builder.observe(..., "spec")``).
    mol : rdkit.Chem.Mol
        The molecule on which is counted; can be set.
    """

    _esm = built("builder.js")
    _css = built("builder.css")
    _form = traitlets.Dict().tag(sync=True)
    _state = traitlets.Dict().tag(sync=True)
    spec: Any = _Spec()

    def __init__(
        self,
        spec: ModelSpec | None = None,
        molecule: str | Mol = EXAMPLES[0][1],
        **traits: Any,
    ) -> None:
        self._lock = RLock()
        self._accept: Callable[[ModelSpec], None] = lambda spec: None
        self._mol = named(read_molecule(molecule))
        self._taken: ModelSpec | None = None
        spec = CHOICES[0].spec if spec is None else checked(spec)
        self._draft, self._shown = draft_of(spec), _Shown()
        presets = [PresetView(c.name, c.label, c.description, c.group) for c in CHOICES]
        super().__init__(_form=plain(builder_form(presets)), spec=spec, **traits)
        self.on_msg(self._on_message)
        self._take(spec)

    @property
    def mol(self) -> Mol:
        """The molecule on which messages and multiply-adds are counted."""
        return self._mol

    @mol.setter
    def mol(self, molecule: str | Mol) -> None:
        mol = named(read_molecule(molecule))
        with self._lock:
            self._mol = mol
            self._take(self.spec)

    @traitlets.validate("spec")  # type: ignore[untyped-decorator]
    def _valid_spec(self, proposal: Any) -> ModelSpec:
        spec: ModelSpec = proposal["value"]
        if spec is not self._taken:
            self._accept(spec)
        return spec

    @traitlets.observe("spec")  # type: ignore[untyped-decorator]
    def _on_spec(self, change: Any) -> None:
        with self._lock:
            if change["new"] is not self._taken:
                self._take(change["new"])

    def _follow(self, spec: ModelSpec, mol: Mol) -> None:
        """Show what has been chosen elsewhere."""
        with self._lock:
            self._mol, self._taken = mol, spec
            self.spec = spec
            self._take(spec)

    def set_state(self, sync_data: Any) -> None:
        """Take what the page has changed; form and state are Python's alone."""
        given = dict(sync_data) if isinstance(sync_data, dict) else {}
        for name in {"_form", "_state"} & set(given):
            del given[name]
            self._refuse(None, InputError(f"{name} is not the page's to change"))
        super().set_state(given)

    def _take(self, spec: ModelSpec) -> None:
        """Show a specification that Python has set."""
        self._draft = draft_of(spec)
        try:
            found = cost(spec, spec.featurize(self._mol))
            self._shown = _Shown(cost=found, words=describe(spec))
        except LabError as fault:
            self._shown = _Shown(faults=_faults(fault))
        self._send_state()

    def _on_message(self, _: Any, message: object, buffers: object = None) -> None:
        number = message.get("id") if isinstance(message, dict) else None
        number = number if type(number) is int else None
        try:
            wish = read_wish(message)
            with self._lock:
                self._grant(wish)
            self.send({"kind": "done", "id": wish.id})
        except InputError as fault:
            self._refuse(number, fault)
        except Exception as fault:
            self._refuse(number, LabError(f"unexpected: {type(fault).__name__}: {fault}"))
            raise

    def _grant(self, wish: Wish) -> None:
        """Do what the page wishes; a fault is said at its field, and `spec` stays as it was."""
        notes: list[str] = []
        refused: InputError | None = None
        if isinstance(wish, Revert):
            draft = draft_of(self.spec)
        elif isinstance(wish, Take):
            draft = draft_of(_preset(wish.name))
        else:
            draft, edits = self._draft, wish.wishes if isinstance(wish, Several) else [wish]
            for edit in edits:
                try:
                    draft, more = granted(draft, edit)
                    notes += [note for note in more if note not in notes]
                except InputError as fault:
                    refused = fault  # the others are granted all the same, as one by one
            if draft is self._draft and refused is not None:
                raise refused
        self._draft = draft
        self._shown = replace(self._shown, faults=(), notes=tuple(notes))
        try:
            spec = _read(draft)
            found = cost(spec, spec.featurize(self._mol))
            _check_size(found)
            if spec != self.spec:
                self._accept(spec)
        except LabError as fault:
            self._shown = replace(self._shown, faults=_faults(fault))
        else:
            self._shown = _Shown((), tuple(notes), found, describe(spec))
            self._taken = spec
            self.spec = spec
        finally:
            self._send_state()
        if refused is not None:
            raise refused

    def _send_state(self) -> None:
        shown = self._shown
        same = next((c.name for c in CHOICES if draft_of(c.spec) == self._draft), "")
        state = builder_state(
            self._draft, faults=shown.faults, preset=same, words=shown.words,
            cost=shown.cost, molecule=_title(self._mol), notes=shown.notes,
        )  # fmt: skip
        self._state = plain(state)

    def _refuse(self, number: int | None, fault: LabError) -> None:
        self.send({"kind": "error", "id": number, "what": fault.what, "mend": fault.mend})


def checked(spec: object, whose: str = "builder") -> ModelSpec:
    """The specification itself; LabError for anything else."""
    if not isinstance(spec, ModelSpec):
        raise LabError(
            f"got a {type(spec).__name__}; the {whose}'s spec is a ModelSpec",
            mend="Such as ml.ModelSpec(rounds=[ml.Layer('NNConv', 16)]).",
        )
    return spec


def _read(draft: Draft) -> ModelSpec:
    return ModelSpec(**draft)


def _preset(name: str) -> ModelSpec:
    for choice in CHOICES:
        if choice.name == name:
            return choice.spec
    raise InputError(f"there is no preset {name!r}")


def _faults(fault: LabError) -> tuple[Fault, ...]:
    if isinstance(fault, SpecError):
        return fault.faults
    return (Fault("", fault.what, fault.mend),)


def _check_size(found: Cost) -> None:
    mend = "Make the rounds narrower or fewer; a cell can build it: ml.ModelSpec(...).build()."
    if found.parameters > LIMITS.parameters:
        raise SpecError(
            f"this network has {found.parameters:,} weights; up to {LIMITS.parameters:,} are "
            "built while one puts it together",
            mend=mend,
        )
    if not found.complete:
        raise SpecError(
            f"this network takes more than {LIMITS.multiply_adds:,} multiply-adds for this "
            "molecule; that is too slow to look at",
            mend=mend,
        )


def _title(mol: Mol) -> str:
    name = mol.GetProp("_Name").strip() if mol.HasProp("_Name") else ""
    return name or "the molecule"
