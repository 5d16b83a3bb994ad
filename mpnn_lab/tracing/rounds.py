"""What a trace holds: rounds, their propagations, the readout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch_geometric.nn import HypergraphConv, MessagePassing

from mpnn_lab.errors import TraceError
from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.nn.master_node import MasterMessage
from mpnn_lab.tracing.axes import RELATIONS, edge_types, label, message_axes, weight_axes
from mpnn_lab.tracing.edges import EdgeNames, Ends, name_edges, name_hyperedges
from mpnn_lab.tracing.forms.call import given_to
from mpnn_lab.tracing.forms.parts import numbered
from mpnn_lab.tracing.jacobian import edge_jacobian
from mpnn_lab.tracing.matrices import EdgeMatrix, Matrices, borne_out, exact_matrices
from mpnn_lab.tracing.pooled import PooledNodes
from mpnn_lab.tracing.read_off import own_weights, with_masters
from mpnn_lab.tracing.recorder import CallRecord, PropagationRecord
from mpnn_lab.tracing.starts import start_states

if TYPE_CHECKING:
    from mpnn_lab.tracing.ledger import Ledger
    from mpnn_lab.tracing.trace import Trace

RowsOf = Literal["node", "edge", "graph", "other"]


class Propagation:
    """One call of ``propagate``: its own edges, and what was sent along them.

    Attributes
    ----------
    label : str
        Which of several this is: ``"single bonds"``, ``"step 2"``, ``"tower 1, along"``; empty
        where there is but one.
    relation : str
        The same of a layer that propagates once for each type of edge, else empty.
    weights : Tensor [M, ...] or None
        Coefficients of the messages: attention, degree factors, a mixture's kernels, the receiver's
        combination weights, the shares of a softmax aggregation. As recorded; where a layer
        shows none, as its arithmetic gives them, if the messages and aggregates made of them agree.
        None where there are none. `weight_axes` names the axes, such as ("edge", "kernel").
    ends : Ends
        What the nodes are: atoms, some of them, molecules.
    master : bool
        Whether it joins the atoms to a master node of ours, which is numbered after them.
    call, module : CallRecord, torch.nn.Module
        The recorded call of the layer that propagated; that layer in the trace's copy of the model.
    place, number, part : int, int, str
        Its place among the propagations of its layer, and among those of the round, from 0; where
        in the round its layer stands, such as ``"tower 1/along"``; empty for an only layer.
    """

    def __init__(
        self, record: PropagationRecord, place: int, call: CallRecord, trace: Trace,
        module: nn.Module, ends: Ends, number: int | None = None, part: str = "",
    ) -> None:  # fmt: skip
        self.record = record
        self.ends = ends
        self.master = isinstance(module, MasterMessage)
        own = record.label or label(module, place, len(call.propagations), edge_types(trace.model))
        self.relation = own if type(module) in RELATIONS else ""
        self.label = ", ".join([*(part.split("/") if part else ()), *([own] if own else ())])
        self.number, self.part = place if number is None else number, part
        self.place, self.call, self._trace, self.module = place, call, trace, module

    @cached_property
    def edge_index(self) -> Tensor:
        """[2, M], long: as the layer used it, with its self-loops, on its own edges."""
        return with_masters(self.call) if self.master else self.record.edge_index

    @property
    def messages(self) -> Tensor | None:
        """[M, ...]: one message an edge; `axes` names the axes."""
        return self.record.messages

    @property
    def aggregated(self) -> Tensor | None:
        """[N, ...]: the messages aggregated at each node."""
        return self.record.aggregated

    @cached_property
    def axes(self) -> tuple[str, ...]:
        """Of the messages, such as ``("edge", "head", "channel")``."""
        return message_axes(self.module, self.record.messages)

    @property
    def trace(self) -> Trace:
        """The trace that it belongs to."""
        return self._trace

    @property
    def sends(self) -> int:
        """Which row of `edge_index` sends: 0, or 1 where the layer flows from target to source."""
        return 0 if getattr(self.module, "flow", "") == "source_to_target" else 1

    @property
    def reads_sender(self) -> bool:
        """Whether messages are made of the senders' states, as all but WeaveConv's are."""
        return bool(getattr(self.module, "sends_states", True))

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
        return start_states(self.module, self.call, self.place)

    @cached_property
    def _round(self) -> Round:
        rounds: tuple[Round, ...] = self._trace.rounds
        return next(r for r in rounds if any(p.record is self.record for p in r.propagations))

    @cached_property
    def weights(self) -> Tensor | None:
        """The coefficients of the messages; see the class."""
        found = own_weights(self.record)
        return found if found is not None else self._recomputed_weights()

    @cached_property
    def weight_axes(self) -> tuple[str, ...]:
        """Names of the axes of `weights`; empty where there are none."""
        name = self._ledger.coefficients.get(self.number)
        return weight_axes(self.weights, self._ledger[name].axes if name else None)

    @property
    def _ledger(self) -> Ledger:
        return self._trace.books[self._round.number].ledger

    def _recomputed_weights(self) -> Tensor | None:
        """From the arithmetic of the round, where it has been borne out by what was recorded."""
        ledger = self._ledger
        name = ledger.coefficients.get(self.number)
        if name is None or self.messages is None:
            return None
        made = [self.quantity(ledger.prefix, what) for what in ("message", "aggregate")]
        agreed = {c.name for c in ledger.checks if c.agrees}
        if not agreed.issuperset(made) or any(c.agrees is False for c in ledger.checks):
            return None
        return torch.from_numpy(ledger.rows(name).copy()).to(self.messages)

    def quantity(self, prefix: str, what: str) -> str:
        """The name of its ``message``, ``aggregate`` or ``matrices`` in the round's ledger."""
        return "/".join(filter(None, [prefix, self.part, numbered(what, self.place)]))

    @cached_property
    def _names(self) -> EdgeNames:
        if self.between_sets:  # its propagations go there and back in turn
            sets = 1 - self.place % 2
            return name_hyperedges(self.edge_index, sets, self._trace.data, self._trace.mol)
        if self.master:
            count = self.edge_index.shape[1]
            return EdgeNames(("master",) * count, np.full(count, -1))
        return name_edges(self.edge_index, self._trace.data, self._trace.mol, self.ends)

    @property
    def between_sets(self) -> bool:
        """Whether it runs from atoms to sets of atoms, or back: not along pairs of atoms."""
        return isinstance(self.module, HypergraphConv)

    @property
    def edge_role(self) -> tuple[str, ...]:
        """What each edge is: ``bond``, ``self-loop``, ``hyperedge``, ``other``, or a bondless pair.

        Such a pair is ``virtual``, ``complete`` or ``radius``, by what made it an edge, and
        ``master`` where it joins an atom to a node for the whole molecule. An edge of atoms that
        have merged is ``merged``.
        """
        return self._names.roles

    @property
    def edge_origin(self) -> NDArray[np.int64]:
        """[M]: the bond's number in the molecule, -1 where an edge is no bond."""
        return self._names.origins

    @cached_property
    def linear_matrices(self) -> Matrices | None:
        """Distinct matrices [K, F_in, F_out] and each edge's row [M], by the layer's class."""
        return exact_matrices(self.module, self.record, self.call, self.place)

    @cached_property
    def exact_matrices(self) -> Matrices | None:
        """The same, where the recorded messages bear them out: a hook may have changed these."""
        found = self.linear_matrices
        state, sender = self._start_states, self.record.edge_index[self.sends]
        if found is None or state is None or self.messages is None:
            return None
        precision = self._trace.precision
        return found if borne_out(found, state, sender, self.messages, precision) else None

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
            later = self.place > 0 and type(self.module) not in RELATIONS
            return EdgeMatrix(table[kind[k]], True, "step" if later else "layer")
        if self.between_sets and self.place % 2:
            raise TraceError(f"message {k} is sent by a set of atoms, which has no state")
        sender = int(self.edge_index[self.sends, k])
        return edge_jacobian(self.module, self.call, self.place, k, sender)


@dataclass(frozen=True)
class Round:
    """One layer call, as the user counts rounds; several, where towers, channels or a master are.

    Attributes
    ----------
    number : from 1.
    layer, kind : dotted module name, class name.
    state_in : Tensor [N, F_in], entering the layer.
    output : Tensor [N, F], what the layer gave.
    state_out : Tensor [N, F], after the round's update and pooling; of a model of your own, what
        its next layer or its readout was given, where that has the shape of `output`, else that.
    propagations : one for each propagate call in it; none where the model passes its messages
        without PyG's propagate.
    call : the layer's recorded call.
    per : what the rows of `output` count: ``node``, ``edge`` (directed, as in the graph's
        `edge_index`), ``graph`` (molecules), or ``other``.
    atoms : int64, the atom of each row of `state_in`; None where that is not known.
    edge_state_in, edge_state_out : Tensor [E, D] and [E, D'] or None
        The states of the edges before and after, of a layer that updates them.
    on_atoms : whether states come in and go out one for each atom of the graph, in its order.
    nodes, nodes_out : which atoms the nodes are that enter one of our own rounds and that leave
        it: the same, but where a pooling ends the round.
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
    per: RowsOf = "node"
    atoms: Tensor | None = None
    on_atoms: bool = True
    edge_state_in: Tensor | None = None
    edge_state_out: Tensor | None = None
    nodes: PooledNodes | None = None
    nodes_out: PooledNodes | None = None
    pool: CallRecord | None = None

    @property
    def hooked(self) -> bool:
        """Whether its layer passes messages through PyG's propagate, where they can be seen."""
        return bool(self.propagations) or isinstance(self.call.module, MessagePassing | Enclosing)


def edge_states(call: CallRecord) -> tuple[Tensor | None, Tensor | None]:
    """The edges' states before and after a layer of ours that updates them."""
    if not getattr(call.module, "updates_edges", False):
        return None, None
    return given_to(call)["edge_attr"], call.output[1]
