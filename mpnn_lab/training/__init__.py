"""Training a network on a data set, in the background."""

from mpnn_lab.training.history import Epoch
from mpnn_lab.training.run import Run, train

__all__ = ["Epoch", "Run", "train"]
