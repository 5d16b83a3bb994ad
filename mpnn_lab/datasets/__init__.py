"""Data sets of molecules with measured or computed values."""

from __future__ import annotations

from mpnn_lab.datasets.bundled import BUNDLED, load_dataset
from mpnn_lab.datasets.dataset import MoleculeDataset

__all__ = ["BUNDLED", "MoleculeDataset", "load_dataset"]
