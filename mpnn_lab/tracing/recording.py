"""One run of a model, recorded on a copy of the graph; nothing of it stays on the model."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from warnings import warn

from torch import Tensor, nn

from mpnn_lab.errors import LabWarning
from mpnn_lab.tracing.binding import caller, unread
from mpnn_lab.tracing.fused import unhidden
from mpnn_lab.tracing.graph_copy import marks_of, own_copy
from mpnn_lab.tracing.keeper import Keeper
from mpnn_lab.tracing.recorder import Recorder, evaluating
from mpnn_lab.tracing.refusals import check_edges


def ran(
    model: nn.Module, modules: dict[str, nn.Module], data: Any, forward: Any, hooked: bool,
    watched: Collection[str],
) -> tuple[Any, Any, Recorder]:  # fmt: skip
    """Record a run; without features of edges, where the model was not built for them.

    Gives the output, the graph as it was, and what was recorded, of these modules (`watched`)
    beside the layers. Warns where it has left features out.
    """
    try:
        return _record(model, modules, data, forward, hooked, watched)
    except Exception as fault:
        check_edges(data, fault)
        without = frozenset() if forward is not None else unread(model, data)
        if not without:
            raise
        try:
            ran = _record(model, modules, data, forward, hooked, watched, without)
        except Exception:  # then it was not for these
            raise fault from None
    warn(
        f"{type(model).__name__} was built without edge_dim, and run without the graph's "
        f"{', '.join(without)}. Build its layers with edge_dim={data.edge_attr.shape[-1]}, or pass "
        "forward=lambda m, d: m(d.x, d.edge_index).",
        LabWarning,
        stacklevel=3,
    )
    return ran


def _record(
    model: nn.Module, modules: dict[str, nn.Module], data: Any, forward: Any, hooked: bool,
    watched: Collection[str], without: Collection[str] = (),
) -> tuple[Any, Any, Recorder]:  # fmt: skip
    """Run on a copy of the graph; once more, copying everything, if the model works in place.

    Gives the output, a copy of the graph as it was, and what was recorded. The copy that the
    model ran on will do, unless the model changed it.
    """
    buffers = [b for m in modules.values() for b in m._buffers.values() if b is not None]
    weights = [p for m in modules.values() for p in m._parameters.values() if p is not None]
    before = [buffer.clone() for buffer in buffers]

    def run(copying: bool) -> tuple[Any, Recorder]:
        used = own_copy(data)
        fields = used.to_dict()
        marks = marks_of(fields)
        keep = Keeper([*weights, *buffers], copying=copying)
        recorder = Recorder(watched, keep, summing=hooked)
        with evaluating(modules.values()), recorder.attached(modules):
            output = caller(model, used, forward, without)()
        if marks is not None and marks == marks_of(used.to_dict()):
            recorder.graph = used
        return output, recorder

    for copying in (False, True):
        try:
            output, recorder = run(copying)
        except Exception:
            _restore(buffers, before)
            raise
        if recorder.keep.intact():
            break
        if not copying:
            _restore(buffers, before)
    if recorder.hidden:
        recorder = unhidden(recorder, output, modules, (buffers, before), lambda: run(True))
    own = own_copy(data) if recorder.graph is None else recorder.graph
    return output, own, recorder


def _restore(buffers: list[Tensor], before: list[Tensor]) -> None:
    for buffer, value in zip(buffers, before, strict=True):
        buffer.data.copy_(value)
