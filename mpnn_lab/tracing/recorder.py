"""Records a run through PyG's own hooks; no hook returns anything, and what is kept lasts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import get_ident
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle
from torch_geometric.nn import (
    Aggregation,
    GCN2Conv,
    HeteroConv,
    MeanAggregation,
    MessagePassing,
    PANPooling,
    SAGPooling,
    SumAggregation,
    TopKPooling,
)

from mpnn_lab.nn.pool import Pool
from mpnn_lab.tracing.adjacency import is_plain, plain_edges, with_values
from mpnn_lab.tracing.keeper import Keeper
from mpnn_lab.tracing.modules import by_name

IN_PLACE = (GCN2Conv,)
"""Layers that scale their own aggregate where it stands."""
KEEPING = (TopKPooling, SAGPooling, PANPooling)
"""Poolings that keep some of the nodes as they are; which, they say in the fifth place."""

ADDING = (SumAggregation, MeanAggregation)
"""Aggregations that come out finite only if every message is."""


@dataclass
class PropagationRecord:
    """One call of propagate, as it happened.

    `kwargs` are the message function's arguments but for the lifted ones (``x_i``, ``x_j``),
    which are rows of the states; `edge_kwargs` those of the edge update before it, if any; `alpha`
    the attention that the message function left on the layer, as TransformerConv's does; `sent`
    what propagate was given as ``x``, whose rows are lifted; `aggregate_kwargs` what the
    aggregation was given beside the messages; `hidden` says why there are no messages, where PyG
    made none; `size` how many nodes the two rows of `edge_index` count, where the layer said so.
    Where several tensors are sent along an edge (ViSNet's scalars and vectors), `messages` and
    `aggregated` are the first of them, and `tensors` counts them. `label` says which of several
    it is, where its layer cannot.
    `total` is the sum of all aggregates, where they are sums or means of the messages.
    """

    edge_index: Tensor
    edge_kwargs: dict[str, Any]
    kwargs: dict[str, Any] = field(default_factory=dict)
    messages: Tensor | None = None
    alpha: Tensor | None = None
    aggregated: Tensor | None = None
    sent: Any = None
    hidden: str = ""
    aggregate_kwargs: dict[str, Any] = field(default_factory=dict)
    size: tuple[int | None, int | None] = (None, None)
    tensors: int = 1
    total: Tensor | None = None
    label: str = ""


@dataclass(eq=False)
class CallRecord:
    """One call of a module: its dotted name, inputs, output, and what it propagated.

    `within` is the call of the recorded part that made it, if one did;
    `began` numbers the calls in the order in which they began; `depth` counts those it is within.
    """

    name: str
    module: nn.Module
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    output: Any = None
    propagations: list[PropagationRecord] = field(default_factory=list)
    began: int = 0
    depth: int = 0
    within: CallRecord | None = None


class Recorder:
    """Collects the calls of layers, of the parts named in `watched`, and of readouts.

    Attributes
    ----------
    layers : calls of modules that pass messages, in the order in which they began.
    parts : calls of the modules in `watched`, by dotted name.
    readouts : calls of aggregations that stand outside of any layer.
    pools : calls of poolings that keep some of the nodes.
    keep : what makes tensors last.
    graph : the copy of the graph that the model ran on, where it left that as it was.
    totals : the sums of what the watched parts gave, by the `id` of what is kept of it, where
        `summing`: taken at once, while the numbers lie in the processor's cache.
    """

    def __init__(self, watched: Collection[str], keep: Keeper, *, summing: bool = False) -> None:
        self.layers: list[CallRecord] = []
        self.parts: dict[str, list[CallRecord]] = {name: [] for name in watched}
        self.readouts: list[CallRecord] = []
        self.pools: list[CallRecord] = []
        self._began = 0
        self._open: list[CallRecord] = []
        self._thread = get_ident()
        self.keep = keep
        self._handles: list[RemovableHandle] = []
        self.graph: Any = None
        self.totals: dict[int, Tensor] = {}
        self._summing = summing

    @property
    def hidden(self) -> list[PropagationRecord]:
        """Propagations whose messages PyG did not make."""
        return [p for call in self.layers for p in call.propagations if p.hidden]

    @contextmanager
    def attached(self, modules: Mapping[str, nn.Module]) -> Iterator[None]:
        """Record what these do inside, by dotted name; all hooks are gone afterwards, always."""
        try:
            self._watch(modules)
            yield
        finally:
            for handle in self._handles:
                handle.remove()

    def _watch(self, modules: Mapping[str, nn.Module]) -> None:
        inner: tuple[str, ...] = ()
        apart: tuple[str, ...] = ()
        for name, module in modules.items():
            if not name.startswith(apart):
                if isinstance(module, Pool):  # what it scores by is part of it, and no round
                    apart += (name + ".",)
                if type(module) is HeteroConv:
                    self._handles += self._watch_used(name, module)
                    apart += (f"{name}.convs." if name else "convs.",)
                elif isinstance(module, MessagePassing):
                    self._handles += self._watch_layer(name, module)
                    inner += (f"{name}." if name else "",)
                elif isinstance(module, Aggregation) and not name.startswith(inner):
                    self._handles += self._watch_calls(name, module, self.readouts)
                    inner += (name + ".",)
                elif isinstance(module, KEEPING):
                    self._handles += self._watch_calls(name, module, self.pools)
                if name in self.parts:
                    self._handles += self._watch_calls(name, module, self.parts[name])

    def _watch_used(self, name: str, module: HeteroConv) -> Iterator[RemovableHandle]:
        """Of a layer for every triple of types, watch those that the graph has when it is called.

        There may be hundreds, of which a molecule uses a handful.
        """
        start = f"{name}.convs." if name else "convs."
        names = {id(conv): own for own, conv in module.convs.named_children()}
        known: set[str] = set()

        def before(module: Any, args: Any, kwargs: Any) -> None:
            tables = [v for v in (*args, *kwargs.values()) if isinstance(v, dict)]
            used = {key for table in tables for key in table}
            for key, conv in module.convs.items():
                if key in used and (own := names[id(conv)]) not in known:
                    known.add(own)
                    self._watch(by_name(conv, start + own))

        yield module.register_forward_pre_hook(self._here(before), with_kwargs=True)

    def _watch_calls(
        self, name: str, module: nn.Module, into: list[CallRecord]
    ) -> Iterator[RemovableHandle]:
        def before(module: nn.Module, args: Any, kwargs: Any) -> None:
            record = CallRecord(name, module, self.keep(args), self.keep(kwargs))
            record.began, record.depth = self._began, len(self._open)
            record.within = self._open[-1] if self._open else None
            self._began += 1
            into.append(record)
            self._open.append(record)

        summing = self._summing and into is self.parts.get(name)

        def after(module: nn.Module, args: Any, kwargs: Any, output: Any) -> None:
            self._open.pop().output = kept = self.keep(output)
            state = _first(kept)
            if summing and isinstance(state, Tensor) and state.is_floating_point():
                self.totals[id(state)] = state.sum()

        yield module.register_forward_pre_hook(self._here(before), with_kwargs=True)
        yield module.register_forward_hook(self._here(after), with_kwargs=True)

    def _watch_layer(self, name: str, module: MessagePassing) -> Iterator[RemovableHandle]:
        yield from self._watch_calls(name, module, self.layers)
        pending: dict[str, Any] = {}
        latest: PropagationRecord
        plain = getattr(module.aggregate, "__func__", None) is MessagePassing.aggregate
        adds = plain and type(module.aggr_module) in ADDING

        def edge_update(module: nn.Module, inputs: Any) -> None:
            pending.update(self.keep(_own_arguments(inputs[-1])))

        def propagate(module: nn.Module, inputs: Any) -> None:
            nonlocal latest
            edge_index, size, kwargs = inputs
            owner = next((c for c in reversed(self._open) if c.module is module), None)
            if owner is None:
                owner = CallRecord(name, module, (), self.keep(kwargs), began=self._began)
                self.layers.append(owner)
            latest = record = PropagationRecord(self.keep(plain_edges(edge_index)), dict(pending))
            record.sent = self.keep(kwargs.get("x"))
            record.size = (None, None) if size is None else (size[0], size[1])
            if not is_plain(edge_index):
                # As the message function would be given them, should it not be called.
                record.kwargs = self.keep(with_values(edge_index, kwargs))
            owner.propagations.append(record)
            pending.clear()

        def message(module: nn.Module, inputs: Any, output: Any) -> None:
            record = latest
            record.kwargs = self.keep(_own_arguments(inputs[0]))
            record.tensors = len(output) if isinstance(output, tuple | list) else 1
            record.messages = rows_first(module, self.keep(_first(output)))
            record.alpha = self.keep(vars(module).get("_alpha"))

        def aggregate(module: nn.Module, inputs: Any, output: Any) -> None:
            record = latest
            heard = _first(output)
            # What is worked on next, in place, is copied at once: that spares the second run.
            kept = heard.detach().clone() if type(module) in IN_PLACE else self.keep(heard)
            record.aggregated = rows_first(module, kept)
            record.aggregate_kwargs = self.keep(_own_arguments(inputs[0]))
            if adds and isinstance(heard, Tensor) and heard.is_floating_point():
                record.total = heard.detach().sum()  # now, while it lies in the processor's cache

        def fused(module: nn.Module, inputs: Any, output: Tensor) -> None:
            record = latest
            record.aggregated = rows_first(module, self.keep(output))
            record.hidden = "PyG put them together without making them, by a sparse product"

        if getattr(module, "fuse", True):
            yield module.register_message_and_aggregate_forward_hook(self._here(fused))
        if getattr(module.edge_update, "__func__", None) is not MessagePassing.edge_update:
            yield module.register_edge_update_forward_pre_hook(self._here(edge_update))
        yield module.register_propagate_forward_pre_hook(self._here(propagate))
        yield module.register_message_forward_hook(self._here(message))
        yield module.register_aggregate_forward_hook(self._here(aggregate))

    def _here(self, hook: Callable[..., None]) -> Callable[..., None]:
        """The hook for calls in this thread; what another one runs on the model is not recorded."""

        def heard(*inputs: Any) -> None:
            if get_ident() == self._thread:
                hook(*inputs)

        return heard


def rows_first(module: Any, values: Any) -> Any:
    """With the axis over edges or nodes in front: some layers have their stacks before it."""
    if not isinstance(values, Tensor) or values.dim() < 2:
        return values
    axis = module.node_dim % values.dim() if -values.dim() <= module.node_dim else 0
    return values.movedim(axis, 0) if axis else values


def _first(values: Any) -> Any:
    """What is sent or aggregated, or the first of several such things."""
    return values[0] if isinstance(values, tuple | list) and values else values


def _own_arguments(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments that were not lifted from the states."""
    return {k: v for k, v in kwargs.items() if not k.endswith(("_i", "_j"))}


@contextmanager
def evaluating(modules: Iterable[nn.Module]) -> Iterator[None]:
    """Eval mode inside; every module's own mode is restored afterwards."""
    training = [module for module in modules if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True
