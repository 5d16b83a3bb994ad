"""Out of the notebook: models as plain programs."""

from mpnn_lab.exporting.code import to_code

__all__ = ["to_code"]
