"""PyG's own models and others' on a real molecule: their numbers, their rounds, their edges."""

import numpy as np
import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg
from torch_geometric.data import Data, HeteroData
from torch_geometric.nn import models

import mpnn_lab as ml
from mpnn_lab.nn import stand_ins
from mpnn_lab.tracing.arguments import first_tensor
from mpnn_lab.views import encode, stage_view
from tests.brought import BROUGHT, WIDTH, DirectedMPNN, X, graph, in_space, made, stood_in
from tests.molecules import ASPIRIN

# PyG's GraphUNet multiplies sparse matrices; torch says once that they are new and unchecked.
pytestmark = pytest.mark.filterwarnings("ignore:Sparse (CSR|invariant):UserWarning")

UNSEEN = ("DimeNet", "DimeNetPlusPlus", "GNNFF", "D-MPNN (as chemprop's)")
ROUNDS = {
    "GCN": ["convs.0", "convs.1", "convs.2"],
    "GraphUNet": ["down_convs.0", "down_convs.1", "down_convs.2", "up_convs.0", "up_convs.1"],
    "AttentiveFP": ["gate_conv", "atom_convs.0", "mol_conv", "mol_conv"],
    "NeuralFingerprint": ["convs.0", "convs.1", "convs.2"],
    "PMLP": ["conv", "conv"],
    "Sequential": ["module_0", "module_2"],
    "VGAE": ["encoder.shared", "encoder.mean", "encoder.spread"],
    "QM9 example, forward(data)": ["conv"] * 3,
    "QM9 example, forward(x, ...)": ["conv"] * 3,
    "SchNet": ["interactions.0.conv", "interactions.1.conv"],
    "ViSNet": [
        "representation_model.neighbor_embedding",
        "representation_model.vis_mp_layers.0",
        "representation_model.vis_mp_layers.1",
    ],
    "DimeNetPlusPlus": ["interaction_blocks.0", "interaction_blocks.1"],
    "GNNFF": ["node_blocks.0", "node_blocks.1"],
    "D-MPNN (as chemprop's)": ["W_h", "W_h"],
}


def traced(name, data=None):
    with stood_in(name):
        return ml.trace(made(name), graph() if data is None else data)


@pytest.mark.parametrize("name", BROUGHT)
def test_the_run_is_the_models_own(name):
    model, data = made(name), graph()
    with stood_in(name):
        expected = BROUGHT[name].plain(model.eval(), data)
        trace = ml.trace(model, data)
    assert torch.equal(trace.output, first_tensor(expected))
    if name in ROUNDS:
        assert [r.layer for r in trace.rounds] == ROUNDS[name]
    report = trace.verify()
    assert not report.failed, str(report)
    assert all(c.reason for c in report.unchecked)
    for r in trace.rounds:
        assert r.state_in.dtype.is_floating_point
        assert len(r.state_in) == len(r.output) or r.per == "graph"


@pytest.mark.parametrize("name", [n for n in BROUGHT if n not in ("GraphUNet", *UNSEEN)])
def test_edges_among_atoms_are_named_after_the_molecules_bonds(name):
    trace = traced(name)
    for p in (p for r in trace.rounds if r.on_atoms for p in r.propagations):
        ends = zip(*p.edge_index.tolist(), strict=True)
        for (s, t), role, origin in zip(ends, p.edge_role, p.edge_origin, strict=True):
            bond = trace.mol.GetBondBetweenAtoms(s, t) if s != t else None
            wanted = ("self-loop" if s == t else "other", -1)
            assert (role, origin) == (wanted if bond is None else ("bond", bond.GetIdx()))


def test_messages_to_the_molecule_are_drawn_on_no_bond():
    trace = traced("AttentiveFP")
    for r in trace.rounds[2:]:
        (p,) = r.propagations
        assert p.edge_role == ("master",) * 13
        assert (p.edge_origin == -1).all()
        assert r.per == "graph"
        assert r.output.shape == (1, WIDTH)
    view = stage_view(trace)
    assert [len(r.propagations) for r in view.rounds] == [1, 1, 0, 0]
    known = {q.name: q for q in view.quantities}
    assert all(known[r.state_out].per == "node" for r in view.rounds)
    encode(view)


def test_several_things_sent_along_an_edge_are_said():
    trace = traced("ViSNet")
    scalars = trace.rounds[1].propagations[0]
    assert scalars.record.tensors == 2
    assert scalars.messages.shape == (scalars.edge_index.shape[1], WIDTH)
    reasons = [c.reason for c in trace.verify().unchecked if c.name == "round 2/message"]
    assert reasons == [
        "no arithmetic is written down for ViS_MP; the first of 2 things it sends is shown"
    ]


def test_a_layer_beside_another_is_not_after_it():
    trace = traced("VGAE")
    mean, spread = trace.rounds[1:]
    assert torch.equal(mean.state_in, spread.state_in)
    assert torch.equal(mean.state_out, mean.output)
    assert all(f"round {n}/layer" in {c.name for c in trace.verify().passed} for n in (2, 3))


def test_encoders_trace_like_any_other():
    data = graph()
    for name in ("GAE", "ARGA", "DeepGraphInfomax"):
        model = made(name)
        inside, whole = ml.trace(model.encoder, data), ml.trace(model, data)
        assert torch.equal(inside.output, whole.output)
        assert [f"encoder.{r.layer}" for r in inside.rounds] == [r.layer for r in whole.rounds[:2]]
    clean, corrupted, summary = whole.returned
    assert torch.equal(clean, whole.output)
    assert torch.equal(whole.rounds[2].state_in, data.x.flip(0))
    assert corrupted.shape == clean.shape
    assert summary.shape == (WIDTH,)
    assert torch.equal(whole.rounds[1].state_out, whole.rounds[1].output)


def test_what_has_no_use_on_a_molecule_says_so():
    data = graph()
    with pytest.raises(ml.TraceError, match="reads no edges"):
        ml.trace(models.MLP([X, 8, 1]), data)
    with pytest.raises(ml.TraceError, match="reads edges and no states"):
        ml.trace(models.LINKX(13, X, 8, 4, 2), data)
    with pytest.raises(ml.TraceError, match="needs pos_edge_index, neg_edge_index"):
        ml.trace(models.SignedGCN(X, 8, 2), data)
    hetero = HeteroData(atom={"x": data.x}, atom__bond__atom={"edge_index": data.edge_index})
    twice = pyg.to_hetero(models.GraphSAGE(X, 8, 2), hetero.metadata())
    with pytest.raises(ml.TraceError, match="atoms are of one type"):
        ml.trace(twice, hetero)


def test_a_forward_that_takes_anything_has_to_be_told():
    class Anything(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = pyg.SimpleConv()

        def forward(self, *given):
            return self.conv(*given)

    with pytest.raises(ml.TraceError, match=r"takes whatever it is given \(\*args\)"):
        ml.trace(Anything(), graph())
    assert ml.trace(Anything(), graph(), forward=lambda m, d: m(d.x, d.edge_index)).verify()


def test_schnet_takes_a_function_of_positions():
    data = graph()

    def pairs(pos, batch):
        apart = torch.cdist(pos, pos)
        source, target = (apart > 0).nonzero().T
        return torch.stack([source, target]), apart[source, target]

    trace = ml.trace(models.SchNet(WIDTH, WIDTH, 2, 6, interaction_graph=pairs), data)
    p = trace.rounds[0].propagations[0]
    assert (p.edge_role.count("bond"), p.edge_role.count("other")) == (26, 13 * 12 - 26)
    assert trace.readout.kind == "SumAggregation"
    assert {"round 1/aggregate", "round 2/aggregate"} <= {c.name for c in trace.verify().passed}


def test_the_jacobian_of_a_layer_whose_states_come_second():
    """ViSNet's neighbour embedding is called with (z, x, ...): x are its states."""
    trace = traced("ViSNet")
    r = trace.rounds[0]
    assert r.state_in.shape == (13, WIDTH)
    matrix = r.propagations[0].edge_matrix(0)
    assert not matrix.exact
    assert matrix.values.shape == (WIDTH, WIDTH)
    assert np.array_equal(matrix.values, np.zeros((WIDTH, WIDTH)))  # it sends embeddings of its own


def test_pairs_of_the_graphs_and_pairs_of_the_models_own():
    """What the graph calls a pair within a radius keeps that name; farther pairs have none."""
    data = ml.featurize(in_space(), edges="radius", cutoff=4.0)
    near = (torch.cdist(data.pos, data.pos) <= 4.0).sum() - 13
    with stand_ins():
        roles = ml.trace(made("SchNet"), data).rounds[0].propagations[0].edge_role
    assert roles.count("bond") == 26
    assert roles.count("radius") == near - 26 > 0
    assert roles.count("other") == 13 * 12 - near > 0


def test_a_graph_without_edges_of_its_own():
    """Atoms in space are enough for a model that finds its pairs itself."""
    mol = in_space()
    z = torch.tensor([atom.GetAtomicNum() for atom in mol.GetAtoms()])
    data = Data(z=z, pos=torch.tensor(mol.GetConformer().GetPositions(), dtype=torch.float))
    with stand_ins():
        trace = ml.trace(made("SchNet"), data, mol=mol)
        assert torch.equal(trace.output, made("SchNet").eval()(z, data.pos))
        assert len(ml.trace(made("DimeNet"), data).rounds) == 2
        assert ml.trace(made("ViSNet"), data).output.shape == (1, 1)
    assert trace.rounds[0].propagations[0].edge_role.count("bond") == 26
    assert len(stage_view(trace).rounds) == 2


def test_what_is_no_graph_of_pygs_is_refused():
    class BatchMolGraph:
        edge_index = torch.zeros(2, 0)

    with pytest.raises(ml.TraceError, match=r"got a BatchMolGraph(.|\n)*forward=lambda"):
        ml.trace(DirectedMPNN(), BatchMolGraph())


def test_a_graph_without_a_molecule():
    data = Data(x=torch.randn(4, X), edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]]))
    trace = ml.trace(models.GIN(X, 8, 2), data)
    assert trace.mol is None
    assert trace.rounds[0].propagations[0].edge_role == ("bond",) * 3


def test_a_batch_of_one_is_the_molecule():
    mol = ml.trace(made("QM9 example, forward(data)"), ml.featurize(ASPIRIN)).mol
    assert mol.GetNumAtoms() == 13
