"""What values a layer's own options can take: read by the checks and by the form alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from mpnn_lab.checks import shown
from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS

LARGEST = torch.finfo(torch.float32).max

Value = bool | int | float | str


@dataclass(frozen=True)
class Range:
    """Numbers from `least` to `most`; `below` says that `most` itself is not among them."""

    least: float = -LARGEST
    most: float = LARGEST
    below: bool = False

    def __contains__(self, value: float) -> bool:
        return self.least <= value <= self.most and not (self.below and value == self.most)

    def words(self, whole: bool) -> str:
        """The range as a sentence names it."""
        if (self.least, self.most) == (-LARGEST, LARGEST):
            return "a whole number" if whole else "a finite number"
        if whole:
            return f"a whole number, {self.least:g} to {self.most:g}"
        if self.most == LARGEST:
            return f"a number from {self.least:g}"
        return f"a number from {self.least:g} to {'below ' * self.below}{self.most:g}"


ANY = Range()
COUNT = Range(1, LIMITS.width)
STEPS = Range(1, LIMITS.rounds)
SHARE = Range(0, 1)
RANGES: dict[str, Range] = {
    "K": STEPS,
    "alpha": SHARE,
    "dim": COUNT,
    "dropout": Range(0, 1, below=True),
    "expansion": Range(1, 64),
    "groups": COUNT,
    "heads": COUNT,
    "hidden": COUNT,
    "hidden_channels": COUNT,
    "kernel_size": COUNT,
    "layer": STEPS,
    "max_degree": Range(0, 64),
    "num_bases": COUNT,
    "num_blocks": COUNT,
    "num_heads": COUNT,
    "num_iters": STEPS,
    "num_layers": STEPS,
    "num_stacks": COUNT,
    "post_layers": STEPS,
    "pre_layers": STEPS,
    "theta": Range(0),
    "towers": COUNT,
}
"""The range of an option, by its name, which means the same in every layer that has it."""

ACTS = ("relu", "leaky_relu", "elu", "gelu", "silu", "tanh", "sigmoid")
NORMS = ("batch_norm", "layer_norm", "instance_norm", "graph_norm", "pair_norm")
FILLS = ("sum", "add", "mean", "min", "max", "mul")
"""What PyG can make a loop's features of."""
CHOICES: dict[str, tuple[str, ...]] = {
    "GENConv.norm": ("batch", "layer"),  # its "instance" takes atoms for channels
    "GPSConv.norm": NORMS,
    "GeneralConv.attention_type": ("additive", "dot_product"),
    "SuperGATConv.attention_type": ("MX", "SD"),
    "act": ACTS,
    "attention_mechanism": ("across-relation", "within-relation"),
    "attention_mode": ("additive-self-attention", "multiplicative-self-attention"),
    "fill_value": FILLS,
    "mod": ("additive", "f-additive"),  # for the scaled ones PyG leaves a matrix as memory had it
    "normalization": ("sym", "rw"),
}
"""What PyG knows of an option that is a word: by its name, or by ``layer.name``."""


@dataclass(frozen=True)
class Option:
    """One of a layer's own options, or of a readout's.

    Attributes
    ----------
    name : as the layer's class has it.
    default : its value where it is not given; None where the layer then goes its own way.
    types : what its values can be.
    range : the numbers among them.
    choices : the words among them; empty where any word may be.
    """

    name: str
    default: Value | None
    types: tuple[type, ...]
    range: Range = ANY
    choices: tuple[str, ...] = ()

    def check(self, value: Any, among: str = "options") -> None:
        """Refuse a value that the option cannot have, with a SpecError led by its path."""
        if not self._takes(value):
            raise SpecError(f"{among}.{self.name}: {shown(value)}; expected {self.words()}")

    def words(self) -> str:
        """What the option can be, as a sentence names it."""
        whole = float not in self.types
        kinds = [t for t in self.types if t is not int or whole]
        named = {bool: "True or False", int: self.range.words(True), str: "a word"}
        if self.choices:
            named[str] = f"one of {', '.join(self.choices)}"
        return " or ".join(named.get(kind, self.range.words(whole)) for kind in kinds)

    def _takes(self, value: Any) -> bool:
        if type(value) not in self.types and not (type(value) is int and float in self.types):
            return False
        if isinstance(value, str):
            return not self.choices or value in self.choices
        return isinstance(value, bool) or value in self.range  # NaN is in no range


def option_of(
    layer: str, name: str, default: Any, types: tuple[type, ...], ours: bool = False
) -> Option:
    """The option `name` of a layer, with what is known of its range and its words.

    Whole numbers of `ours` count something, and so are 1 at least.
    """
    choices = CHOICES.get(f"{layer}.{name}", CHOICES.get(name, ())) if str in types else ()
    range_ = RANGES.get(name, COUNT if ours and types == (int,) else ANY)
    return Option(name, default, types, range_, choices)


PARTS = {"groups": "groups", "num_blocks": "blocks", "num_heads": "heads", "towers": "towers"}
"""Options that say in how many equal parts the channels are cut, and what these are called."""


def check_parts(name: str, options: Mapping[str, Any], width: int, whose: str = "of") -> None:
    """Refuse channels that cannot be cut as `options` say: SpecError, led by the option's path.

    `whose` leads from the channels to the layer's name.
    """
    for option in PARTS.keys() & options.keys():
        if width % options[option]:
            raise SpecError(
                f"options.{option}: {options[option]}, but the {width} channels {whose} {name} "
                f"cannot be divided among {options[option]} {PARTS[option]}",
                mend=f"Take a number that divides {width}, or another width.",
            )


def check_together(options: Mapping[str, Any]) -> None:
    """Refuse options that exclude each other: SpecError, led by the path of one of them."""
    if {"num_bases", "num_blocks"} <= options.keys():
        raise SpecError(
            "options.num_blocks: matrices are made of num_bases or of num_blocks, not of both",
            mend="Leave one of the two out.",
        )
    if ("theta" in options) != ("layer" in options):
        given, other = ("theta", "layer") if "theta" in options else ("layer", "theta")
        raise SpecError(
            f"options.{given}: the identity mapping is as strong as log(theta / layer + 1), and "
            f"{other} is not given",
            mend="Give both: theta, and as layer the round's number from 1; or neither.",
        )
    if "groups" in options:
        heads, groups = options.get("heads", 1), options["groups"]
        if max(heads, groups) % min(heads, groups):
            raise SpecError(
                f"options.groups: {groups}, but of heads ({heads}) and groups one is a multiple of "
                "the other",
                mend=f"Take groups={heads}, or groups=1.",
            )
    if options.get("dim", 1) > 1 and options.get("attention_mode") == "additive-self-attention":
        raise SpecError(
            f"options.dim: {options['dim']}, but additive attention has a dim of 1",
            mend="Take attention_mode='multiplicative-self-attention', or leave dim out.",
        )
