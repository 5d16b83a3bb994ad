"""What is kept of every epoch."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Epoch:
    """One pass over the training molecules.

    Attributes
    ----------
    epoch : how many passes had then been made (0: before the first).
    train_loss : mean squared error over the epoch, of targets scaled to spread 1.
    validation_rmse : root mean square error on the validation molecules, in the target's unit.
    seconds : since training began.
    """

    epoch: int
    train_loss: float
    validation_rmse: float
    seconds: float
