"""Traces as plain data, and the one blob in which they travel."""

from mpnn_lab.views.from_trace import stage_view
from mpnn_lab.views.stage import StageView
from mpnn_lab.views.wire import decode, encode

__all__ = ["StageView", "decode", "encode", "stage_view"]
