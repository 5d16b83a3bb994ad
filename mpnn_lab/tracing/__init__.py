"""Recording a run: rounds, messages, edge matrices, and the check that the numbers are right."""

from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.tracing.colours import told_apart, wl_colours
from mpnn_lab.tracing.edits import Edit, FeatureEdit, MessageEdit
from mpnn_lab.tracing.forms.parts import numbered
from mpnn_lab.tracing.matrices import EdgeMatrix
from mpnn_lab.tracing.readout import Readout
from mpnn_lab.tracing.receptive import ReceptiveField
from mpnn_lab.tracing.report import Report
from mpnn_lab.tracing.rounds import Propagation, Round
from mpnn_lab.tracing.smoothing import Smoothing
from mpnn_lab.tracing.trace import Trace, trace
from mpnn_lab.tracing.what_if import edited, make_edit, what_if, with_edit

__all__ = [
    "EdgeMatrix",
    "Edit",
    "FeatureEdit",
    "MessageEdit",
    "Propagation",
    "Quantity",
    "Readout",
    "ReceptiveField",
    "Report",
    "Round",
    "Smoothing",
    "Trace",
    "edited",
    "make_edit",
    "numbered",
    "told_apart",
    "trace",
    "what_if",
    "with_edit",
    "wl_colours",
]
