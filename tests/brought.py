"""Models that were not made here, as someone would bring them, each on a real molecule."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import torch
from rdkit import Chem
from rdkit.Chem import AllChem
from torch import Tensor, nn
from torch_geometric import nn as pyg
from torch_geometric.data import Data
from torch_geometric.nn import models

import mpnn_lab as ml
from mpnn_lab.nn import stand_ins
from tests.molecules import ASPIRIN

X, COLUMNS, WIDTH = 30, 10, 8
DEGREES = torch.tensor([0, 4, 5, 4])


class QM9Network(nn.Module):
    """The network of PyG's QM9 example: one edge network for all rounds, a GRU, Set2Set."""

    def __init__(self) -> None:
        super().__init__()
        self.lin0 = nn.Linear(X, WIDTH)
        network = nn.Sequential(nn.Linear(COLUMNS, 16), nn.ReLU(), nn.Linear(16, WIDTH * WIDTH))
        self.conv = pyg.NNConv(WIDTH, WIDTH, network, aggr="mean")
        self.gru = nn.GRU(WIDTH, WIDTH)
        self.set2set = pyg.aggr.Set2Set(WIDTH, processing_steps=3)
        self.lin1, self.lin2 = nn.Linear(2 * WIDTH, WIDTH), nn.Linear(WIDTH, 1)

    def forward(self, data):
        return self.run(data.x, data.edge_index, data.edge_attr, data.batch)

    def run(self, x, edge_index, edge_attr, batch):
        out = torch.relu(self.lin0(x))
        h = out.unsqueeze(0)
        for _ in range(3):
            m = torch.relu(self.conv(out, edge_index, edge_attr))
            out, h = self.gru(m.unsqueeze(0), h)
            out = out.squeeze(0)
        out = self.set2set(out, batch)
        return self.lin2(torch.relu(self.lin1(out))).view(-1)


class QM9Fields(QM9Network):
    """The same, called with fields."""

    def forward(self, x, edge_index, edge_attr, batch):
        return self.run(x, edge_index, edge_attr, batch)


class DirectedMPNN(nn.Module):
    """Messages along directed bonds, none straight back (Yang et al. 2019, eqs. 2 to 6).

    As chemprop's `BondMessagePassing` is made: one matrix for all rounds, a skip to the first
    states, no layer of PyG's. Its bonds come in pairs, there and back.
    """

    def __init__(self, depth: int = 3) -> None:
        super().__init__()
        self.depth = depth
        self.W_i = nn.Linear(X + COLUMNS, WIDTH, bias=False)
        self.W_h = nn.Linear(WIDTH, WIDTH, bias=False)
        self.W_o = nn.Linear(X + WIDTH, WIDTH)
        self.tau = nn.ReLU()
        self.predictor = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 1))

    def forward(self, x, edge_index, edge_attr, batch):
        source, target = edge_index
        back = torch.arange(len(source), device=x.device).view(-1, 2).flip(1).reshape(-1)
        start = self.W_i(torch.cat([x[source], edge_attr], dim=1))
        states = self.tau(start)
        for _ in range(1, self.depth):
            heard = self.at_atoms(states, target, len(x))[source] - states[back]
            states = self.tau(start + self.W_h(heard))
        atoms = self.tau(self.W_o(torch.cat([x, self.at_atoms(states, target, len(x))], dim=1)))
        return self.predictor(self.at_atoms(atoms, batch, int(batch.max()) + 1))

    @staticmethod
    def at_atoms(values: Tensor, index: Tensor, rows: int) -> Tensor:
        return values.new_zeros(rows, values.shape[1]).index_add_(0, index, values)


class Encoder(nn.Module):
    """A mean and a spread, as variational autoencoders want them."""

    def __init__(self) -> None:
        super().__init__()
        self.shared = pyg.GCNConv(X, WIDTH)
        self.mean, self.spread = pyg.GCNConv(WIDTH, 4), pyg.GCNConv(WIDTH, 4)

    def forward(self, x, edge_index):
        h = torch.relu(self.shared(x, edge_index))
        return self.mean(h, edge_index), self.spread(h, edge_index)


def sequential() -> nn.Module:
    steps = [
        (pyg.GCNConv(X, WIDTH), "x, edge_index -> x"),
        nn.ReLU(inplace=True),
        (pyg.GATConv(WIDTH, WIDTH), "x, edge_index -> x"),
        (pyg.aggr.SumAggregation(), "x, batch -> x"),
        nn.Linear(WIDTH, 1),
    ]
    return pyg.Sequential("x, edge_index, batch", steps)


def infomax() -> nn.Module:
    return models.DeepGraphInfomax(
        WIDTH,
        encoder=models.GCN(X, WIDTH, 2),
        summary=lambda z, *_: z.mean(0).sigmoid(),
        corruption=lambda x, edge_index: (x.flip(0), edge_index),
    )


class Brought(NamedTuple):
    """How a model is made, how its own user would call it, whether it asks for compiled parts."""

    build: Callable[[], nn.Module]
    plain: Callable[[Any, Any], Any]
    compiled: bool = False


def _nodes(model: Any, d: Data) -> Any:
    return model(d.x, d.edge_index)


def _bonds(model: Any, d: Data) -> Any:
    return model(d.x, d.edge_index, edge_attr=d.edge_attr)


def _molecule(model: Any, d: Data) -> Any:
    return model(d.x, d.edge_index, d.edge_index.new_zeros(d.num_nodes))


def _whole(model: Any, d: Data) -> Any:
    return model(d.x, d.edge_index, d.edge_attr, d.edge_index.new_zeros(d.num_nodes))


def _space(model: Any, d: Data) -> Any:
    z = torch.tensor([atom.GetAtomicNum() for atom in d.mol.GetAtoms()])
    return model(z, torch.tensor(d.mol.GetConformer().GetPositions(), dtype=torch.float))


def _batched_space(model: Any, d: Data) -> Any:
    return _space(lambda z, pos: model(z, pos, torch.zeros_like(z)), d)


def _gat() -> nn.Module:
    return models.GAT(X, WIDTH, 2, heads=2, v2=True, edge_dim=COLUMNS)


def _pna() -> nn.Module:
    ways = {"aggregators": ["mean", "max"], "scalers": ["identity", "amplification"]}
    return models.PNA(X, WIDTH, 2, deg=DEGREES, edge_dim=COLUMNS, **ways)


def _attentive() -> nn.Module:
    return models.AttentiveFP(X, WIDTH, 1, edge_dim=COLUMNS, num_layers=2, num_timesteps=2)


def _visnet() -> nn.Module:
    return models.ViSNet(num_heads=2, hidden_channels=WIDTH, num_layers=2, num_rbf=6)


def _dimenet() -> nn.Module:
    return models.DimeNetPlusPlus(WIDTH, 1, 2, 4, 4, 4, 2, 2)


BROUGHT: dict[str, Brought] = {
    "GCN": Brought(lambda: models.GCN(X, WIDTH, 3, norm="batch"), _nodes),
    "GraphSAGE": Brought(lambda: models.GraphSAGE(X, WIDTH, 2), _nodes),
    "GIN": Brought(lambda: models.GIN(X, WIDTH, 2), _nodes),
    "GAT": Brought(lambda: models.GAT(X, WIDTH, 2, heads=2, jk="cat"), _nodes),
    "GAT (v2, with bonds)": Brought(_gat, _bonds),
    "PNA": Brought(_pna, _bonds),
    "EdgeCNN": Brought(lambda: models.EdgeCNN(X, WIDTH, 2), _nodes),
    "GraphUNet": Brought(lambda: models.GraphUNet(X, WIDTH, 4, depth=2), _nodes),
    "AttentiveFP": Brought(_attentive, _whole),
    "NeuralFingerprint": Brought(lambda: models.NeuralFingerprint(X, WIDTH, 4, 3), _nodes),
    "SGFormer": Brought(lambda: models.SGFormer(X, WIDTH, 4), _molecule),
    "Polynormer": Brought(lambda: models.Polynormer(X, WIDTH, 4, local_layers=2), _molecule),
    "PMLP": Brought(lambda: models.PMLP(X, WIDTH, 4, 2), _nodes),
    "RECT_L": Brought(lambda: models.RECT_L(X, WIDTH), _nodes),
    "Sequential": Brought(sequential, _molecule),
    "GAE": Brought(lambda: models.GAE(models.GCN(X, WIDTH, 2)), _nodes),
    "VGAE": Brought(lambda: models.VGAE(Encoder()), _nodes),
    "ARGA": Brought(lambda: models.ARGA(models.GCN(X, WIDTH, 2), nn.Linear(WIDTH, 1)), _nodes),
    "ARGVA": Brought(lambda: models.ARGVA(Encoder(), nn.Linear(4, 1)), _nodes),
    "DeepGraphInfomax": Brought(infomax, _nodes),
    "QM9 example, forward(data)": Brought(QM9Network, lambda m, d: m(d)),
    "QM9 example, forward(x, ...)": Brought(QM9Fields, _whole),
    "SchNet": Brought(lambda: models.SchNet(WIDTH, WIDTH, 2, 6), _space, True),
    "ViSNet": Brought(_visnet, _batched_space, True),
    "DimeNet": Brought(lambda: models.DimeNet(WIDTH, 1, 2, 4, 2, 2), _space, True),
    "DimeNetPlusPlus": Brought(_dimenet, _space, True),
    "GNNFF": Brought(lambda: models.GNNFF(WIDTH, WIDTH, 2), _space, True),
    "D-MPNN (as chemprop's)": Brought(DirectedMPNN, _whole),
}


def in_space(smiles: str = ASPIRIN) -> Chem.Mol:
    """A molecule with one conformer of its heavy atoms."""
    mol = Chem.AddHs(Chem.MolFromSmiles(smiles))
    assert AllChem.EmbedMolecule(mol, randomSeed=7) == 0
    return Chem.RemoveHs(mol)


def graph(smiles: str = ASPIRIN) -> Data:
    """The graph of a molecule that has positions."""
    return ml.featurize(in_space(smiles))


def made(name: str) -> nn.Module:
    """The model, always with the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return BROUGHT[name].build()


def stood_in(name: str) -> AbstractContextManager[None]:
    """What a model needs to run where compiled packages are missing."""
    return stand_ins() if BROUGHT[name].compiled else nullcontext()
