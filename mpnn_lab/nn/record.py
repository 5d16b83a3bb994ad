"""What a trained model remembers of its training."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class TrainingRecord:
    """Where a model's weights come from.

    Attributes
    ----------
    dataset, title : the data set's name, and as people write it.
    epoch : how many epochs had passed when these weights were kept.
    target_names, unit : what is predicted, and in which unit.
    trained_on, tested_on : how many molecules each part of the split holds.
    test_rmse : root mean square error on the test part, in `unit`.
    baseline_rmse : that of predicting the training part's mean.
    training_smiles : canonical SMILES of the training part.
    validation_smiles : those of the validation part, by which the epoch was chosen.
    weights : `fingerprint` of the model as the training left it.
    """

    dataset: str
    title: str
    epoch: int
    target_names: tuple[str, ...]
    unit: str
    trained_on: int
    tested_on: int
    test_rmse: float
    baseline_rmse: float
    training_smiles: frozenset[str]
    validation_smiles: frozenset[str]
    weights: str


def fingerprint(model: nn.Module) -> str:
    """A digest of all numbers of a model, whatever device or (wider) type they are kept in."""
    digest = hashlib.sha256()
    for name, values in model.state_dict().items():
        digest.update(name.encode())
        digest.update(values.detach().cpu().double().numpy().tobytes())
    return digest.hexdigest()
