"""Traces as plain data, and the one blob in which they travel."""

from mpnn_lab.views.against import AgainstView, against_view
from mpnn_lab.views.bond_kinds import BondKinds, count_kinds, graphs_of
from mpnn_lab.views.builder import BuilderForm, BuilderState, builder_form, builder_state
from mpnn_lab.views.from_trace import stage_view
from mpnn_lab.views.gallery import GalleryView, KindsView, kind_matrices, why_not
from mpnn_lab.views.stage import StageView
from mpnn_lab.views.wire import decode, encode

__all__ = [
    "AgainstView",
    "BondKinds",
    "BuilderForm",
    "BuilderState",
    "GalleryView",
    "KindsView",
    "StageView",
    "against_view",
    "builder_form",
    "builder_state",
    "count_kinds",
    "decode",
    "encode",
    "graphs_of",
    "kind_matrices",
    "stage_view",
    "why_not",
]
