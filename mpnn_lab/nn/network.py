"""The network that a specification describes: projection, rounds, readout, head, unit."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from mpnn_lab.checks import seed_number
from mpnn_lab.chem import Featurizer
from mpnn_lab.errors import InputError, SpecError
from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.entry import Shape
from mpnn_lab.nn.record import TrainingRecord
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.spec import Layer, ModelSpec
from mpnn_lab.nn.supply import Supply, bond_type_columns, supply_of
from mpnn_lab.nn.updates import build_update

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "none": nn.Identity,
    "relu": nn.ReLU,
    "elu": nn.ELU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


class Round(nn.Module):
    """One round of message passing: layer, activation, dropout, update."""

    def __init__(self, shape: Shape, layer: Layer, update: str) -> None:
        super().__init__()
        entry = layer_entry(layer.name)
        self.conv = entry.build(shape, layer)
        self.activation = ACTIVATIONS[layer.activation]()
        self.dropout = Dropout(layer.dropout)
        self.update = build_update(update, layer.width)
        self.reads: tuple[str, ...] = entry.reads
        if entry.name == "NNConv":
            self.reads += ("kinds",)

    def forward(self, h: Tensor, supply: Supply) -> Tensor:
        """States [N, F_in] to states [N, F]."""
        given = {name: getattr(supply, name) for name in self.reads}
        m = self.conv(h, edge_index=supply.edge_index, **given)
        out: Tensor = self.update(self.dropout(self.activation(m)), h)
        return out


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
        aggregation = AGGREGATORS[spec.readout]
        self.readout = aggregation.build(widths[-1])
        self.head = _build_head(widths[-1] * aggregation.widens, spec)
        self.register_buffer("scale", torch.ones(spec.targets))
        self.register_buffer("shift", torch.zeros(spec.targets))

    def forward(self, data: Data) -> Tensor:
        """Predict [graphs, targets], in the target's unit, for a `Data` or a batch of them."""
        self._check(data)
        batch, graphs = data.batch, 1
        if batch is None:
            batch = data.edge_index.new_zeros(data.x.shape[0])
        else:
            graphs = data.num_graphs
        h = self.project(data.x)
        supply = supply_of(data, h, batch, self.bond_columns)
        for t in range(len(self.spec.rounds)):
            round_ = self.rounds[0 if self.spec.tied else t]
            h = round_(h, supply)
        pooled = self.readout(h, batch, dim_size=graphs)
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

    def _check(self, data: Data) -> None:
        self._check_features(data)
        _check_edges(data)

    def _check_features(self, data: Data) -> None:
        for name, columns in (("x", self.atom_columns), ("edge_attr", self.bond_columns)):
            tensor = data.get(name)
            if tensor is None or tensor.dim() != 2 or tensor.shape[1] != len(columns):
                given = "nothing" if tensor is None else f"shape {list(tensor.shape)}"
                raise InputError(
                    f"data.{name}: got {given}; this model reads [rows, {len(columns)}]",
                    mend="Make the graph with model.spec.featurize(mol).",
                )
            if tensor.dtype != self.project.weight.dtype:
                raise InputError(
                    f"data.{name} is {tensor.dtype}; the model's weights are "
                    f"{self.project.weight.dtype}",
                    mend="Bring both to one type, such as model.float() and data.x.float().",
                )


def _check_edges(data: Data) -> None:
    """Refuse edges that are not pairs of the graph's nodes, one for each row of features."""
    edge_index, nodes = data.get("edge_index"), data.x.shape[0]
    wanted = f"expected int64 [2, {data.edge_attr.shape[0]}], as edge_attr has rows"
    mend = "Make the graph with model.spec.featurize(mol)."
    if not isinstance(edge_index, Tensor):
        given = "nothing" if edge_index is None else f"a {type(edge_index).__name__}"
        raise InputError(f"data.edge_index: got {given}; {wanted}", mend=mend)
    shape = [2, data.edge_attr.shape[0]]
    if list(edge_index.shape) != shape or edge_index.dtype != torch.int64:
        given = f"{edge_index.dtype} {list(edge_index.shape)}"
        raise InputError(f"data.edge_index: got {given}; {wanted}", mend=mend)
    if edge_index.is_meta or not edge_index.numel() or torch.compiler.is_compiling():
        return  # no values to look at
    least, most = (int(end) for end in edge_index.aminmax())
    if least < 0 or most >= nodes:
        raise InputError(
            f"data.edge_index names node {least if least < 0 else most}; "
            f"the graph has {nodes} nodes, from 0",
            mend=mend,
        )


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
