"""What a network costs: its weights, and its multiply-adds and messages on one graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch_geometric.data import Data
from torch_geometric.nn import MessagePassing

from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.network import Network
from mpnn_lab.nn.spec import ModelSpec

aten = torch.ops.aten

FIRST = (aten.mm, aten.bmm, aten.mv, aten.linear)
"""Products of their first two arguments."""
AFTER_BIAS = (aten.addmm, aten.baddbmm, aten.addmv, aten.addbmm)
"""Products of their second and third, added to the first."""


@dataclass(frozen=True)
class Part:
    """One part of a network, in the order in which it runs.

    Attributes
    ----------
    name : such as ``"rounds.1"``, the path of a round in the specification.
    parameters : its weights; 0 where they are those of an earlier, tied, round.
    multiply_adds : those of its matrix products, on the graph.
    messages : how many it sends, over all its propagations.
    """

    name: str
    parameters: int
    multiply_adds: int
    messages: int


@dataclass(frozen=True)
class Cost:
    """What a network costs on one graph.

    Counted are the multiply-adds of matrix products (a [n, k] times [k, m] product takes n·k·m),
    which is where the time goes: as the network runs step by step, in eval mode. Not counted are
    sums over neighbours, activations, normalisations and other products element by element.

    Attributes
    ----------
    parts : in the order in which they run; what stands in none of the network's parts is "other".
    parameters : all weights.
    complete : False where the count was broken off at `LIMITS.multiply_adds`, or never begun since
        there are more than `LIMITS.parameters`; what `parts` hold is then the least it can be.
    """

    parts: tuple[Part, ...]
    parameters: int
    complete: bool

    @property
    def multiply_adds(self) -> int:
        """Those of all parts."""
        return sum(part.multiply_adds for part in self.parts)

    @property
    def rounds(self) -> tuple[Part, ...]:
        """The rounds among the parts."""
        return tuple(part for part in self.parts if part.name.startswith("rounds."))


def count_parameters(spec: ModelSpec) -> int:
    """Count the weights of the network that `spec` describes, without room for a single one.

    Raises
    ------
    SpecError
        If it cannot be built; with the path of the field.
    """
    return _size(_outline(spec))


def cost(spec: ModelSpec, data: Data) -> Cost:
    """Count what the network of `spec` costs on this graph; nothing large is ever computed.

    Raises
    ------
    SpecError
        If it cannot be built; with the path of the field.
    InputError
        If the graph is not one that it reads.
    """
    outline = _outline(spec)
    parameters = _size(outline)
    if parameters > LIMITS.parameters:
        return Cost(_parts(outline, _Counter(), spec), parameters, complete=False)
    model = spec.build().eval()
    counter = _Counter()
    complete = True
    # Where no gradient is wanted torch fuses whole blocks of attention, and hides their products.
    with torch.enable_grad(), _watched(model, counter):
        try:
            with counter:
                model(data)
        except _EnoughError:
            complete = False
    return Cost(_parts(model, counter, spec), parameters, complete)


def _outline(spec: ModelSpec) -> Network:
    """The network without its numbers."""
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        return Network(spec)


def _size(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters())


class _EnoughError(Exception):
    """The next product would pass the limit."""


class _Counter(TorchDispatchMode):
    """Counts the multiply-adds of every matrix product, for the part that runs at the moment."""

    def __init__(self) -> None:
        super().__init__()
        self.part = "other"
        self.multiply_adds: dict[str, int] = {}
        self.messages: dict[str, int] = {}
        self.calls: dict[str, int] = {}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        packet = func.overloadpacket
        if packet in FIRST:
            self._add(args[0], args[1])
        elif packet in AFTER_BIAS:
            self._add(args[1], args[2])
        elif packet is aten.mkldnn_rnn_layer:  # an LSTM on the CPU: each row meets both matrices
            rows = args[0].numel() // args[0].shape[-1]
            self._count(rows * (args[1].numel() + args[2].numel()))
        elif func.__name__.startswith("_scaled_dot_product"):
            query, key, value = args[:3]
            self._add(query, key.mT)
            self._add(query.new_empty(*query.shape[:-1], key.shape[-2], device="meta"), value)
        return func(*args, **(kwargs or {}))

    def _add(self, left: Tensor, right: Tensor) -> None:
        """Add [..., n, k] times [..., k, m]: every number on the left meets m on the right."""
        self._count(left.numel() * (right.shape[-1] if right.dim() > 1 else 1))

    def _count(self, number: int) -> None:
        self.multiply_adds[self.part] = self.multiply_adds.get(self.part, 0) + number
        if sum(self.multiply_adds.values()) > LIMITS.multiply_adds:
            raise _EnoughError

    def enter(self, part: str) -> None:
        self.part = part

    def leave(self, *_: Any) -> None:
        self.part = "other"

    def send(self, messages: int) -> None:
        self.messages[self.part] = self.messages.get(self.part, 0) + messages


@contextmanager
def _watched(model: Network, counter: _Counter) -> Iterator[None]:
    """Tell the counter which part runs, and what is sent, for as long as this lasts."""
    with ExitStack() as hooks:
        for name, module in model.named_children():
            if name == "rounds" and isinstance(module, nn.ModuleList):
                for round_ in module:
                    hooks.callback(
                        round_.register_forward_pre_hook(_entering_round(counter)).remove
                    )
                    hooks.callback(round_.register_forward_hook(counter.leave).remove)
            else:
                entering = _entering(counter, name)
                hooks.callback(module.register_forward_pre_hook(entering).remove)
                hooks.callback(module.register_forward_hook(counter.leave).remove)
        for module in model.modules():
            if isinstance(module, MessagePassing):
                handle = module.register_propagate_forward_pre_hook(_sending(counter))
                hooks.callback(handle.remove)
        yield


def _entering(counter: _Counter, name: str) -> Callable[..., None]:
    return lambda *_: counter.enter(name)


def _entering_round(counter: _Counter) -> Callable[..., None]:
    """Rounds are told apart by their order, as tied ones are one module."""

    def hook(*_: Any) -> None:
        number = counter.calls.get("rounds", 0)
        counter.calls["rounds"] = number + 1
        counter.enter(f"rounds.{number}")

    return hook


def _sending(counter: _Counter) -> Callable[..., None]:
    def hook(module: Any, inputs: tuple[Any, ...]) -> None:
        edge_index = inputs[0]
        edges = edge_index.shape[1] if isinstance(edge_index, Tensor) else edge_index.nnz()
        counter.send(edges)

    return hook


def _parts(model: Network, counter: _Counter, spec: ModelSpec) -> tuple[Part, ...]:
    own: dict[str, int] = {}
    for name, module in model.named_children():
        if name == "rounds" and isinstance(module, nn.ModuleList):
            own |= {f"rounds.{t}": 0 for t in range(len(spec.rounds))}
            seen: set[int] = set()  # weights that an earlier round has too are counted there
            for t, round_ in enumerate(module):
                new = {id(p): p.numel() for p in round_.parameters() if id(p) not in seen}
                own[f"rounds.{t}"] = sum(new.values())
                seen |= new.keys()
        else:
            own[name] = _size(module)
    rest = _size(model) - sum(own.values())
    if rest or "other" in counter.multiply_adds or "other" in counter.messages:
        own["other"] = rest
    return tuple(
        Part(name, size, counter.multiply_adds.get(name, 0), counter.messages.get(name, 0))
        for name, size in own.items()
    )
