"""Numbers that are none: found where they first appear, with the weight they come from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing.arguments import first_tensor

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace


def check_graph(data: Any) -> None:
    """Raise for the first tensor of the graph that is not finite."""
    for name, value in data.to_dict().items():
        if bad := not_finite(value):
            raise TraceError(f"the graph: {name} holds {_values(bad)}", mend=_MEND)


def check_run(trace: Trace, totals: Mapping[int, Tensor]) -> None:
    """Look at what each round adds; what only moves it on needs no second look.

    `totals` holds sums that are known already, by the `id` of what was summed.
    """
    for r in trace.rounds:
        found: list[tuple[str, Any]] = [("state_in", r.state_in)] if r.number == 1 else []
        found += [
            ("messages", p.messages) for p in r.propagations if not _finite_sum(p.record.total)
        ]
        found.append(("state_out", r.state_out))
        found = [(name, value) for name, value in found if not _finite_sum(totals.get(id(value)))]
        _check(trace, f"round {r.number}", found, r.layer)
    if trace.readout is not None:
        found = [("output", first_tensor(trace.readout.output))]
        _check(trace, "the readout", found, trace.readout.layer)
    _check(trace, "the prediction", [("output", trace.output)], None)


def _finite_sum(total: Tensor | None) -> bool:
    """Whether a sum is known and finite: then so is all that went into it."""
    return total is not None and math.isfinite(total.item())


def not_finite(value: Any) -> int:
    """How many values of a tensor are NaN or infinite; 0 for what is no tensor of numbers."""
    if not isinstance(value, Tensor) or not value.is_floating_point():
        return 0
    if math.isfinite(value.detach().sum().item()):  # NaN or infinity would show in the sum
        return 0
    return int((~value.isfinite()).sum())


_MEND = "Look for NaN in the graph's features or the model's weights."


def _check(trace: Trace, where: str, tensors: Sequence[tuple[str, Any]], layer: str | None) -> None:
    for name, value in tensors:
        if not (bad := not_finite(value)):
            continue
        what = f"{where}: {name} holds {_values(bad)}"
        weight = _weight(trace, layer)
        if weight is None:
            raise TraceError(what, mend=_MEND)
        raise TraceError(f"{what}; so does the weight {weight}", mend="Mend that weight.")


def _weight(trace: Trace, layer: str | None) -> str | None:
    """The first weight or buffer that is not finite: the layer's own, or one of no round's."""
    rounds = tuple(_inside(r.layer) for r in trace.rounds)
    named = [*trace.model.named_parameters(), *trace.model.named_buffers()]
    own = [] if layer is None else [pair for pair in named if pair[0].startswith(_inside(layer))]
    others = [pair for pair in named if not pair[0].startswith(rounds)]
    return next((name for name, value in (*own, *others) if not_finite(value)), None)


def _inside(layer: str) -> str:
    return f"{layer}." if layer else ""


def _values(count: int) -> str:
    return f"{count} value(s) that are NaN or infinite"
