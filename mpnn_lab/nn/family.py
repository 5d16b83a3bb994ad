"""What the parts of a specification that come from Gilmer et al. (2017) ask of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpnn_lab.errors import SpecError

if TYPE_CHECKING:
    from mpnn_lab.nn.layer import Layer
    from mpnn_lab.nn.spec import ModelSpec


def check_family(spec: ModelSpec) -> None:
    """Refuse parts that do not go together: SpecError, led by the field."""
    if spec.pad_input:
        _check_padding(spec)
    if spec.both_directions:
        _check_directions(spec)
    if spec.towers > 1:
        _check_towers(spec)


def described(spec: ModelSpec) -> list[str]:
    """These parts, in the words of a model's one line."""
    parts = []
    if spec.both_directions:
        parts.append("in and out")
    if spec.towers > 1:
        parts.append(f"{spec.towers} towers")
    if spec.master_node:
        parts.append("master node")
    return parts


def _check_directions(spec: ModelSpec) -> None:
    if spec.update != "gru":
        raise SpecError(
            f"both_directions: two messages side by side are twice as wide as the state, which the "
            f"update {spec.update!r} cannot take",
            mend="Use update='gru', or set both_directions=False.",
        )
    _check_edges(spec, "both_directions", "would be made by both layers")
    _check_turnable(spec)


def _check_turnable(spec: ModelSpec) -> None:
    from mpnn_lab.nn.registry import layer_entry

    for t, layer in enumerate(spec.rounds):
        if {"hyperedge_index", "pos_edge_index"}.intersection(layer_entry(layer.name).reads):
            raise SpecError(
                f"both_directions: round {t}'s {layer.name} sends along sets of its own, not along "
                "edges that could be turned round",
                mend="Take another layer, or set both_directions=False.",
            )


def _check_towers(spec: ModelSpec) -> None:
    k = spec.towers
    if spec.master_node:
        raise SpecError(
            f"master_node: with {k} towers there is no one message that it could be part of",
            mend="Use towers=1, or master_node=0.",
        )
    _check_edges(spec, "towers", "cannot be divided among towers")
    for t, layer in enumerate(spec.rounds):
        if layer.width % k:
            raise SpecError(
                f"towers: {k}, but round {t + 1} has {layer.width} channels, which cannot be "
                "divided among them",
                mend="Give every round a width that is a multiple of the towers.",
            )
        try:
            narrowed(layer, k)
        except SpecError as fault:
            where = f"rounds.{t}.{fault.what}, in one of {k} towers"
            raise SpecError(where, mend=fault.mend) from None


def narrowed(layer: Layer, towers: int) -> Layer:
    """One tower's layer: a part of the width, all else alike."""
    return layer.replace(width=layer.width // towers)


def _check_edges(spec: ModelSpec, field: str, why: str) -> None:
    from mpnn_lab.nn.registry import layer_entry

    for t, layer in enumerate(spec.rounds):
        if getattr(layer_entry(layer.name).conv, "updates_edges", False):
            raise SpecError(
                f"{field}: round {t + 1}'s {layer.name} makes new states of the edges, which {why}",
                mend="Take another layer, or none of both.",
            )


def _check_padding(spec: ModelSpec) -> None:
    columns = len(spec.featurizer().atom_columns)
    if spec.width < columns:
        raise SpecError(
            f"pad_input: atoms have {columns} features, which are more than the {spec.width} "
            "channels of the first round",
            mend=f"Give the rounds a width of {columns} or more, or set pad_input=False.",
        )
