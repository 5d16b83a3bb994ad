"""How models are called: by the names of their parameters, or as they are told."""

import pytest
import torch
from rdkit import Chem
from torch import nn
from torch_geometric import nn as pyg
from torch_geometric.data import Data

import mpnn_lab as ml
from mpnn_lab.graph import collate
from tests.brought import graph, in_space
from tests.molecules import ASPIRIN


class Asks(nn.Module):
    """Remembers what it was given, by name."""

    def __init__(self):
        super().__init__()
        self.conv = pyg.SimpleConv()
        self.given = {}

    def keep(self, **given):
        self.given = given
        x = given["x"] if "x" in given else given["z"].view(-1, 1).float()
        return self.conv(x, given["edge_index"])


def asking(*names, optional=()):
    """A module whose forward has parameters of these names."""
    parameters = ", ".join([*names, *(f"{name}=None" for name in optional)])
    every = ", ".join(f"{name}={name}" for name in (*names, *optional))
    space = {}
    exec(f"def forward(self, {parameters}):\n    return self.keep({every})", space)
    return type("Asking", (Asks,), {"forward": space["forward"]})()


def test_atomic_numbers_come_from_the_molecule():
    model = asking("z", "edge_index")
    ml.trace(model, ml.featurize("C[Si](C)(C)F"))
    assert model.given["z"].tolist() == [6, 14, 6, 6, 9]
    both = collate([ml.featurize("CO"), ml.featurize("N")])
    ml.trace(model, both)
    assert model.given["z"].tolist() == [6, 8, 7]
    own = ml.featurize("CO")
    own.z = torch.tensor([1, 2])
    ml.trace(model, own)
    assert model.given["z"].tolist() == [1, 2]


def test_positions_come_from_a_conformer_in_space():
    model, mol = asking("x", "pos", "edge_index"), in_space()
    ml.trace(model, ml.featurize(mol))
    torch.testing.assert_close(
        model.given["pos"], torch.tensor(mol.GetConformer().GetPositions(), dtype=torch.float)
    )
    both = ml.featurize(mol, geometry=True)
    ml.trace(model, both)
    assert torch.equal(model.given["pos"], both.pos)
    flat = Chem.MolFromSmiles(ASPIRIN)
    Chem.rdDepictor.Compute2DCoords(flat)
    for none in (flat, ASPIRIN):
        with pytest.raises(ml.TraceError, match=r"needs pos; the graph has .*\n.*geometry=True"):
            ml.trace(model, ml.featurize(none))


def test_what_a_graph_implies():
    model = asking("x", "edge_index", "batch", "num_nodes", "batch_size")
    ml.trace(model, collate([ml.featurize("CO"), ml.featurize("N")]))
    assert model.given["batch"].tolist() == [0, 0, 1]
    assert (model.given["num_nodes"], model.given["batch_size"]) == (3, 2)
    ml.trace(model, ml.featurize("CO"))
    assert model.given["batch"].tolist() == [0, 0]


def test_what_is_optional_is_given_where_the_graph_has_it_and_never_made_up():
    model = asking("x", "edge_index", optional=("edge_attr", "batch", "edge_weight"))
    ml.trace(model, graph())
    assert model.given["edge_attr"].shape == (26, 10)
    assert model.given["batch"] is None
    assert model.given["edge_weight"] is None


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("edge_type", "data.edge_type = data.edge_kind"),
        ("edge_weight", "one number an edge"),
        ("temperature", "forward=lambda"),
    ],
)
def test_what_is_missing_is_named_with_its_mend(name, mend):
    with pytest.raises(ml.TraceError, match=f"needs {name}; the graph has edge_attr, ") as caught:
        ml.trace(asking("x", "edge_index", name), graph())
    assert mend in caught.value.mend


def test_atomic_numbers_without_a_molecule():
    data = Data(x=torch.ones(2, 1), edge_index=torch.tensor([[0, 1], [1, 0]]))
    with pytest.raises(ml.TraceError, match=r"needs z.*\n.*data\.mol"):
        ml.trace(asking("z", "edge_index"), data)


def test_one_parameter_that_a_molecule_could_have_is_not_taken_for_the_graph():
    class InSpace(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = pyg.SimpleConv()

        def forward(self, pos):
            return self.conv(pos, torch.tensor([[0], [1]]))

    with pytest.raises(ml.TraceError, match="needs pos"):
        ml.trace(InSpace(), ml.featurize("CO"))
    assert ml.trace(InSpace(), graph()).output.shape == (13, 3)


def test_a_missing_compiled_package_is_answered_with_its_stand_in():
    with pytest.raises(ImportError, match="pyg-lib") as caught:
        ml.trace(pyg.models.SchNet(8, 8, 1, 4), graph())
    assert any("stand_ins" in note for note in caught.value.__notes__)


@pytest.mark.parametrize("name", ["data", "batch", "g"])
def test_a_single_parameter_takes_the_graph_itself(name):
    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = pyg.SimpleConv()

        def run(self, graph):
            return self.conv(graph.x, graph.edge_index)

    space = {}
    exec(f"def forward(self, {name}):\n    return self.run({name})", space)
    model = type("Whole", (Whole,), {"forward": space["forward"]})()
    data = collate([ml.featurize("CO"), ml.featurize("N")])
    assert torch.equal(ml.trace(model, data).output, model(data))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: pyg.GATv2Conv(n, 8, heads=2),
        lambda n: pyg.TransformerConv(n, 8),
        lambda n: pyg.models.GAT(n, 8, 2, v2=True),
    ],
)
def test_layers_built_without_features_of_edges_run_without_them(make):
    data = ml.featurize(ASPIRIN)
    model = make(data.num_features).eval()
    with pytest.warns(ml.LabWarning, match=r"run without the graph's edge_attr.*edge_dim=\d+"):
        trace = ml.trace(model, data)
    assert torch.equal(trace.output, model(data.x, data.edge_index))
    assert trace.verify()
    assert all(r.call.kwargs.get("edge_attr") is None for r in trace.rounds)
    trace.rounds[0].propagations[0].edge_matrix(0)
    with_edges = ml.trace(model, data, forward=lambda m, d: m(d.x, d.edge_index))
    assert torch.equal(with_edges.output, trace.output)


class Half(nn.Module):
    """One layer reads the bonds, the other was built without; it counts its calls in a buffer."""

    def __init__(self, n, bonds, both):
        super().__init__()
        self.one = pyg.GATv2Conv(n, 8, edge_dim=bonds if both else None)
        self.other = pyg.GATv2Conv(8, 8)
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x, edge_index, edge_attr=None):
        self.calls += 1
        h = self.one(x, edge_index, edge_attr if self.one.edge_dim else None)
        return self.other(h, edge_index, edge_attr)


def test_a_run_that_failed_leaves_nothing_behind():
    data = ml.featurize(ASPIRIN)
    model = Half(data.num_features, data.edge_attr.shape[1], both=False)
    with pytest.warns(ml.LabWarning, match="built without edge_dim"):
        trace = ml.trace(model, data)
    assert model.calls.item() == 1
    assert [r.number for r in trace.rounds] == [1, 2]
    assert not any(conv._propagate_forward_pre_hooks for conv in (model.one, model.other))


def test_bonds_that_one_layer_reads_are_not_left_out_for_another():
    data = ml.featurize(ASPIRIN)
    model = Half(data.num_features, data.edge_attr.shape[1], both=True)
    with pytest.raises(AssertionError) as caught:
        ml.trace(model, data)
    assert "forward=lambda" in caught.value.__notes__[0]
    assert model.calls.item() == 0


def test_features_of_another_width_are_not_left_out():
    data = ml.featurize(ASPIRIN)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        ml.trace(pyg.GATv2Conv(data.num_features, 8, edge_dim=3), data)
