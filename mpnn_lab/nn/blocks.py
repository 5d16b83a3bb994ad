"""Whether the blocks of a specification's rounds fit together, and how wide their states leave."""

from __future__ import annotations

from collections.abc import Sequence

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.layer import Layer


def check_blocks(rounds: Sequence[Layer], tied: bool, update: str, compound: bool) -> None:
    """Refuse blocks beside an update, dense ones that are tied, sums of unequal widths."""
    came = rounds[0].width
    for t, layer in enumerate(rounds):
        if layer.block != "none" and update != "none":
            raise SpecError(
                f"rounds.{t}.block: {layer.block!r} says how the states go on, and so does the "
                f"update {update!r}",
                mend="Leave one of the two out.",
            )
        if layer.block != "none" and compound:
            raise SpecError(
                f"rounds.{t}.block: {layer.block!r} holds one layer, but towers, two directions "
                "and a master node make several of it",
                mend="Leave one of the two out.",
            )
        if layer.block == "dense" and tied and len(rounds) > 1:
            raise SpecError(
                f"rounds.{t}.block: dense states grow wider from round to round, so no two "
                "rounds can share their weights",
                mend="Set tied=False.",
            )
        if layer.block in ("res", "res+") and layer.width != came:
            raise SpecError(
                f"rounds.{t}.width: {layer.width}, but the block {layer.block!r} adds what the "
                f"layer gives to states of {came} channels",
                mend=f"Give it the width {came}.",
            )
        came = width_after(layer, came)


def width_after(layer: Layer, came: int) -> int:
    """How wide the states leave a round that they enter with `came` channels."""
    return layer.width + came if layer.block == "dense" else layer.width


def widths(rounds: Sequence[Layer]) -> list[int]:
    """The widths before each round, and after the last."""
    found = [rounds[0].width]
    for layer in rounds:
        found.append(width_after(layer, found[-1]))
    return found
