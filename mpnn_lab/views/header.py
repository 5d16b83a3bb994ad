"""The stage's first line: molecule, model, training, prediction."""

from __future__ import annotations

from functools import cache
from typing import Any

from torch import nn

from mpnn_lab.chem import canonical_smiles
from mpnn_lab.datasets import BUNDLED, MoleculeDataset, load_dataset
from mpnn_lab.nn import Network, TrainingRecord, fingerprint
from mpnn_lab.tracing import Trace
from mpnn_lab.views.stage import HeaderView, Prediction, Training

MOST_TARGETS = 20


def header_view(trace: Trace) -> HeaderView:
    """Say who is on stage, and nothing that the model does not know of itself."""
    mol, model = trace.mol, trace.model
    record = model.record if isinstance(model, Network) else None
    smiles = canonical_smiles(mol)
    name = mol.GetProp("_Name").strip() if mol.HasProp("_Name") else ""
    return HeaderView(
        title=(name or smiles) + ", changed" * bool(trace.edits),
        smiles=smiles,
        model=_model_line(model, trace),
        training=_training(model, record),
        status=_status(model, record) + _positions(trace),
        predictions=_predictions(trace, record),
    )


def _model_line(model: nn.Module, trace: Trace) -> str:
    if isinstance(model, Network):
        return model.spec.summary()
    kinds = " → ".join(dict.fromkeys(r.kind for r in trace.rounds))
    return f"{type(model).__name__}: {kinds} × {len(trace.rounds)}"


def _training(model: nn.Module, record: TrainingRecord | None) -> Training:
    """What is known of the model's training: nothing of one that was not made here."""
    if not isinstance(model, Network) or _changed(model, record):
        return "unknown"
    return "untrained" if record is None else "trained"


def _changed(model: nn.Module, record: TrainingRecord | None) -> bool:
    """Whether the weights are no longer those that the training left."""
    return record is not None and record.weights != fingerprint(model)


def _status(model: nn.Module, record: TrainingRecord | None) -> str:
    if record is not None:
        since = " · weights changed since" if _changed(model, record) else ""
        return f"trained on {record.title} · epoch {record.epoch}{since}"
    return "untrained" if isinstance(model, Network) else "your own model"


def _positions(trace: Trace) -> str:
    """Where the atoms' positions come from, if the graph has any: 2D is never taken for 3D."""
    geometry = trace.data.get("geometry")
    if isinstance(geometry, list) and len(geometry) == 1:
        geometry = geometry[0]
    return f" · positions {geometry}" if isinstance(geometry, str) else ""


def _predictions(trace: Trace, record: TrainingRecord | None) -> tuple[Prediction, ...]:
    """One number a target; none where the model answers for each atom, or with too many."""
    output = trace.output.detach()
    values = output.reshape(-1).tolist()
    for_the_molecule = output.dim() == 2 and len(output) == 1
    alone = output.dim() == 0 or (output.dim() == 1 and len(output) != trace.data.num_nodes)
    if len(values) > MOST_TARGETS or not (for_the_molecule or alone or len(values) == 1):
        return ()
    names = record.target_names if record is not None else ()
    predictions = []
    for column, value in enumerate(values):
        # What was measured is the molecule's as it is.
        known = None if trace.edits else record
        measured, note = _measured(trace.mol, known, column)
        predictions.append(
            Prediction(
                target=_name(names, column, len(values)),
                value=value,
                unit=record.unit if record is not None else "",
                measured=measured,
                measured_note=note,
            )
        )
    return tuple(predictions)


def _name(names: tuple[str, ...], column: int, count: int) -> str:
    """The target's name, its number where there are several without names, else nothing."""
    if column < len(names):
        return names[column]
    return f"no. {column + 1}" if count > 1 else ""


@cache
def _bundled(name: str) -> MoleculeDataset:
    """A bundled data set, whose molecules are read once for all headers."""
    return load_dataset(name)


def _measured(mol: Any, record: TrainingRecord | None, column: int) -> tuple[float | None, str]:
    if record is None or record.dataset not in BUNDLED:
        return None, ""
    measured = _bundled(record.dataset).measured(mol, column)
    if measured is None:
        return None, ""
    smiles = canonical_smiles(mol)
    if smiles in record.training_smiles:
        return measured, "trained on it"
    chosen = smiles in record.validation_smiles
    return measured, "not trained on it" + ", but it helped to choose the epoch" * chosen
