"""One layer that a specification can name: how it is built, called, checked and described."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import UnionType
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from torch import nn

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.aggregators import AGGREGATORS, IN_LAYERS, aggregator_entry
from mpnn_lab.nn.ranges import Option, check_parts, check_together, option_of

if TYPE_CHECKING:
    from mpnn_lab.nn.layer import Layer

Need = Literal[
    "edge_attr", "edge_weight", "edge_type", "x_0", "batch", "node_type", "history", "family",
    "graphs", "u",
    "pos_edge_index", "neg_edge_index", "hyperedge_index", "pos", "normal",
]  # fmt: skip
"""What a layer reads beside states and edges; `mpnn_lab.nn.supply` says how a molecule has it."""

NAMED = ("sum", "mean", "max")
WIDTHS = "the specification's widths decide it"
BONDS = "the molecule's bonds decide it"
ATOMS = "the molecule's atoms decide it"
CACHE = "a cache would keep the first molecule's edges for every other"


@dataclass(frozen=True)
class Shape:
    """What a layer is built for: channels in and out, bond columns, types of bonds and atoms."""

    width_in: int
    width: int
    bond_columns: int
    bond_types: int
    node_types: int = 1


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
    messages : whether its messages are as wide as the states that come ``"in"`` or go ``"out"``,
        so that aggregations with weights can stand in it; empty where they are neither.
    keeps_width : whether its states leave as wide as they enter.
    multiple_of : what its width is a multiple of.
    ours : options that are ours, that its class has without a default, or whose types it names
        wrongly, with their defaults.
    fixed : constructor arguments that are no options, each with the reason.
    own_aggrs : aggregations that its class makes itself, each with the options for it alone: a
        number, and whether it is learned.
    sends, together : in words, what an atom sends its neighbour, and how messages become one where
        that is the layer's own way.
    then : in words, from the options, what it does with that, where that is not yet what it gives.
    turns : whether what it gives changes when the molecule is turned about in space.
    finish : what is still to be done with a layer that PyG has built.
    """

    name: str
    conv: type[nn.Module]
    formula: str
    paper: str
    arguments: Arguments = widths
    reads: tuple[Need, ...] = ()
    aggr: str | None = "sum"
    aggrs: tuple[str, ...] = IN_LAYERS
    messages: Literal["", "in", "out"] = ""
    keeps_width: bool = False
    multiple_of: int = 1
    ours: dict[str, int | float] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)
    own_aggrs: dict[str, tuple[str, str]] = field(default_factory=dict)
    sends: str = ""
    together: str = ""
    then: Callable[[Mapping[str, Any]], str] | None = None
    turns: bool = False
    finish: Callable[[Any], None] | None = None

    @property
    def positions(self) -> bool:
        """Whether it reads the atoms' positions, or what is made of them."""
        return "pos" in self.reads or "normal" in self.reads

    @property
    def edge_features(self) -> bool:
        """Whether it reads the bonds' features."""
        return "edge_attr" in self.reads

    def words(self, options: Mapping[str, Any]) -> str:
        """What it does with the messages once they are put together; empty where that is all."""
        return self.then({**self.options(), **options}) if self.then is not None else ""

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

    def described(self) -> dict[str, Option]:
        """The options with their types and ranges, by name."""
        return {
            name: option_of(self.name, name, default, self._types(name), name in self.ours)
            for name, default in self.options().items()
        }

    def _types(self, name: str) -> tuple[type, ...]:
        return (type(self.ours[name]),) if name in self.ours else _types(self.conv, name)

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
        known = self.described() if layer.options else {}
        for name, value in layer.options.items():
            if name not in known:
                reason = self.fixed.get(name, f"{self.name} has no such option")
                raise SpecError(
                    f"options.{name}: {reason}",
                    mend=f"Its options are {', '.join(known) or 'none'}.",
                )
            known[name].check(value)
        self._check_aggr(layer)
        if layer.width % self.multiple_of:
            raise SpecError(
                f"width: {layer.width}, but {self.name} wants a multiple of {self.multiple_of}"
            )
        check_together(layer.options)
        check_parts(self.name, layer.options, layer.width)
        heads = layer.options.get("heads", 1)
        if layer.options.get("concat", True) and layer.width % int(heads):
            raise SpecError(f"width: {layer.width} cannot be divided among {heads} heads")

    def _check_aggr(self, layer: Layer) -> None:
        """Refuse options that are for another aggregation than the layer's."""
        chosen = layer.aggr or self.aggr
        for aggr, options in self.own_aggrs.items():
            for name in layer.options:
                if name in options and aggr != chosen:
                    raise SpecError(
                        f"options.{name}: it is for the aggregation {aggr!r}, and this {self.name} "
                        f"aggregates by {chosen!r}",
                        mend=f"Take aggr={aggr!r}, or leave {name} out.",
                    )

    def build(self, shape: Shape, layer: Layer) -> nn.Module:
        """The module that `layer` describes."""
        if self.keeps_width and shape.width_in != shape.width:
            raise SpecError(
                f"width: {shape.width}, but {self.name} leaves states as wide as they come, "
                f"{shape.width_in}",
                mend="Give it the width of the round before.",
            )
        options: dict[str, Any] = {**self.ours, **layer.options}
        cut = {n: k for n, k in layer.options.items() if _cuts_before(n, layer.options)}
        check_parts(self.name, cut, shape.width_in, "that come to")
        try:
            # Weights are drawn in the order in which exported code writes the arguments down.
            arguments = self.arguments(shape, options)
            if self.aggr is not None:
                name = layer.aggr or self.aggr
                width = shape.width_in if self.messages == "in" else shape.width
                # Some layers of PyG's look at the name.
                named = name in NAMED or name in self.own_aggrs
                options["aggr"] = name if named else AGGREGATORS[name].build(width)
            module = self.conv(**arguments, **options)
        except SpecError:  # which is a ValueError, and names its option
            raise
        except (TypeError, ValueError, AssertionError) as fault:
            said = str(fault) or "these values do not go together"
            raise SpecError(f"options: {self.name} refused {layer.options}: {said}") from fault
        if self.finish is not None:
            self.finish(module)
        return module


def _cuts_before(option: str, options: Mapping[str, Any]) -> bool:
    """Whether an option also cuts the channels that come to the layer."""
    return option in ("groups", "num_blocks") or (
        option == "towers" and options.get("divide_input") is True
    )


def _types(conv: type[nn.Module], name: str) -> tuple[type, ...]:
    """What a class says of an argument's type, as far as a specification can hold it."""
    if conv not in _HINTS:
        _HINTS[conv] = get_type_hints(conv.__init__)
    hint = _HINTS[conv].get(name)
    plain = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
    return tuple(t for t in (bool, int, float, str) if t in plain)


_HINTS: dict[type[nn.Module], dict[str, Any]] = {}
"""What each class says of its arguments; to read it anew takes longer than all checks."""
