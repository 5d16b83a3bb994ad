"""The parts of the network that a specification describes, made in order."""

from __future__ import annotations

import inspect
from typing import Any

from torch import nn

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.blocks import widths as block_widths
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.reading import element_columns
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
    atom_columns = tuple(featurizer.atom_columns)
    bond_columns = tuple(featurizer.bond_columns)
    widths = block_widths(spec.rounds)
    layers = spec.rounds[:1] if spec.tied else spec.rounds
    aggregation = AGGREGATORS[spec.readout]
    return {
        "project": nn.Linear(len(atom_columns), spec.width),
        "rounds": nn.ModuleList(
            _round(spec, t, width, atom_columns, bond_columns)
            for t, (width, _) in enumerate(zip(widths, layers, strict=False))
        ),
        "times": len(spec.rounds),
        "readout": aggregation.build(widths[-1]),
        "head": _head(widths[-1] * aggregation.widens, spec),
        "targets": spec.targets,
        "bond_columns": bond_columns,
        "atom_columns": atom_columns,
    }


def _round(
    spec: ModelSpec, t: int, width: int, atom_columns: tuple[str, ...],
    bond_columns: tuple[str, ...],
) -> Round:  # fmt: skip
    try:
        _check_widths(spec, t)
        shape = Shape(
            width, spec.rounds[t].width, len(bond_columns), len(bond_type_columns(bond_columns)),
            len(element_columns(atom_columns)),
        )  # fmt: skip
        return build_round(shape, spec.rounds[t], spec.update)
    except SpecError as fault:
        raise fault.under(f"rounds.{t}") from fault


def build_round(shape: Shape, layer: Layer, update: str) -> Round:
    """The round that `layer` describes."""
    entry = layer_entry(layer.name)
    conv = entry.build(shape, layer)
    takes = inspect.signature(conv.forward).parameters
    edges = ("edge_index",) if "edge_index" in takes else ()
    shared = ("kinds", "prepared") if isinstance(conv, EdgeNetworkConv) else ()
    return Round(
        conv,
        ACTIVATIONS[layer.activation](),
        Dropout(layer.dropout),
        build_update(update if layer.block == "none" else layer.block, layer.width),
        (*edges, *entry.reads, *shared),
        before=layer.block == "res+",
    )


def _check_widths(spec: ModelSpec, t: int) -> None:
    """Refuse widths that do not go with former states which the layer reads."""
    layer = spec.rounds[t]
    reads = layer_entry(layer.name).reads
    if "x_0" in reads and layer.width != spec.width:
        raise SpecError(
            f"width: {layer.width}, but {layer.name} mixes in the first states, which have "
            f"{spec.width} channels"
        )
    former = block_widths(spec.rounds[: t + 1])[:-1]
    if "history" in reads and set(former) != {layer.width}:
        raise SpecError(
            f"width: {layer.width}, but {layer.name} attends to the states before every round "
            f"so far, which have {', '.join(map(str, former))} channels",
            mend="Give all rounds up to this one the same width.",
        )


def _head(width: int, spec: ModelSpec) -> nn.Sequential:
    head = nn.Sequential()
    for hidden in spec.head:
        head.append(nn.Linear(width, hidden))
        head.append(nn.ReLU())
        width = hidden
    return head.append(nn.Linear(width, spec.targets))
