"""Jumping knowledge: what the readout is given of all rounds (Xu et al. 2018, arXiv:1806.03536)."""

from __future__ import annotations

from collections.abc import Sequence

from torch_geometric.nn import JumpingKnowledge

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.layer import Layer


def check_jumping(mode: str, rounds: Sequence[Layer]) -> None:
    """Refuse rounds whose states cannot be put together in this way: SpecError."""
    if mode == "none":
        return
    for t, layer in enumerate(rounds):
        if layer.pool != "none":
            raise SpecError(
                f"rounds.{t}.pool: {layer.pool!r}, but jumping={mode!r} puts each atom's states "
                "after all rounds together, and after a pooling atoms are missing",
                mend="Use jumping='none', or no pooling.",
            )
    if mode == "cat":
        return
    width = rounds[0].width
    for t, layer in enumerate(rounds):
        if layer.width != width:
            raise SpecError(
                f"rounds.{t}.width: {layer.width}, but jumping={mode!r} compares its states "
                f"channel by channel with those of round 0, which have {width}",
                mend="Give all rounds one width, or use jumping='cat'.",
            )
    if mode == "lstm" and len(rounds) * width < 2:
        raise SpecError("jumping: 'lstm' reads states of one channel in one round by half a unit")


def build_jumping(mode: str, rounds: Sequence[Layer]) -> JumpingKnowledge | None:
    """PyG's module; None where the last states go to the readout as they are."""
    return None if mode == "none" else JumpingKnowledge(mode, rounds[0].width, len(rounds))


def jumped_width(mode: str, rounds: Sequence[Layer]) -> int:
    """Channels of what the readout is given."""
    return sum(layer.width for layer in rounds) if mode == "cat" else rounds[-1].width
