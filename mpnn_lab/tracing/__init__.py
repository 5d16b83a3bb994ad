"""Recording a run: rounds, messages, edge matrices, and the check that the numbers are right."""

from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.tracing.colours import told_apart, wl_colours
from mpnn_lab.tracing.forms.parts import numbered
from mpnn_lab.tracing.matrices import EdgeMatrix
from mpnn_lab.tracing.receptive import ReceptiveField
from mpnn_lab.tracing.report import Report
from mpnn_lab.tracing.rounds import Propagation, Readout, Round
from mpnn_lab.tracing.smoothing import Smoothing
from mpnn_lab.tracing.trace import Trace, trace

__all__ = [
    "EdgeMatrix",
    "Propagation",
    "Quantity",
    "Readout",
    "ReceptiveField",
    "Report",
    "Round",
    "Smoothing",
    "Trace",
    "numbered",
    "told_apart",
    "trace",
    "wl_colours",
]
