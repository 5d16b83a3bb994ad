"""What a trace holds: rounds, their propagations, the readout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing.edges import EdgeNames, name_edges
from mpnn_lab.tracing.matrices import EdgeMatrix, edge_jacobian, exact_matrices
from mpnn_lab.tracing.nodes import Nodes
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace

AXES: dict[int, tuple[str, ...]] = {
    1: ("edge",),
    2: ("edge", "channel"),
    3: ("edge", "head", "channel"),
}


class Propagation:
    """One call of ``propagate``: its own edges, and what was sent along them.

    Attributes
    ----------
    edge_index : Tensor [2, M], long
        As the layer used it: with its self-loops, on its own edges.
    messages : Tensor [M, ...] or None
        One message an edge; `axes` names the axes, such as ("edge", "head", "channel").
    weights : Tensor [M] or [M, heads] or None
        Attention or normalisation coefficients: as recorded; where a layer shows none, as its
        arithmetic gives them, if the messages made of them agree. None where there are none.
    aggregated : Tensor [N, ...] or None
        The messages aggregated at each node.
    nodes : Nodes
        Which atoms the nodes are: themselves, but after a pooling.
    """

    def __init__(
        self, record: PropagationRecord, place: int, call: CallRecord, trace: Trace,
        module: nn.Module, nodes: Nodes,
    ) -> None:  # fmt: skip
        self.nodes = nodes
        self.record = record
        self.edge_index = record.edge_index
        self.messages = record.messages
        self.aggregated = record.aggregated
        self.axes = _axes(record.messages, getattr(module, "node_dim", 0))
        self._place, self._call, self._trace, self._module = place, call, trace, module

    @property
    def sends(self) -> int:
        """Which row of `edge_index` sends: 0, or 1 where the layer flows from target to source."""
        return 0 if getattr(self._module, "flow", "") == "source_to_target" else 1

    @cached_property
    def weights(self) -> Tensor | None:
        """Attention or normalisation coefficients, one a message or one a message and head."""
        found = _weights(self.record)
        return found if found is not None else self._recomputed_weights()

    def _recomputed_weights(self) -> Tensor | None:
        """From the arithmetic of the round, where it has been borne out by the messages."""
        rounds = self._trace.rounds
        number = next(k for k, r in enumerate(rounds, 1) if self in r.propagations)
        ledger = self._trace.books[number].ledger
        if self._place or not any(
            c.name == f"{ledger.prefix}/message" and c.agrees for c in ledger.checks
        ):
            return None
        name = f"{ledger.prefix}/alpha"
        values = next((e.quantity.values for e in ledger.entries if e.quantity.name == name), None)
        if values is None or self.messages is None:
            return None
        return torch.from_numpy(values.copy()).to(self.messages)

    @cached_property
    def _names(self) -> EdgeNames:
        nodes = self.nodes if self.nodes.number else None
        return name_edges(self.edge_index, self._trace.data, self._trace.mol, nodes)

    @property
    def edge_role(self) -> tuple[str, ...]:
        """What each edge is: ``bond``, ``self-loop``, ``merged`` (of merged atoms) or ``other``."""
        return self._names.roles

    @property
    def edge_origin(self) -> NDArray[np.int64]:
        """[M]: the bond's number in the molecule, -1 where an edge is no bond."""
        return self._names.origins

    @cached_property
    def exact_matrices(self) -> tuple[NDArray[np.float32], NDArray[np.int64]] | None:
        """Distinct matrices [K, F_in, F_out] and each edge's row [M], where messages are linear."""
        return exact_matrices(self._module, self.record, self._call, self._place)

    def edge_number(self, source: int, target: int) -> int:
        """The number of the message from node `source` to node `target`; TraceError if none."""
        ends = self.edge_index.tolist()
        pairs = list(zip(ends[self.sends], ends[1 - self.sends], strict=True))
        if (source, target) not in pairs:
            raise TraceError(f"no message goes from node {source} to node {target}")
        return pairs.index((source, target))

    def edge_matrix(self, k: int) -> EdgeMatrix:
        """The matrix that takes the sender's state to message `k`: m = h_j @ values.

        Exact where the message is linear in h_j; otherwise the Jacobian at this state, from the
        trace's own frozen copy of the layer.

        Raises
        ------
        TraceError
            If there is no message `k`, or the layer does not show its messages.
        """
        whole = isinstance(k, int | np.integer) and not isinstance(k, bool)
        if self.messages is None or not whole or not 0 <= k < len(self.messages):
            count = 0 if self.messages is None else len(self.messages)
            raise TraceError(
                f"there is no message {k!r}: this propagation has {count}, numbered from 0"
            )
        if self.exact_matrices is not None:
            table, kind = self.exact_matrices
            return EdgeMatrix(table[kind[k]], True)
        sender = int(self.edge_index[self.sends, k])
        return edge_jacobian(self._module, self._call, self._place, k, sender)


def _axes(messages: Tensor | None, node_dim: int) -> tuple[str, ...]:
    """Names of the axes of messages: heads, or the stacks of layers that have them before edges."""
    if messages is None:
        return ()
    axes = AXES.get(messages.dim(), ("edge",))
    return ("edge", "stack", "channel") if len(axes) == 3 and node_dim == -2 else axes


def _weights(record: PropagationRecord) -> Tensor | None:
    """As recorded: attention before the factors of the degrees, where a layer has both."""
    given = record.kwargs.get
    for value in (given("alpha"), record.alpha, given("edge_weight"), given("norm")):
        if isinstance(value, Tensor) and value.shape[:1] == record.edge_index.shape[1:]:
            return value
    return None


@dataclass(frozen=True)
class Round:
    """One layer call, as the user counts rounds.

    Attributes
    ----------
    number : from 1.
    layer, kind : dotted module name, class name.
    state_in : Tensor [N, F_in], entering the layer.
    output : Tensor [N, F], what the layer gave.
    state_out : Tensor [N, F], after the round's update and pooling; of a model of your own, what
        its next layer or its readout was given.
    propagations : one for each propagate call in it.
    call : the layer's recorded call.
    nodes, nodes_out : which atoms the nodes are that enter the round and that leave it: the same,
        but where a pooling ends the round.
    pool : the recorded call of that pooling.
    """

    number: int
    layer: str
    kind: str
    state_in: Tensor
    output: Tensor
    state_out: Tensor
    propagations: tuple[Propagation, ...]
    call: CallRecord
    nodes: Nodes
    nodes_out: Nodes
    pool: CallRecord | None = None


@dataclass(frozen=True)
class Readout:
    """The aggregation over the atoms: its name and class, what it was given, what it gave.

    `state` is [N, F], `output` [graphs, ...].
    """

    layer: str
    kind: str
    state: Tensor
    output: Tensor
