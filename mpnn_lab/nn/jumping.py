"""Jumping knowledge: what the readout is given of all rounds (Xu et al. 2018, arXiv:1806.03536)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch_geometric.nn import JumpingKnowledge

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.blocks import widths

if TYPE_CHECKING:
    from mpnn_lab.nn.spec import ModelSpec


def check_jumping(spec: ModelSpec) -> None:
    """Refuse rounds whose states cannot be put together in this way: SpecError."""
    mode, after = spec.jumping, widths(spec.rounds)[1:]
    if mode == "none":
        return
    for t, layer in enumerate(spec.rounds):
        if layer.pool != "none":
            raise SpecError(
                f"rounds.{t}.pool: {layer.pool!r}, but jumping={mode!r} puts each atom's states "
                "after all rounds together, and after a pooling atoms are missing",
                mend="Use jumping='none', or no pooling.",
            )
    if mode == "cat":
        return
    for t, width in enumerate(after):
        if width != after[0]:
            raise SpecError(
                f"rounds.{t}.width: {width}, but jumping={mode!r} compares its states channel by "
                f"channel with those of the first round, which have {after[0]}",
                mend="Give all rounds one width, or use jumping='cat'.",
            )
    if mode == "lstm" and len(after) * after[0] < 2:
        raise SpecError("jumping: 'lstm' reads states of one channel in one round by half a unit")


def build_jumping(mode: str, after: Sequence[int]) -> JumpingKnowledge | None:
    """PyG's module, `after` the widths after each round; None where the last states do."""
    return None if mode == "none" else JumpingKnowledge(mode, after[0], len(after))


def jumped_width(mode: str, after: Sequence[int]) -> int:
    """Channels of what the readout is given."""
    return sum(after) if mode == "cat" else after[-1]
