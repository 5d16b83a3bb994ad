"""EmbeddingMap: the states of many molecules as points in a plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anywidget
import traitlets

from mpnn_lab.chem import Mol, read_molecule
from mpnn_lab.datasets import MoleculeDataset
from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import Network
from mpnn_lab.tracing import trace
from mpnn_lab.tracing.embeddings import Level, principal_plane, states_of
from mpnn_lab.views import encode
from mpnn_lab.views.map import Colour, map_view
from mpnn_lab.views.static import built
from mpnn_lab.widgets.guarded import Guarded
from mpnn_lab.widgets.lab import Lab
from mpnn_lab.widgets.stage import Stage


class EmbeddingMap(Guarded, anywidget.AnyWidget):
    """Molecules (or their atoms) where a network's states put them.

    The plane is that of the first two principal components of the states, worked out once, when
    the map is made: training the model on moves nothing.

    Parameters
    ----------
    model : Network
        Built from a `ModelSpec`. It is run in eval mode, and left as it was.
    molecules : MoleculeDataset, or a sequence of rdkit.Chem.Mol or str
        All of which are shown.
    level : {"graph", "atom"}
        A point for each molecule (what the readout gives) or for each atom.
    round : int, optional
        Of atoms: after how many rounds (0: before the first). After all where it is left out.
    colour : {"target", "prediction", "element"}, optional
        What colours the points: the data set's first target, what the model predicts, the atom's
        element. Left out, atoms are coloured by element, and molecules by target if they have one.

    Attributes
    ----------
    selected : int or None
        Number of the chosen point, from 0; can be read, set and observed.
    mol, atom : the chosen point's molecule, and the number of its atom; None where there is none.
    view : what is shown, as plain data: `points` [P, 2], `shares`, ...

    Raises
    ------
    InputError
        For a model, molecules, a level, a round or a colour that cannot be shown, or more points
        than the cap.
    """

    _esm = built("map.js")
    _css = built("map.css")
    _view = traitlets.Bytes().tag(sync=True)
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        model: Network,
        molecules: MoleculeDataset | Sequence[Mol | str],
        level: Level = "graph",
        round: int | None = None,
        colour: Colour | None = None,
        **traits: Any,
    ) -> None:
        if not isinstance(model, Network):
            raise InputError(
                f"got a {type(model).__name__}; the map is of a network built from a ModelSpec",
                mend="Such as ml.ModelSpec(rounds=[ml.Layer('NNConv', 16)] * 3).build().",
            )
        dataset = molecules if isinstance(molecules, MoleculeDataset) else None
        self._mols = _read(molecules)
        graphs = [model.spec.featurize(mol) for mol in self._mols]
        count = len(graphs) if level == "graph" else sum(int(g.num_nodes or 0) for g in graphs)
        if count > LIMITS.map_points:
            raise InputError(
                f"{count:,} points; at most {LIMITS.map_points:,} are drawn",
                mend="Give fewer molecules.",
            )
        self._model = model
        self._states = states_of(model, graphs, level, round)
        plane = principal_plane(self._states.rows)
        drawn = [graph.mol for graph in graphs]
        self._shown = map_view(model, drawn, dataset, self._states, plane, level, round, colour)
        super().__init__(_view=encode(self._shown), **traits)

    @property
    def view(self) -> Any:
        """What is shown, as plain data: a `MapView`."""
        return self._shown

    @property
    def mol(self) -> Mol | None:
        """The molecule of the chosen point."""
        if self.selected is None:
            return None
        return self._mols[int(self._states.molecule[self.selected])]

    @property
    def atom(self) -> int | None:
        """The atom of the chosen point, from 0; None where a point is a molecule."""
        if self.selected is None or self._shown.level == "graph":
            return None
        return int(self._states.atom[self.selected])

    def drives(self, target: Stage | Lab) -> EmbeddingMap:
        """Load there whatever is chosen from now on.

        On a stage the molecule runs under this map's model, in a lab under the lab's own. Gives
        the map itself, so that it can end a cell.
        """
        if not isinstance(target, Stage | Lab):
            raise InputError(
                f"got a {type(target).__name__}; a map drives a Stage or a Lab",
                mend="map.drives(ml.Lab()), or map.drives(stage).",
            )
        self.observe(lambda _change: self._load(target), "selected")
        return self

    def _load(self, target: Stage | Lab) -> None:
        mol = self.mol
        if mol is None:
            return
        stage = target if isinstance(target, Stage) else target.stage
        if isinstance(target, Lab):
            target.mol = mol
        else:
            target.trace = trace(self._model, mol)
        if self.atom is not None:
            stage.selected_atom = self.atom

    @traitlets.validate("selected")  # type: ignore[untyped-decorator]
    def _valid_selected(self, proposal: Any) -> Any:
        value, count = proposal["value"], len(self._shown.points)
        if value is not None and (isinstance(value, bool) or not 0 <= value < count):
            raise traitlets.TraitError(f"there is no point {value}: there are {count}, from 0")
        return value


def _read(molecules: Any) -> list[Mol]:
    """All molecules; InputError, which says which one, for a bad one, and for none at all."""
    if isinstance(molecules, MoleculeDataset):
        found = list(molecules.mols)
    elif isinstance(molecules, str | Mol) or not isinstance(molecules, Sequence):
        raise InputError(
            f"got a {type(molecules).__name__}; expected a data set or a list of molecules",
            mend="Such as ml.load_dataset('freesolv'), or ['CCO', 'CCN'].",
        )
    else:
        found = [_one(molecule, place) for place, molecule in enumerate(molecules)]
    if not found:
        raise InputError("there are no molecules to put on a map")
    return found


def _one(molecule: Any, place: int) -> Mol:
    try:
        return read_molecule(molecule)
    except InputError as fault:
        raise InputError(
            f"molecule {place}: {fault.what}",
            text=fault.text, position=fault.position, mend=fault.mend,
        ) from fault  # fmt: skip
