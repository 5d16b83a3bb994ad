"""The network that a specification describes: projection, rounds, readout, head, unit."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from mpnn_lab.checks import seed_number
from mpnn_lab.chem import Featurizer
from mpnn_lab.errors import SpecError
from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.given import check_graph, check_rows
from mpnn_lab.nn.jumping import build_jumping, jumped_width
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.record import TrainingRecord
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.round import Round
from mpnn_lab.nn.spec import ModelSpec
from mpnn_lab.nn.supply import bond_type_columns, supply_of


class Network(nn.Module):
    """A message-passing network over molecules, as its `spec` says.

    It ends in the fixed buffers `scale` and `shift`, so that `forward` answers in the target's
    unit. `record` says what it was trained on; ``None`` while it is untrained.
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, spec: ModelSpec) -> None:
        super().__init__()
        featurizer = Featurizer(hydrogens=spec.hydrogens)
        self.spec = spec
        self.record: TrainingRecord | None = None
        self.atom_columns = tuple(featurizer.atom_columns)
        self.bond_columns = tuple(featurizer.bond_columns)
        self.project = nn.Linear(len(self.atom_columns), spec.width)
        widths = [spec.width, *(layer.width for layer in spec.rounds)]
        layers = spec.rounds[:1] if spec.tied else spec.rounds
        self.rounds = nn.ModuleList(
            Round(self._shape(width, layer), layer, spec.update)
            for width, layer in zip(widths, layers, strict=False)
        )
        if spec.tied_update:
            for round_ in self.rounds:
                round_.update = self.rounds[0].update
        self.jumping = build_jumping(spec.jumping, spec.rounds)
        last = jumped_width(spec.jumping, spec.rounds)
        aggregation = AGGREGATORS[spec.readout]
        self.readout = aggregation.build(last)
        self.head = _build_head(last * aggregation.widens, spec)
        self.register_buffer("scale", torch.ones(spec.targets))
        self.register_buffer("shift", torch.zeros(spec.targets))

    def forward(self, data: Data) -> Tensor:
        """Predict [graphs, targets], in the target's unit, for a `Data` or a batch of them."""
        check_graph(self, data)
        batch, graphs = data.batch, 1
        if batch is None:
            batch = data.edge_index.new_zeros(data.x.shape[0])
        else:
            graphs = data.num_graphs
        h = self.project(data.x)
        supply = supply_of(data, h, batch, self.bond_columns, graphs)
        states = []
        for t in range(len(self.spec.rounds)):
            round_ = self.rounds[0 if self.spec.tied else t]
            check_rows(round_, h, t + 1)
            h, supply = round_(h, supply)
            states.append(h)
        if self.jumping is not None:
            h = self.jumping(states)
        pooled = self.readout(h, supply.batch, dim_size=graphs)
        out: Tensor = self.head(pooled) * self.scale + self.shift
        return out

    def _shape(self, width: int, layer: Layer) -> Shape:
        if "x_0" in layer_entry(layer.name).reads and layer.width != self.spec.width:
            raise SpecError(
                f"width: {layer.width}, but {layer.name} mixes in the first states, which have "
                f"{self.spec.width} channels"
            )
        types = len(bond_type_columns(self.bond_columns))
        return Shape(width, layer.width, len(self.bond_columns), types)


def _build_head(width: int, spec: ModelSpec) -> nn.Sequential:
    head = nn.Sequential()
    for hidden in spec.head:
        head.append(nn.Linear(width, hidden))
        head.append(nn.ReLU())
        width = hidden
    return head.append(nn.Linear(width, spec.targets))


def build(spec: ModelSpec, seed: int = 0) -> Network:
    """Build the network of `spec`; its parameters depend on `seed` alone.

    The global random state is left as it was.
    """
    seed = seed_number(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Network(spec)
