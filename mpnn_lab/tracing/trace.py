"""trace(model, data): the run of a model, recorded."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from itertools import chain
from threading import RLock
from typing import Any

from torch import Tensor, nn
from torch_geometric.data import Data
from torch_geometric.nn import MessagePassing

from mpnn_lab.errors import TraceError
from mpnn_lab.nn import Network
from mpnn_lab.nn import Round as NetworkRound
from mpnn_lab.nn.both_directions import BothDirections
from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.nn.clustering import ClusterReadout
from mpnn_lab.nn.master_node import MasterNode
from mpnn_lab.nn.towers import Towers
from mpnn_lab.tracing.arguments import first_tensor
from mpnn_lab.tracing.assemble import assemble_readout, assemble_rounds, counts
from mpnn_lab.tracing.binding import reads_edges
from mpnn_lab.tracing.bookkeeping import Book, keep_books
from mpnn_lab.tracing.by_type import among_atoms
from mpnn_lab.tracing.finite import check_graph, check_run
from mpnn_lab.tracing.frozen import frozen
from mpnn_lab.tracing.keeper import Keeper
from mpnn_lab.tracing.modules import by_name
from mpnn_lab.tracing.molecule import molecule_of
from mpnn_lab.tracing.precision import Precision, autocast_type, precision_of, types_of
from mpnn_lab.tracing.receptive import ReceptiveField, receptive_field
from mpnn_lab.tracing.recorder import Recorder
from mpnn_lab.tracing.recording import ran
from mpnn_lab.tracing.refusals import all_of_torch, check_model
from mpnn_lab.tracing.report import Report
from mpnn_lab.tracing.rounds import Round
from mpnn_lab.tracing.smoothing import Smoothing, smoothing
from mpnn_lab.tracing.unhooked import every_part, found_rounds

_ONE_AT_A_TIME = RLock()
_MENDS = {
    "HeteroData": "A molecule's atoms are of one type: trace the model that to_hetero was given, "
    "with data.to_homogeneous().",
    "BatchMolGraph": "Trace the graph of ml.featurize, with forward=lambda m, d: ... to make "
    "chemprop's own of it.",
}


class Trace:
    """One recorded run.

    Attributes
    ----------
    output : Tensor
        What the model gave; bit-identical to ``model(data)`` in eval mode (and in the caller's
        grad mode: torch's LSTM runs other kernels without gradients). Of a model that gives
        several things, the first tensor.
    returned : Any
        All that the model gave.
    mol : rdkit.Chem.Mol or None
        The molecule whose atoms are the nodes.
    data : torch_geometric.data.Data
        The graph the model ran on.
    readout : Readout or None
        The aggregation over the atoms, where the model has one.
    parts : dict of str to list of CallRecord
        Calls of modules that are no layers, by dotted name: those of our own networks, and all
        modules of a model that passes messages without PyG's propagate.
    model : torch.nn.Module
        A frozen copy of the model, for what is computed later: training on changes nothing here.
    forward, named : callable or None, sequence of str or None
        How the model was called, and which modules' calls are rounds, where that was said.
    edits : tuple
        What `what_if` changed; `origin` is the run without these changes, None where it is this.
    """

    edits: tuple[Any, ...] = ()
    origin: Trace | None = None

    def __init__(
        self, model: nn.Module, data: Any, mol: Any, output: Tensor, returned: Any,
        recorder: Recorder, forward: Callable[[Any, Any], Any] | None = None,
        named: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        self.model, self.data, self.mol, self.output = model, data, mol, output
        self.returned, self.forward, self.named = returned, forward, named
        self.parts = recorder.parts
        self.readout = assemble_readout(recorder)
        self._calls, self._pools = recorder.layers, recorder.pools
        self._types = autocast_type(output)
        # Rounds refer to a twin that does not refer to them: what runs in a circle is not freed
        # before the garbage collector comes by, and a loop of traces would fill the memory.
        self._twin = copy.copy(self)
        self._rounds = tuple(assemble_rounds(self._twin, self._calls, self._pools))

    @property
    def rounds(self) -> tuple[Round, ...]:
        """One for each call of a message-passing layer, in order.

        Of a model that passes messages without PyG's propagate, one for each call of the module
        that it does so with.
        """
        own: tuple[Round, ...] | None = vars(self).get("_rounds")
        return tuple(assemble_rounds(self, self._calls, self._pools)) if own is None else own

    @property
    def pooled(self) -> bool:
        """Whether a pooling of PyG's kept some of the nodes on the way."""
        return bool(self._pools)

    @cached_property
    def books(self) -> tuple[Book, ...]:
        """The arithmetic of the run: input, rounds, readout, prediction (float64 recomputed)."""
        twin: Trace | None = vars(self).get("_twin")
        return keep_books(self) if twin is None else twin.books

    @cached_property
    def precision(self) -> Precision:
        """How exactly the run can be recomputed, by the coarsest type of number in it."""
        calls = chain(self._calls, *self.parts.values())
        return precision_of(self._types | types_of(self.model, calls))

    def verify(self) -> Report:
        """Recompute what can be recomputed, by independent code in float64.

        For each propagation the aggregate from the recorded messages; where the layer's form is
        known, each message from the states, the layer's output, the update; then readout and
        prediction. Agreement is 1e-5, relative to the sum of the absolute terms; in bfloat16 and
        float16, and under autocast to them, as `precision` says. What cannot be checked is listed
        with its reason, never counted as passed.
        """
        return Report(tuple(check for book in self.books for check in book.ledger.checks))

    def smoothing(self) -> Smoothing:
        """How alike the atoms' states are, round by round; see `Smoothing`."""
        return smoothing(self)

    def receptive_field(self, atom: int) -> ReceptiveField:
        """How much each atom's first state weighs in this atom's, round by round.

        See `ReceptiveField`. TraceError where the model's way between rounds cannot be followed.
        """
        return receptive_field(self, atom)

    def derived(self, origin: Trace, edits: tuple[Any, ...]) -> Trace:
        """The same run, as one that these edits made of another."""
        for own in (self, self._twin):
            own.origin, own.edits, own.mol = origin, edits, origin.mol
        return self

    def __repr__(self) -> str:
        kinds = " → ".join(r.kind for r in self.rounds)
        return f"<Trace of {len(self.rounds)} rounds: {kinds}; output {list(self.output.shape)}>"


def trace(
    model: nn.Module,
    data: Any,
    *,
    mol: Any = None,
    forward: Callable[[Any, Any], Any] | None = None,
    rounds: Sequence[str] | None = None,
) -> Trace:
    """Run a model once, in eval mode, and record every message.

    A model that passes messages without PyG's `MessagePassing` (chemprop's, DimeNet) does not show
    them: its rounds hold what its modules take and give, and no propagations.

    Parameters
    ----------
    model : torch.nn.Module
        A network built from a `ModelSpec`, or any module that holds PyG's message-passing layers.
        Its mode is restored; no hook stays on it. One that works in place is run twice, its
        buffers put back in between; the graph given is never written to.
    data : Data, rdkit Mol or str
        The graph. A molecule or its text will do where the model came from a specification.
    mol : rdkit.Chem.Mol, optional
        The molecule whose atoms are the graph's nodes, where the graph does not know it.
    forward : callable, optional
        ``forward(model, data)``, where the fields of the graph cannot be bound to the parameters
        of the model's own `forward` by name.
    rounds : sequence of str, optional
        Dotted names of the modules of which each call is a round, where a model passes messages
        without `MessagePassing` and they are not found: ``["message_passing.W_h"]``.

    Raises
    ------
    TraceError
        If the model passes no messages, the graph lacks what `forward` needs, or a recorded
        tensor is not finite (it is named, with its round).
    """
    check_model(model)
    if isinstance(model, Network) and not isinstance(data, Data):
        data = _like(model.scale, model.spec.featurize(data))
    if not isinstance(data, Data):
        raise TraceError(
            f"got a {type(data).__name__} to trace; expected a torch_geometric Data",
            mend=_MENDS.get(
                type(data).__name__,
                "Only a model built from a ModelSpec can read a molecule itself.",
            ),
        )
    modules = by_name(model)
    hooked = any(isinstance(module, MessagePassing) for module in modules.values())
    if not hooked and (len(modules) == 1 or (forward is None and all_of_torch(modules.values()))):
        raise TraceError(f"{type(model).__name__} holds no message-passing layer of PyG's")
    if not hooked and forward is None and not reads_edges(model, data):
        raise TraceError(
            f"{type(model).__name__} holds no message-passing layer of PyG's, and reads no edges",
            mend="What it does to one atom, no other hears of.",
        )
    if hooked and rounds is not None:
        raise TraceError(
            f"{type(model).__name__} has message-passing layers, and these are its rounds",
            mend="Leave rounds out.",
        )
    check_graph(data)
    with _ONE_AT_A_TIME:  # hooks and eval mode are the model's: two runs would mix
        watched = _watched(model, modules) if hooked else every_part(modules)
        returned, own, recorder = ran(model, modules, data, forward, hooked, watched)
        kept = frozen(model, modules.values())
    if not hooked:
        try:
            recorder.layers = found_rounds(recorder.parts, counts(own), rounds)
        except TraceError as fault:
            name = f"{type(model).__name__} holds no message-passing layer of PyG's: "
            raise TraceError(name + fault.what, mend=fault.mend) from None
    if hooked and isinstance(model, Network):
        recorder.layers = among_atoms(recorder.layers, recorder.parts, model.bond_columns)
    if not recorder.layers:
        raise TraceError(
            f"{type(model).__name__} ran without calling any of its message-passing layers",
            mend="Call them in forward, or pass forward=lambda m, d: ...",
        )
    if first_tensor(returned) is None:
        raise TraceError(f"the model gave a {type(returned).__name__}; expected a tensor")
    given = Keeper(copying=True)(returned)
    output = first_tensor(given)
    assert output is not None
    recorded = Trace(
        kept, own, molecule_of(mol, data), output, given, recorder, forward, rounds
    )  # fmt: skip
    check_run(recorded, recorder.totals)
    return recorded


def _like(weight: Tensor, data: Any) -> Any:
    """The graph on the weights' device, its numbers of their type."""
    return data.apply(
        lambda t: t.to(weight.device, weight.dtype if t.is_floating_point() else t.dtype)
    )


def _watched(model: nn.Module, modules: dict[str, nn.Module]) -> Collection[str]:
    """Parts of our own networks whose inputs and outputs are recorded beside the layers'."""
    if not isinstance(model, Network):
        return frozenset()
    parts = (NetworkRound, Towers, BothDirections, MasterNode, Enclosing)
    found = [(n, m) for n, m in modules.items() if isinstance(m, parts)]
    rounds = {n for n, _ in found}
    plain = [(n, m) for n, m in found if isinstance(m, NetworkRound)]
    rounds |= {f"{n}.{k}" for n, m in plain for k in ("norm", "pool") if getattr(m, k) is not None}
    if model.jumping is not None:
        rounds.add("jumping")
    if isinstance(model.readout, ClusterReadout):
        rounds.add("readout.assigned")
    return frozenset({"project", "head", *rounds})
