"""Out of the notebook: models as plain programs, traces as files that need nothing."""

from mpnn_lab.exporting.code import to_code
from mpnn_lab.exporting.html import trace_to_html
from mpnn_lab.exporting.session import session_code

__all__ = ["session_code", "to_code", "trace_to_html"]
