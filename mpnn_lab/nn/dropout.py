"""Dropout that draws from a generator of its own, so that nothing else can change a run."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Dropout(nn.Module):
    """Set each number to 0 with probability `p` in training, and scale the rest by 1 / (1 - p).

    (Srivastava et al. 2014, JMLR 15, 1929.) torch's own draws from the global generator, which
    every ``torch.rand`` in a notebook moves on.

    Parameters
    ----------
    p : float
        From 0 (nothing is dropped) to below 1.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        # Drawn on the processor even where a network is outlined on "meta", which holds no numbers.
        self.seed = int(torch.randint(2**62, (), device="cpu")) if p else 0
        self._generators: dict[torch.device, torch.Generator] = {}

    def forward(self, x: Tensor) -> Tensor:
        """Any shape to the same shape."""
        if not self.training or self.p == 0:
            return x
        generator = self._generators.get(x.device)
        if generator is None:
            generator = self._generators[x.device] = torch.Generator(x.device)
            generator.manual_seed(self.seed)
        kept = torch.empty_like(x).bernoulli_(1 - self.p, generator=generator)
        return x * kept / (1 - self.p)

    def extra_repr(self) -> str:
        """What torch prints within the brackets."""
        return f"p={self.p}"
