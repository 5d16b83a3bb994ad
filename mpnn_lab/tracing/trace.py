"""trace(model, data): the run of a model, recorded."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import RLock
from typing import Any

from torch import Tensor, nn
from torch_geometric.nn import MessagePassing

from mpnn_lab.chem import Mol, canonical_smiles, read_molecule
from mpnn_lab.errors import TraceError
from mpnn_lab.nn import Network
from mpnn_lab.nn import Round as NetworkRound
from mpnn_lab.nn.clustering import ClusterReadout
from mpnn_lab.tracing.binding import caller
from mpnn_lab.tracing.bookkeeping import Book, keep_books
from mpnn_lab.tracing.frozen import frozen
from mpnn_lab.tracing.nodes import own_nodes, pooled_nodes
from mpnn_lab.tracing.recorder import CallRecord, Keeper, Recorder, evaluating
from mpnn_lab.tracing.report import Report
from mpnn_lab.tracing.rounds import Propagation, Readout, Round

_ONE_AT_A_TIME = RLock()


class Trace:
    """One recorded run.

    Attributes
    ----------
    output : Tensor
        What the model gave; bit-identical to ``model(data)`` in eval mode (and in the caller's
        grad mode: torch's LSTM runs other kernels without gradients).
    mol : rdkit.Chem.Mol or None
        The molecule whose atoms are the nodes.
    data : torch_geometric.data.Data
        The graph the model ran on.
    rounds : tuple of Round
        One for each call of a message-passing layer, in order.
    readout : Readout or None
        The aggregation over the atoms, where the model has one.
    model : torch.nn.Module
        A frozen copy of the model, for what is computed later: training on changes nothing here.
    """

    def __init__(
        self, model: nn.Module, data: Any, mol: Any, output: Tensor, recorder: Recorder
    ) -> None:
        self.model, self.data, self.mol, self.output = model, data, mol, output
        self.parts = recorder.parts
        self.readout = _readout(recorder)
        self.rounds = tuple(_rounds(self, recorder))

    @cached_property
    def books(self) -> tuple[Book, ...]:
        """The arithmetic of the run: input, rounds, readout, prediction (float64 recomputed)."""
        return keep_books(self)

    def verify(self) -> Report:
        """Recompute what can be recomputed, by independent code in float64.

        For each propagation the aggregate from the recorded messages; where the layer's form is
        known, each message from the states, the layer's output, the update; then readout and
        prediction. Agreement is 1e-5, relative to the sum of the absolute terms. What cannot be
        checked is listed with its reason, never counted as passed.
        """
        return Report(tuple(check for book in self.books for check in book.ledger.checks))

    def __repr__(self) -> str:
        kinds = " → ".join(r.kind for r in self.rounds)
        return f"<Trace of {len(self.rounds)} rounds: {kinds}; output {list(self.output.shape)}>"


def trace(
    model: nn.Module,
    data: Any,
    *,
    mol: Any = None,
    forward: Callable[[Any, Any], Any] | None = None,
) -> Trace:
    """Run a model once, in eval mode, and record every message.

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

    Raises
    ------
    TraceError
        If the model passes no messages, the graph lacks what `forward` needs, or a recorded
        tensor is not finite (it is named, with its round).
    """
    if isinstance(model, Network) and not hasattr(data, "edge_index"):
        data = _like(model.scale, model.spec.featurize(data))
    if not hasattr(data, "edge_index"):
        raise TraceError(
            f"got a {type(data).__name__} to trace; expected a torch_geometric Data",
            mend="Only a model built from a ModelSpec can read a molecule by itself.",
        )
    if not any(isinstance(module, MessagePassing) for module in model.modules()):
        raise TraceError(f"{type(model).__name__} holds no message-passing layer of PyG's")
    _finite([("the graph", name, value) for name, value in data.to_dict().items()])
    with _ONE_AT_A_TIME:  # hooks and eval mode are the model's: two runs would mix
        output, own, recorder = _record(model, data, forward)
        kept = frozen(model)
    if not recorder.layers:
        raise TraceError(
            f"{type(model).__name__} ran without calling any of its message-passing layers",
            mend="Call them in forward, or pass forward=lambda m, d: ...",
        )
    if not isinstance(output, Tensor):
        raise TraceError(f"the model gave a {type(output).__name__}; expected one tensor")
    recorded = Trace(kept, own, _molecule(mol, data), output.detach().clone(), recorder)
    _check_finite(recorded)
    return recorded


def _molecule(mol: Any, data: Any) -> Any:
    """The molecule whose atoms are the nodes: the one given, which must not belie the graph's."""
    own = data.get("mol")
    if isinstance(own, list) and len(own) == 1:
        own = own[0]
    if mol is None:
        return own
    mol = read_molecule(mol)
    if isinstance(own, Mol) and _drawn(own) != _drawn(mol):
        raise TraceError(
            f"mol is {canonical_smiles(mol)}; the graph was made of {canonical_smiles(own)}"
            + (", its atoms in another order" if _formula(own) == _formula(mol) else ""),
            mend="Leave mol out, or make the graph of this molecule.",
        )
    return mol


def _drawn(mol: Mol) -> Any:
    """Atoms in order, and bonds between which of them."""
    bonds = {
        (*sorted((b.GetBeginAtomIdx(), b.GetEndAtomIdx())), b.GetBondType()) for b in mol.GetBonds()
    }
    return [atom.GetAtomicNum() for atom in mol.GetAtoms()], bonds


def _formula(mol: Mol) -> list[int]:
    return sorted(atom.GetAtomicNum() for atom in mol.GetAtoms())


def _record(model: nn.Module, data: Any, forward: Any) -> tuple[Any, Any, Recorder]:
    """Run on a copy of the graph; once more, copying everything, if the model works in place.

    Gives the output, a copy of the graph as it was, and what was recorded.
    """
    modules = dict(model.named_modules())
    buffers = [b for m in modules.values() for b in m._buffers.values() if b is not None]
    weights = [p for m in modules.values() for p in m._parameters.values() if p is not None]
    before = [buffer.clone() for buffer in buffers]
    for copying in (False, True):
        used = _copy(data)
        recorder = Recorder(_watched(model, modules), Keeper([*weights, *buffers], copying=copying))
        with evaluating(modules.values()), recorder.attached(modules):
            output = caller(model, used, forward)()
        if recorder.keep.intact():
            break
        if not copying:
            for buffer, value in zip(buffers, before, strict=True):
                buffer.data.copy_(value)
    return output, _copy(data), recorder


def _like(weight: Tensor, data: Any) -> Any:
    """The graph on the weights' device, its numbers of their type."""
    return data.apply(
        lambda t: t.to(weight.device, weight.dtype if t.is_floating_point() else t.dtype)
    )


def _copy(data: Any) -> Any:
    """The graph with tensors of its own; all else is shared."""
    own = copy.copy(data)
    for name, value in data.to_dict().items():
        if isinstance(value, Tensor):
            own[name] = value.detach().clone().requires_grad_(value.requires_grad)
    return own


def _watched(model: nn.Module, modules: dict[str, nn.Module]) -> frozenset[str]:
    """Parts of our own networks whose inputs and outputs are recorded beside the layers'."""
    if not isinstance(model, Network):
        return frozenset()
    rounds = {n: m for n, m in modules.items() if isinstance(m, NetworkRound)}
    parts = {f"{n}.norm" for n in rounds if rounds[n].norm is not None}
    parts |= {f"{n}.pool" for n in rounds if rounds[n].pool is not None}
    jumping = {"jumping"} if model.jumping is not None else set()
    if isinstance(model.readout, ClusterReadout):
        parts.add("readout.assigned")
    return frozenset({"project", "head", *rounds, *parts, *jumping})


def _rounds(trace: Trace, recorder: Recorder) -> list[Round]:
    calls = recorder.layers
    seen: dict[str, int] = {}
    rounds: list[Round] = []
    nodes = own_nodes(trace.data)
    for number, call in enumerate(calls, 1):
        place = seen.get(call.name, 0)
        seen[call.name] = place + 1
        propagations = tuple(
            Propagation(record, p, call, trace, trace.model.get_submodule(call.name), nodes)
            for p, record in enumerate(call.propagations)
        )
        following = calls[number] if number < len(calls) else None
        state_out = _state_out(trace, call, place, following)
        pools = trace.parts.get(f"{call.name.rpartition('.')[0]}.pool")
        pool = pools[place] if pools else None
        before, nodes = nodes, nodes if pool is None else pooled_nodes(nodes, pool.output)
        kind, states = type(call.module).__name__, (_state_in(call), _output(call), state_out)
        rounds.append(
            Round(number, call.name, kind, *states, propagations, call, before, nodes, pool)
        )
    return rounds


def _state_in(call: CallRecord) -> Tensor:
    first = call.args[0] if call.args else call.kwargs.get("x")
    state = first[0] if isinstance(first, tuple) else first
    if not isinstance(state, Tensor):
        raise TraceError(f"{call.name}: its first argument is not a tensor of states")
    return state


def _output(call: CallRecord) -> Tensor:
    """The layer's states: what it gave, or the first of several things it gave."""
    given = call.output[0] if isinstance(call.output, tuple) and call.output else call.output
    if not isinstance(given, Tensor):
        raise TraceError(f"{call.name}: its output is a {type(given).__name__}, not states")
    return given


def _state_out(trace: Trace, call: CallRecord, place: int, following: CallRecord | None) -> Tensor:
    """What the round left: seen directly in our networks, else what the next part was given."""
    parent = call.name.rpartition(".")[0]
    if parent in trace.parts:
        out: Tensor = trace.parts[parent][place].output[0]
        return out
    last = trace.readout.state if trace.readout and "jumping" not in trace.parts else None
    given = _state_in(following) if following else last
    output = _output(call)
    return given if given is not None and len(given) == len(output) else output


def _readout(recorder: Recorder) -> Readout | None:
    if not recorder.readouts:
        return None
    call = recorder.readouts[-1]
    return Readout(call.name, type(call.module).__name__, _state_in(call), call.output)


def _check_finite(trace: Trace) -> None:
    """Look at what each round adds; what only moves it on needs no second look."""
    found: list[tuple[str, str, Any]] = []
    for r in trace.rounds:
        where = f"round {r.number}"
        if r.number == 1:
            found.append((where, "state_in", r.state_in))
        found += [(where, "messages", p.messages) for p in r.propagations]
        found.append((where, "state_out", r.state_out))
    _finite([*found, ("the prediction", "output", trace.output)])


def _finite(tensors: Sequence[tuple[str, str, Any]]) -> None:
    """Raise for the first that is not finite; each comes with its place and its name."""
    for where, name, value in tensors:
        if not isinstance(value, Tensor) or not value.is_floating_point():
            continue
        if math.isfinite(value.detach().sum().item()):  # NaN or infinity would show in the sum
            continue
        bad = int((~value.isfinite()).sum())
        if bad:
            raise TraceError(
                f"{where}: {name} holds {bad} value(s) that are NaN or infinite",
                mend="Look for NaN in the graph's features or the model's weights.",
            )
