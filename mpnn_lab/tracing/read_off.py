"""What a recorded propagation says of its edges, read off as it stands."""

from __future__ import annotations

from torch import Tensor

from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord


def with_masters(call: CallRecord) -> Tensor:
    """The edges between atoms and masters, which are nodes numbered after all the atoms."""
    ends, size = call.propagations[0].edge_index, call.args[2]
    reads = call.name.endswith(".read")
    shift = ends.new_tensor([[size[1]], [0]] if reads else [[0], [size[0]]])
    return ends + shift


def own_weights(record: PropagationRecord) -> Tensor | None:
    """As recorded: attention before the factors of the degrees, where a layer has both."""
    given = record.kwargs.get
    for value in (given("alpha"), record.alpha, given("edge_weight"), given("norm")):
        if isinstance(value, Tensor) and value.shape[:1] == record.edge_index.shape[1:]:
            return value
    return None
