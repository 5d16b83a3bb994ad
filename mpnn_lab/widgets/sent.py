"""What a stage sends to its page."""

from __future__ import annotations

from mpnn_lab.errors import InputError
from mpnn_lab.limits import LIMITS
from mpnn_lab.tracing import Trace
from mpnn_lab.views import StageView, against_view, encode, stage_view
from mpnn_lab.widgets.over_dataset import OverDataset


def described(trace: Trace) -> tuple[StageView, bytes]:
    """A trace as the stage shows it, and as its page reads it."""
    _expect(trace)
    view = stage_view(trace)
    return view, _small(encode(view))


def _expect(trace: Trace) -> None:
    if not isinstance(trace, Trace):
        raise InputError(
            f"got a {type(trace).__name__}; the stage shows a Trace",
            mend="Make one with ml.trace(model, molecule).",
        )


def _small(blob: bytes) -> bytes:
    if len(blob) > LIMITS.stage_bytes:
        raise InputError(
            f"this trace takes {len(blob) / 1e6:.0f} MB; the stage is sent at most "
            f"{LIMITS.stage_bytes / 1e6:.0f} MB",
            mend="Use a narrower network or a smaller molecule.",
        )
    return blob


def beside_blob(trace: Trace, other: Trace | None) -> bytes:
    """The other run as the page reads it; empty where there is none."""
    if other is None:
        return b""
    _expect(other)
    return _small(encode(against_view(trace, other)))


def over_blob(over: OverDataset | None, trace: Trace, other: Trace | None) -> bytes:
    """The matrices over a data set as the page reads them; empty where there is none."""
    return b"" if over is None else _small(encode(over.view(trace, other)))
