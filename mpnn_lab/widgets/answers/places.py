"""Places that a question names."""

from mpnn_lab.views.places import item

__all__ = ["item"]
