"""From recorded calls to rounds, as the user counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor

from mpnn_lab.tracing.compound import part_of, whole_of
from mpnn_lab.tracing.recorder import CallRecord, Recorder
from mpnn_lab.tracing.rounds import Propagation, Round, edge_states
from mpnn_lab.tracing.states import output_of, state_of

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


def rounds_of(trace: Trace, recorder: Recorder) -> list[Round]:
    """One for each layer call; for all calls within a round of ours that has several."""
    calls = recorder.layers
    seen: dict[str, int] = {}
    rounds: list[Round] = []
    for k, call in enumerate(calls):
        whole = whole_of(call)
        if whole is not None:
            if not rounds or rounds[-1].call is not whole:
                inner = [c for c in calls[k:] if whole_of(c) is whole]
                rounds.append(_several(trace, len(rounds) + 1, whole, inner))
            continue
        place = seen.get(call.name, 0)
        seen[call.name] = place + 1
        following = calls[k + 1] if k + 1 < len(calls) else None
        rounds.append(
            Round(
                len(rounds) + 1,
                call.name,
                type(call.module).__name__,
                state_of(call),
                output_of(call),
                _state_out(trace, call, place, following),
                _propagations(trace, [call]),
                call,
                *edge_states(call),
            )
        )
    return rounds


def _several(trace: Trace, number: int, whole: CallRecord, calls: list[CallRecord]) -> Round:
    """A round of ours with several layer calls in it, such as towers."""
    kind, state = type(calls[0].module).__name__, whole.output[0]
    propagations = _propagations(trace, calls, [part_of(call, whole) for call in calls])
    return Round(
        number, whole.name, kind, whole.args[0], state, state, propagations, whole,
        *edge_states(calls[0]),
    )  # fmt: skip


def _propagations(
    trace: Trace, calls: list[CallRecord], parts: Sequence[str] = ("",)
) -> tuple[Propagation, ...]:
    found: list[Propagation] = []
    for call, part in zip(calls, parts, strict=True):
        module = trace.model.get_submodule(call.name)
        for place, record in enumerate(call.propagations):
            found.append(Propagation(record, place, call, trace, module, len(found), part))
    return tuple(found)


def _state_out(trace: Trace, call: CallRecord, place: int, following: CallRecord | None) -> Tensor:
    """What the round left: seen directly in our networks, else what the next part was given."""
    parent = call.name.rpartition(".")[0]
    if parent in trace.parts:
        out: Tensor = trace.parts[parent][place].output[0]
        return out
    given = state_of(following) if following else trace.readout.state if trace.readout else None
    output = output_of(call)
    return given if given is not None and len(given) == len(output) else output
