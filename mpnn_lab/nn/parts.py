"""The parts of the network that a specification describes, made in order."""

from __future__ import annotations

from typing import Any

from torch import nn

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.clusters import CLUSTERS, build_clusters
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.jumping import build_jumping, jumped_width
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.norms import build_norm
from mpnn_lab.nn.pooling import build_pool
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.round import Round
from mpnn_lab.nn.spec import ModelSpec
from mpnn_lab.nn.supply import bond_type_columns
from mpnn_lab.nn.updates import build_update

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


def build_parts(spec: ModelSpec) -> dict[str, Any]:
    """The arguments of `MPNN`; weights are drawn in the order in which they stand there."""
    featurizer = spec.featurizer()
    bond_columns = tuple(featurizer.bond_columns)
    widths = [spec.width, *(layer.width for layer in spec.rounds)]
    layers = spec.rounds[:1] if spec.tied else spec.rounds
    last = jumped_width(spec.jumping, spec.rounds)
    return {
        "project": nn.Linear(len(featurizer.atom_columns), spec.width),
        "rounds": _one_update(
            spec,
            [
                _round(spec, t, width, layer, bond_columns)
                for t, (width, layer) in enumerate(zip(widths, layers, strict=False))
            ],
        ),
        "times": len(spec.rounds),
        "jumping": build_jumping(spec.jumping, spec.rounds),
        **_readout(spec, last),
        "targets": spec.targets,
        "bond_columns": bond_columns,
    }


def _readout(spec: ModelSpec, width: int) -> dict[str, Any]:
    """The readout, what it reads beside the last states, and the head after it."""
    if spec.readout in CLUSTERS:
        readout: nn.Module = build_clusters(CLUSTERS[spec.readout], width, spec.readout_options)
        return {"readout": readout, "head": _head(width, spec), "reads": ("edge_index",)}
    aggregation = AGGREGATORS[spec.readout]
    readout = aggregation.build(width)
    return {"readout": readout, "head": _head(width * aggregation.widens, spec)}


def _one_update(spec: ModelSpec, rounds: list[Round]) -> nn.ModuleList:
    """The rounds, all with the update of the first where the specification ties it."""
    if spec.tied_update:
        for round_ in rounds:
            round_.update = rounds[0].update
    return nn.ModuleList(rounds)


def _round(
    spec: ModelSpec, t: int, width: int, layer: Layer, bond_columns: tuple[str, ...]
) -> Round:
    """Round t of the specification; its faults are led by its place there."""
    try:
        return build_round(_shape(spec, width, layer, bond_columns), layer, spec.update)
    except SpecError as fault:
        raise fault.under(f"rounds.{t}") from fault


def build_round(shape: Shape, layer: Layer, update: str) -> Round:
    """The round that `layer` describes."""
    entry = layer_entry(layer.name)
    conv = entry.build(shape, layer)
    kinds = ("kinds",) if isinstance(conv, EdgeNetworkConv) else ()
    return Round(
        conv,
        ACTIVATIONS[layer.activation](),
        Dropout(layer.dropout),
        build_update(update, layer.width, shape.width_in),
        (*entry.reads, *kinds),
        build_norm(layer.norm, layer.width),
        build_pool(layer),
    )


def _shape(spec: ModelSpec, width: int, layer: Layer, bond_columns: tuple[str, ...]) -> Shape:
    if "x_0" in layer_entry(layer.name).reads and layer.width != spec.width:
        raise SpecError(
            f"width: {layer.width}, but {layer.name} mixes in the first states, which have "
            f"{spec.width} channels"
        )
    return Shape(width, layer.width, len(bond_columns), len(bond_type_columns(bond_columns)))


def _head(width: int, spec: ModelSpec) -> nn.Sequential:
    head = nn.Sequential()
    for hidden in spec.head:
        head.append(nn.Linear(width, hidden))
        head.append(nn.ReLU())
        width = hidden
    return head.append(nn.Linear(width, spec.targets))
