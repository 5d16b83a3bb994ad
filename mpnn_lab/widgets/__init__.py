"""The widgets: each useful alone in a cell."""

from mpnn_lab.widgets.builder import ModelBuilder
from mpnn_lab.widgets.lab import Lab
from mpnn_lab.widgets.map import EmbeddingMap
from mpnn_lab.widgets.stage import Stage

__all__ = ["EmbeddingMap", "Lab", "ModelBuilder", "Stage"]
