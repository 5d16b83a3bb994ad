"""The widgets: each useful alone in a cell."""

from mpnn_lab.widgets.lab import Lab
from mpnn_lab.widgets.stage import Stage

__all__ = ["Lab", "Stage"]
