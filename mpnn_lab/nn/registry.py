"""Every layer a specification can name: how it is built, its formula, its paper, its options."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from types import UnionType
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import torch
from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.edge_network import EdgeNetworkConv

if TYPE_CHECKING:
    from mpnn_lab.nn.spec import Layer

FILLS = ("sum", "add", "mean", "min", "max", "mul")
"""What PyG can make a loop's features of; the only option that is a text."""

LARGEST = torch.finfo(torch.float32).max

Build = Callable[[int, "Layer", int, dict[str, Any]], nn.Module]


@dataclass(frozen=True)
class LayerEntry:
    """One layer of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    conv : its class.
    build : (width in, layer, edge columns, keyword arguments) -> module.
    formula : the message and what is done with it, in the paper's letters.
    paper : where it comes from.
    edge_features : whether it reads the bonds' features.
    aggr : its aggregation where the specification names none.
    ours : options of our own, with their defaults.
    fixed : constructor arguments that are no options, each with the reason.
    """

    name: str
    conv: type[nn.Module]
    build: Build
    formula: str
    paper: str
    edge_features: bool
    aggr: str = "sum"
    ours: dict[str, int] = field(default_factory=dict)
    fixed: dict[str, str] = field(default_factory=dict)

    def options(self) -> dict[str, Any]:
        """Names and defaults of the options: the class's own arguments, and ours."""
        given = inspect.signature(self.conv.__init__).parameters.values()
        named = {
            p.name: p.default
            for p in given
            if p.default is not p.empty and p.name not in {*self.fixed, "aggr"}
        }
        return {**named, **self.ours}

    def _types(self, name: str) -> tuple[type, ...]:
        """What the class says of an argument's type, as far as a specification can hold it."""
        hint = get_type_hints(self.conv.__init__)[name]
        plain = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
        return tuple(t for t in (bool, int, float, str) if t in plain)

    def check(self, layer: Layer) -> None:
        """Refuse options that this layer does not have, or that cannot go together."""
        known = self.options()
        for name in layer.options:
            if name not in known:
                reason = self.fixed.get(name, f"{self.name} has no such option")
                raise SpecError(
                    f"options.{name}: {reason}",
                    mend=f"Its options are {', '.join(known) or 'none'}.",
                )
            if name not in self.ours:
                _check_type(name, layer.options[name], self._types(name))
                _check_range(name, layer.options[name])
        for name in self.ours:
            value = layer.options.get(name, self.ours[name])
            _check_count(name, value)
        heads = layer.options.get("heads", 1)
        _check_count("heads", heads)
        if layer.options.get("concat", True) and layer.width % int(heads):
            raise SpecError(f"width: {layer.width} cannot be divided among {heads} heads")


def _check_type(name: str, value: Any, types: tuple[type, ...]) -> None:
    if type(value) in types or (type(value) is int and float in types):
        return
    wanted = " or ".join(t.__name__ for t in types)
    raise SpecError(f"options.{name}: {value!r}; expected a value of type {wanted}")


def _check_range(name: str, value: Any) -> None:
    if isinstance(value, str):
        if value not in FILLS:
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


def _edge_network(width: int, layer: Layer, edges: int, options: dict[str, Any]) -> nn.Module:
    hidden = options.pop("hidden")
    network = nn.Sequential(
        nn.Linear(edges, hidden), nn.ReLU(), nn.Linear(hidden, width * layer.width)
    )
    return EdgeNetworkConv(width, layer.width, network, **options)


def _gine(width: int, layer: Layer, edges: int, options: dict[str, Any]) -> nn.Module:
    mlp = nn.Sequential(
        nn.Linear(width, layer.width), nn.ReLU(), nn.Linear(layer.width, layer.width)
    )
    conv: nn.Module = pyg.GINEConv(mlp, edge_dim=edges, **options)
    return conv


def _gcn(width: int, layer: Layer, edges: int, options: dict[str, Any]) -> nn.Module:
    conv: nn.Module = pyg.GCNConv(width, layer.width, **options)
    return conv


def _gatv2(width: int, layer: Layer, edges: int, options: dict[str, Any]) -> nn.Module:
    heads = options.get("heads", 1) if options.get("concat", True) else 1
    conv: nn.Module = pyg.GATv2Conv(width, layer.width // heads, edge_dim=edges, **options)
    return conv


NN = "the specification's widths decide it"
EDGE_DIM = "the molecule's bonds decide it"

_ENTRIES = (
    LayerEntry(
        "NNConv",
        EdgeNetworkConv,
        _edge_network,
        formula="m_ij = h_j · W(e_ij),  W(e) = NN(e);   h_i' = Σ_j m_ij + h_i · Θ + b",
        paper="Gilmer et al. 2017, Neural Message Passing for Quantum Chemistry, arXiv:1704.01212",
        edge_features=True,
        ours={"hidden": 128},
        fixed={"nn": NN},
    ),
    LayerEntry(
        "GINEConv",
        pyg.GINEConv,
        _gine,
        formula="m_ij = ReLU(h_j + e_ij · W_e + b_e);   h_i' = MLP((1 + ε) h_i + Σ_j m_ij)",
        paper="Hu et al. 2020, Strategies for Pre-training Graph Neural Networks, arXiv:1905.12265",
        edge_features=True,
        fixed={"nn": NN, "edge_dim": EDGE_DIM},
    ),
    LayerEntry(
        "GCNConv",
        pyg.GCNConv,
        _gcn,
        formula="m_ij = c_ij · (h_j · W),  c_ij = 1/√(d_i d_j);   h_i' = Σ_j m_ij + b",
        paper="Kipf and Welling 2017, Semi-Supervised Classification with GCNs, arXiv:1609.02907",
        edge_features=False,
        fixed={
            "cached": "a cache would keep the first molecule's edges for every other",
            "improved": "it changes nothing: PyG gives loops their weight 2 only beside edge "
            "weights, and these networks have none",
        },
    ),
    LayerEntry(
        "GATv2Conv",
        pyg.GATv2Conv,
        _gatv2,
        formula="m_ij = α_ij · (h_j · W_l),  α_ij = softmax_j a · LeakyReLU(h_i · W_r + h_j · W_l "
        "+ e_ij · W_e);   h_i' = Σ_j m_ij + b",
        paper="Brody et al. 2022, How Attentive are Graph Attention Networks?, arXiv:2105.14491",
        edge_features=True,
        fixed={"edge_dim": EDGE_DIM},
    ),
)

LAYERS: dict[str, LayerEntry] = {entry.name: entry for entry in _ENTRIES}


def layer_entry(name: str) -> LayerEntry:
    """The registry's entry; SpecError for a name that is not there."""
    if name not in LAYERS:
        raise SpecError(
            f"name: there is no layer {name!r}", mend=f"The layers are {', '.join(LAYERS)}."
        )
    return LAYERS[name]


def build_layer(width: int, layer: Layer, edge_columns: int) -> nn.Module:
    """The module that `layer` describes, for states of `width` channels."""
    entry = layer_entry(layer.name)
    options: dict[str, Any] = {**entry.ours, **layer.options, "aggr": layer.aggr or entry.aggr}
    try:
        return entry.build(width, layer, edge_columns, options)
    except (TypeError, ValueError, AssertionError) as fault:
        raise SpecError(f"options: {entry.name} refused {layer.options}: {fault}") from fault
