"""Network: the network of a specification, which it carries with it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch_geometric.data import Data

from mpnn_lab.checks import seed_number
from mpnn_lab.nn.given import check_graph, check_rows
from mpnn_lab.nn.mpnn import MPNN
from mpnn_lab.nn.parts import build_parts
from mpnn_lab.nn.record import TrainingRecord
from mpnn_lab.nn.spec import ModelSpec


class Network(MPNN):
    """A message-passing network over molecules, as its `spec` says.

    It ends in the fixed buffers `scale` and `shift`, so that `forward` answers in the target's
    unit. `record` says what it was trained on; ``None`` while it is untrained.
    """

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__(**build_parts(spec))
        self.spec = spec
        self.record: TrainingRecord | None = None

    def forward(self, data: Data) -> Tensor:
        """Predict [graphs, targets], in the target's unit, for a `Data` or a batch of them.

        InputError where the graph is not as the specification's `featurize` makes it.
        """
        check_graph(self, data)
        return super().forward(data)

    def before_round(self, t: int, h: Tensor) -> None:
        """Refuse one atom alone where a round in training takes statistics over atoms."""
        check_rows(self.rounds[t % len(self.rounds)], h, t + 1)


def build(spec: ModelSpec, seed: int = 0) -> Network:
    """Build the network of `spec`; its parameters depend on `seed` alone.

    The global random state is left as it was.
    """
    seed = seed_number(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(spec)
