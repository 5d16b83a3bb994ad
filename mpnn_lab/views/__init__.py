"""Traces as plain data, and the one blob in which they travel."""

from mpnn_lab.views.against import AgainstView, against_view
from mpnn_lab.views.builder import BuilderForm, BuilderState, builder_form, builder_state
from mpnn_lab.views.from_trace import stage_view
from mpnn_lab.views.stage import StageView
from mpnn_lab.views.wire import decode, encode

__all__ = [
    "AgainstView",
    "BuilderForm",
    "BuilderState",
    "StageView",
    "against_view",
    "builder_form",
    "builder_state",
    "decode",
    "encode",
    "stage_view",
]
