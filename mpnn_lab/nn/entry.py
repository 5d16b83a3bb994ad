"""One layer that a specification can name: how it is built, called, checked and described."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

import torch
from torch import nn

from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.aggregators import AGGREGATORS, IN_LAYERS, aggregator_entry

if TYPE_CHECKING:
    from mpnn_lab.nn.layer import Layer

Need = Literal["edge_attr", "edge_weight", "edge_type", "x_0", "batch"]
"""What a layer reads beside states and edges; `mpnn_lab.nn.supply` says how a molecule has it."""

FILLS = ("sum", "add", "mean", "min", "max", "mul")
"""What PyG can make a loop's features of."""
NAMED = ("sum", "mean", "max")
LARGEST = torch.finfo(torch.float32).max
WIDTHS = "the specification's widths decide it"
BONDS = "the molecule's bonds decide it"
CACHE = "a cache would keep the first molecule's edges for every other"


@dataclass(frozen=True)
class Shape:
    """What a layer is built for: channels in and out, bond columns, types of bonds."""

    width_in: int
    width: int
    bond_columns: int
    bond_types: int


Arguments = Callable[[Shape, dict[str, Any]], dict[str, Any]]
"""The constructor's arguments from shape and options; it may take options out for itself."""


def widths(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of most layers."""
    return {"in_channels": shape.width_in, "out_channels": shape.width}


def nothing(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of layers without weights."""
    return {}


def same_width(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    """The arguments of layers whose states keep their width."""
    return {"channels": shape.width}


@dataclass(frozen=True)
class LayerEntry:
    """One layer of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    conv : its class.
    formula : the message and what is done with it, in the paper's letters.
    paper : where it comes from.
    arguments : the constructor's arguments beside the options.
    reads : what it reads beside states and edges, by the names of its `forward`.
    aggr : its aggregation where the specification names none; None where it has its own way.
    aggrs : the aggregations a specification may ask it for.
    keeps_width : whether its states leave as wide as they enter.
    multiple_of : what its width is a multiple of.
    ours : options that are ours, or that its class has without a default, with theirs.
    fixed : constructor arguments that are no options, each with the reason.
    """

    name: str
    conv: type[nn.Module]
    formula: str
    paper: str
    arguments: Arguments = widths
    reads: tuple[Need, ...] = ()
    aggr: str | None = "sum"
    aggrs: tuple[str, ...] = IN_LAYERS
    keeps_width: bool = False
    multiple_of: int = 1
    ours: dict[str, int | float] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    @property
    def edge_features(self) -> bool:
        """Whether it reads the bonds' features."""
        return "edge_attr" in self.reads

    def options(self) -> dict[str, Any]:
        """Names and defaults of the options: the class's own arguments, and ours."""
        given = inspect.signature(self.conv.__init__).parameters.values()
        named = {
            p.name: p.default
            for p in given
            if p.default is not p.empty
            and p.name not in {*self.fixed, "aggr"}
            and _types(self.conv, p.name)
        }
        return {**named, **self.ours}

    def check(self, layer: Layer) -> None:
        """Refuse options that this layer does not have, or that cannot go together."""
        if self.aggr is None and layer.aggr is not None:
            raise SpecError(f"aggr: {self.name} puts its messages together in a way of its own")
        if layer.aggr is not None:
            aggregator_entry(layer.aggr, "aggr")
            if layer.aggr not in self.aggrs:
                raise SpecError(
                    f"aggr: {self.name} cannot aggregate its messages by {layer.aggr!r}",
                    mend=f"It knows {', '.join(self.aggrs)}.",
                )
        known = self.options()
        for name, value in layer.options.items():
            if name not in known:
                reason = self.fixed.get(name, f"{self.name} has no such option")
                raise SpecError(
                    f"options.{name}: {reason}",
                    mend=f"Its options are {', '.join(known) or 'none'}.",
                )
            default = self.ours.get(name)
            _check(name, value, (type(default),) if name in self.ours else _types(self.conv, name))
            if type(default) is int:
                _check_count(name, value)
        if layer.width % self.multiple_of:
            raise SpecError(
                f"width: {layer.width}, but {self.name} wants a multiple of {self.multiple_of}"
            )
        heads = layer.options.get("heads", 1)
        _check_count("heads", heads)
        if layer.options.get("concat", True) and layer.width % int(heads):
            raise SpecError(f"width: {layer.width} cannot be divided among {heads} heads")

    def build(self, shape: Shape, layer: Layer) -> nn.Module:
        """The module that `layer` describes."""
        if self.keeps_width and shape.width_in != shape.width:
            raise SpecError(
                f"width: {shape.width}, but {self.name} leaves states as wide as they come, "
                f"{shape.width_in}",
                mend="Give it the width of the round before.",
            )
        options: dict[str, Any] = {**self.ours, **layer.options}
        if self.aggr is not None:
            name = layer.aggr or self.aggr
            # Some layers of PyG's look at the name.
            options["aggr"] = name if name in NAMED else AGGREGATORS[name].build(shape.width)
        try:
            return self.conv(**self.arguments(shape, options), **options)
        except (TypeError, ValueError, AssertionError) as fault:
            raise SpecError(f"options: {self.name} refused {layer.options}: {fault}") from fault


def _types(conv: type[nn.Module], name: str) -> tuple[type, ...]:
    """What a class says of an argument's type, as far as a specification can hold it."""
    hint = get_type_hints(conv.__init__).get(name)
    plain = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(t for t in (bool, int, float, str) if t in plain)


def _check(name: str, value: Any, types: tuple[type, ...]) -> None:
    if type(value) not in types and not (type(value) is int and float in types):
        wanted = " or ".join(t.__name__ for t in types)
        raise SpecError(f"options.{name}: {value!r}; expected a value of type {wanted}")
    if isinstance(value, str):
        if name == "fill_value" and value not in FILLS:
            raise SpecError(
                f"options.{name}: {value!r}; expected a number or one of {', '.join(FILLS)}"
            )
    elif name == "dropout" and not 0 <= value < 1:
        raise SpecError(f"options.{name}: {value!r}; expected a number from 0 to below 1")
    elif not -LARGEST <= value <= LARGEST:  # NaN neither
        raise SpecError(f"options.{name}: {value!r}; expected a finite number")


def _check_count(name: str, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LIMITS.width:
        raise SpecError(f"options.{name}: {value!r}; expected a whole number, 1 to {LIMITS.width}")
