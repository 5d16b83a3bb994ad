"""The widgets: each useful alone in a cell."""

from mpnn_lab.widgets.builder import ModelBuilder
from mpnn_lab.widgets.lab import Lab
from mpnn_lab.widgets.map import EmbeddingMap
from mpnn_lab.widgets.py3dmol_offline import enable_py3dmol_offline
from mpnn_lab.widgets.stage import Stage
from mpnn_lab.widgets.viewer3d import Viewer3D

__all__ = [
    "EmbeddingMap",
    "Lab",
    "ModelBuilder",
    "Stage",
    "Viewer3D",
    "enable_py3dmol_offline",
]
