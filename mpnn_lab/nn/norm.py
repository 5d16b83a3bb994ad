"""A normalisation within a round.

This file and those it imports of this package are written so that exported code can hold them.
"""

from __future__ import annotations

from torch import Tensor, nn


class Norm(nn.Module):
    """A normalisation, called alike whatever it reads.

    Parameters
    ----------
    module : one of PyG's normalisations.
    reads : what it is given beside x: ``"batch"`` (the atoms' molecules), ``"h"`` (the states that
        entered the round, before x) or nothing.
    """

    def __init__(self, module: nn.Module, reads: str = "") -> None:
        super().__init__()
        self.module = module
        self.reads = reads

    def forward(self, x: Tensor, h: Tensor, batch: Tensor, graphs: int) -> Tensor:
        """What the layer gave [N, F] and the states before it [N, F_in]; gives [N, F]."""
        if self.reads == "h":
            out: Tensor = self.module(h, x)
        elif self.reads == "batch":
            out = self.module(x, batch, graphs)
        else:
            out = self.module(x)
        return out
