"""The parts of the network that a specification describes, made in order."""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

from torch import nn

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.blocks import width_after
from mpnn_lab.nn.blocks import widths as block_widths
from mpnn_lab.nn.both_directions import BothDirections
from mpnn_lab.nn.clusters import CLUSTERS, build_clusters
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.family import narrowed
from mpnn_lab.nn.jumping import build_jumping, jumped_width
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.master_node import MasterNode
from mpnn_lab.nn.norms import build_norm
from mpnn_lab.nn.padding import ZeroPad
from mpnn_lab.nn.pooling import build_pool
from mpnn_lab.nn.reading import element_columns
from mpnn_lab.nn.readouts import readout_entry
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.round import Round
from mpnn_lab.nn.spec import ModelSpec
from mpnn_lab.nn.supply import bond_type_columns
from mpnn_lab.nn.towers import Towers
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
    columns = len(atom_columns)
    return {
        "project": (ZeroPad if spec.pad_input else nn.Linear)(columns, spec.width),
        "rounds": _rounds(spec, widths, atom_columns, bond_columns),
        "times": len(spec.rounds),
        "jumping": build_jumping(spec.jumping, widths[1:]),
        **_readout(spec, widths, columns),
        "targets": spec.targets,
        "bond_columns": bond_columns,
        "atom_columns": atom_columns,
        "d_master": spec.master_node,
        "tied_update": spec.tied_update,
    }


def _readout(spec: ModelSpec, widths: list[int], columns: int) -> dict[str, Any]:
    """The readout, what it reads beside the last states, and the head after it."""
    last = jumped_width(spec.jumping, widths[1:])
    if spec.readout in CLUSTERS:
        module: nn.Module = build_clusters(CLUSTERS[spec.readout], last, spec.readout_options)
        return {"readout": module, "head": _head(last, spec), "reads": ("edge_index",)}
    readout = readout_entry(spec.readout, "readout")
    if "states" not in readout.reads:
        widths = [*widths[:-1], last]
    try:
        module = readout.build(widths, columns)
    except ValueError as fault:  # such as that patch transformers want an even width
        wide = f"{spec.readout} refused states of {widths[-1]} channels"
        raise SpecError(f"readout: {wide}: {fault}") from fault
    return {"readout": module, "head": _head(widths[-1] * readout.widens, spec),
            "reads": readout.reads}  # fmt: skip


def _rounds(
    spec: ModelSpec, widths: list[int], atom_columns: tuple[str, ...],
    bond_columns: tuple[str, ...],
) -> nn.ModuleList:  # fmt: skip
    """The rounds, one for all where they are tied."""
    rounds, edges = nn.ModuleList(), len(bond_columns)
    for t in range(1 if spec.tied else len(spec.rounds)):
        rounds.append(_round(spec, t, widths[t], atom_columns, bond_columns, edges))
        edges = getattr(getattr(rounds[-1], "conv", None), "edge_width", edges)
    _check_tied_edges(spec, len(bond_columns), edges)
    return rounds


def _round(
    spec: ModelSpec, t: int, width: int, atom_columns: tuple[str, ...],
    bond_columns: tuple[str, ...], edges: int,
) -> nn.Module:  # fmt: skip
    """Round t of the specification; its faults are led by its place there."""
    try:
        _check_widths(spec, t)
        layer, types = spec.rounds[t], len(bond_type_columns(bond_columns))
        shape = Shape(width, layer.width, edges, types, len(element_columns(atom_columns)))
        return _towers(spec, shape, layer)
    except SpecError as fault:
        raise fault.under(f"rounds.{t}") from fault


def _towers(spec: ModelSpec, shape: Shape, layer: Layer) -> nn.Module:
    """One round, in as many towers as the specification asks for."""
    k = spec.towers
    if k == 1:
        return build_round(
            shape, layer, spec.update, both_directions=spec.both_directions,
            d_master=spec.master_node,
        )  # fmt: skip
    part = replace(shape, width_in=shape.width_in // k, width=shape.width // k)
    each = narrowed(layer, k)
    towers = [
        build_round(part, each, spec.update, both_directions=spec.both_directions)
        for _ in range(k)
    ]  # fmt: skip
    return Towers(towers, layer.width)


def build_round(
    shape: Shape, layer: Layer, update: str, *, both_directions: bool = False, d_master: int = 0
) -> Round:
    """The round that `layer` describes.

    With `both_directions` two such layers send, along the edges and against them; with `d_master`
    the atoms also hear a master node of that width, and write to it.
    """
    entry = layer_entry(layer.name)
    conv = entry.build(shape, layer)
    heard = layer.width
    shared: tuple[str, ...] = ()
    if isinstance(conv, EdgeNetworkConv):  # what is prepared for one layer does not fit another
        shared = ("kinds",) if both_directions else ("kinds", "prepared")
    takes = inspect.signature(conv.forward).parameters
    edges = ("edge_index",) if "edge_index" in takes else ()
    reads = (*edges, *getattr(conv, "reads", entry.reads), *shared)
    if both_directions:
        conv, heard = BothDirections(conv, entry.build(shape, layer)), 2 * heard
    return Round(
        conv,
        ACTIVATIONS[layer.activation](),
        Dropout(layer.dropout),
        build_update(
            update if layer.block == "none" else layer.block, layer.width, heard, shape.width_in
        ),
        reads,
        MasterNode(shape.width_in, heard, d_master) if d_master else None,
        before=layer.block == "res+",
        norm=build_norm(layer.norm, shape.width_in if layer.block == "res+" else heard),
        pool=build_pool(layer, width_after(layer, shape.width_in)),
    )


def _check_tied_edges(spec: ModelSpec, before: int, after: int) -> None:
    """Refuse tied rounds whose edges leave in another width than they enter."""
    if spec.tied and len(spec.rounds) > 1 and before != after:
        raise SpecError(
            f"tied: {spec.rounds[0].name} makes states of {after} channels of the bonds' {before} "
            "features, so that the next round cannot be the same",
            mend=f"Give options={{'edge_width': {before}}}, or set tied=False.",
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
    _check_graph_widths(spec, t)
    former = block_widths(spec.rounds[: t + 1])[:-1]
    if "history" in reads and set(former) != {layer.width}:
        raise SpecError(
            f"width: {layer.width}, but {layer.name} attends to the states before every round "
            f"so far, which have {', '.join(map(str, former))} channels",
            mend="Give all rounds up to this one the same width.",
        )


def _check_graph_widths(spec: ModelSpec, t: int) -> None:
    """Refuse states of the molecule whose width changes between the layers that read them."""
    same = [layer for layer in spec.rounds[: t + 1] if "u" in layer_entry(layer.name).reads]
    if spec.rounds[t] not in same:
        return
    found = [
        layer.options.get("graph_width", layer_entry(layer.name).ours["graph_width"])
        for layer in same
    ]
    if found[-1] != found[0]:
        raise SpecError(
            f"options.graph_width: {found[-1]}, but the first {same[0].name} leaves states of "
            f"molecules of {found[0]} channels",
            mend=f"Give options={{'graph_width': {found[0]}}}.",
        )


def _head(width: int, spec: ModelSpec) -> nn.Sequential:
    head = nn.Sequential()
    for hidden in spec.head:
        head.append(nn.Linear(width, hidden))
        head.append(nn.ReLU())
        width = hidden
    return head.append(nn.Linear(width, spec.targets))
