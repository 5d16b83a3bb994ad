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
from mpnn_lab.tracing.axes import RELATIONS, label, message_axes, weight_axes
from mpnn_lab.tracing.edges import EdgeNames, name_edges
from mpnn_lab.tracing.forms.parts import numbered
from mpnn_lab.tracing.jacobian import edge_jacobian
from mpnn_lab.tracing.matrices import EdgeMatrix, exact_matrices
from mpnn_lab.tracing.nodes import Nodes
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord
from mpnn_lab.tracing.states import start_states

if TYPE_CHECKING:
    from mpnn_lab.tracing.ledger import Ledger
    from mpnn_lab.tracing.trace import Trace


class Propagation:
    """One call of ``propagate``: its own edges, and what was sent along them.

    Attributes
    ----------
    edge_index : Tensor [2, M], long
        As the layer used it: with its self-loops, on its own edges.
    messages : Tensor [M, ...] or None
        One message an edge; `axes` names the axes, such as ("edge", "head", "channel").
    label : str
        Which of several this is: ``"relation 0"``, ``"step 2"``; empty where there is but one.
    weights : Tensor [M, ...] or None
        Coefficients of the messages: attention, degree factors, a mixture's kernels, the receiver's
        combination weights, the shares of a softmax aggregation. As recorded; where a layer
        shows none, as its arithmetic gives them, if the messages and aggregates made of them agree.
        None where there are none. `weight_axes` names the axes, such as ("edge", "kernel").
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
        self.axes = message_axes(module, record.messages)
        self.label = label(module, place, len(call.propagations))
        self._place, self._call, self._trace, self._module = place, call, trace, module

    @property
    def trace(self) -> Trace:
        """The trace that it belongs to."""
        return self._trace

    @property
    def sends(self) -> int:
        """Which row of `edge_index` sends: 0, or 1 where the layer flows from target to source."""
        return 0 if getattr(self._module, "flow", "") == "source_to_target" else 1

    @cached_property
    def state_in(self) -> Tensor:
        """[N, F]: the states that `edge_matrix` starts from.

        Those that enter the layer; in a later step of a layer that sends what the steps before
        made of them, if that is known, those.
        """
        found = self._start_states
        return self._round.state_in if found is None else found

    @cached_property
    def _start_states(self) -> Tensor | None:
        return start_states(self._module, self._call, self._place)

    @cached_property
    def _round(self) -> Round:
        return next(r for r in self._trace.rounds if self in r.propagations)

    @cached_property
    def weights(self) -> Tensor | None:
        """The coefficients of the messages; see the class."""
        found = _weights(self.record)
        return found if found is not None else self._recomputed_weights()

    @cached_property
    def weight_axes(self) -> tuple[str, ...]:
        """Names of the axes of `weights`; empty where there are none."""
        name = self._ledger.coefficients.get(self._place)
        return weight_axes(self.weights, self._ledger[name].axes if name else None)

    @property
    def _ledger(self) -> Ledger:
        return self._trace.books[self._round.number].ledger

    def _recomputed_weights(self) -> Tensor | None:
        """From the arithmetic of the round, where it has been borne out by what was recorded."""
        ledger = self._ledger
        name = ledger.coefficients.get(self._place)
        if name is None or self.messages is None:
            return None
        made = [f"{ledger.prefix}/{numbered(x, self._place)}" for x in ("message", "aggregate")]
        agreed = {c.name for c in ledger.checks if c.agrees}
        if not agreed.issuperset(made) or any(c.agrees is False for c in ledger.checks):
            return None
        return torch.from_numpy(ledger.rows(name).copy()).to(self.messages)

    @cached_property
    def _names(self) -> EdgeNames:
        nodes = self.nodes if self.nodes.number else None
        return name_edges(self.edge_index, self._trace.data, self._trace.mol, nodes)

    @property
    def edge_role(self) -> tuple[str, ...]:
        """What each edge is: ``bond``, ``self-loop``, ``other``, or a pair without a bond.

        An edge of merged atoms is ``merged``; a pair without a bond ``virtual``, ``complete`` or
        ``radius``, by what made it an edge.
        """
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
            later = self._place > 0 and type(self._module) not in RELATIONS
            return EdgeMatrix(table[kind[k]], True, "step" if later else "layer")
        sender = int(self.edge_index[self.sends, k])
        return edge_jacobian(self._module, self._call, self._place, k, sender)


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
