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
from mpnn_lab.tracing.states import first_tensor
from mpnn_lab.views import encode, stage_view
from tests.brought import BROUGHT, WIDTH, DirectedMPNN, X, graph, made, stood_in
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


def test_a_graph_that_shrinks_keeps_its_atoms_names():
    """Poolings say which nodes they kept; two hops make edges that are no bonds."""
    model, data = made("GraphUNet"), graph()
    kept = []
    hooks = [
        pool.register_forward_hook(lambda m, i, out: kept.append(out[4])) for pool in model.pools
    ]
    model.eval()(data.x, data.edge_index)
    for hook in hooks:
        hook.remove()
    first, second = kept[0], kept[0][kept[1]]
    trace = ml.trace(model, data)
    atoms = [torch.arange(13), first, second, first, torch.arange(13)]
    for r, wanted in zip(trace.rounds, atoms, strict=True):
        assert torch.equal(r.atoms, wanted)
        assert len(r.state_in) == len(r.output) == len(wanted)
        (p,) = r.propagations
        for (s, t), role, origin in zip(p.edge_index.T, p.edge_role, p.edge_origin, strict=True):
            bond = None if s == t else trace.mol.GetBondBetweenAtoms(int(wanted[s]), int(wanted[t]))
            assert origin == (-1 if bond is None else bond.GetIdx())
            assert (role == "bond") == (bond is not None)
    roles = [role for r in trace.rounds[1:4] for role in r.propagations[0].edge_role]
    assert {"bond", "other", "self-loop"} == set(roles)
    with pytest.raises(
        ml.InputError, match=r"round 2 \(down_convs.1\) .* node that a pooling left"
    ):
        stage_view(trace)


def test_two_poolings_of_one_size_are_not_told_apart():
    class Forked(nn.Module):
        def __init__(self):
            super().__init__()
            self.one, self.other = pyg.TopKPooling(X), pyg.SAGPooling(X)
            self.conv = pyg.GCNConv(X, 4)

        def forward(self, x, edge_index):
            outs = (pool(x, edge_index) for pool in (self.one, self.other))
            return torch.cat([self.conv(out[0], out[1]) for out in outs])

    model = Forked()
    model.one.select.weight.data.neg_()
    rounds = ml.trace(model, graph()).rounds
    assert [r.layer for r in rounds] == ["conv", "other.gnn", "conv"]
    assert rounds[0].atoms is not None
    assert rounds[2].atoms is None
    assert set(rounds[2].propagations[0].edge_role) <= {"self-loop", "other"}
    assert (rounds[2].propagations[0].edge_origin == -1).all()


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
    assert scalars.record.sent == 2
    assert scalars.messages.shape == (scalars.edge_index.shape[1], WIDTH)
    reasons = [c.reason for c in trace.verify().unchecked if c.name == "round 2/message"]
    assert reasons == [
        "no arithmetic is written down for ViS_MP; the first of 2 things it sends is shown"
    ]


@pytest.mark.parametrize("name", UNSEEN[:3])
def test_states_of_models_that_show_no_messages(name):
    model, data, seen = made(name).eval(), graph(), []
    blocks = model.node_blocks if name == "GNNFF" else model.interaction_blocks
    hooks = [
        b.register_forward_hook(lambda m, given, out: seen.append((given[0], out))) for b in blocks
    ]
    with stand_ins():
        BROUGHT[name].plain(model, data)
        for hook in hooks:
            hook.remove()
        trace = ml.trace(model, data)
    for r, (given, out) in zip(trace.rounds, seen, strict=True):
        assert torch.equal(r.state_in, given)
        assert torch.equal(r.output, out)
        assert r.propagations == ()
    unseen = {c.name: c.reason for c in trace.verify().unchecked}
    assert "only what modules take and give is seen" in unseen["round 1/message"]
    if name == "GNNFF":
        assert len(stage_view(trace).rounds) == 2
    else:
        with pytest.raises(ml.InputError, match="one state for each edge"):
            stage_view(trace)


@pytest.mark.parametrize("depth", [3, 5])
def test_states_of_directed_bonds(depth):
    model, data = DirectedMPNN(depth).eval(), graph()
    trace = ml.trace(model, data)
    assert len(trace.rounds) == depth - 1
    source, target = data.edge_index.tolist()
    pairs = list(zip(source, target, strict=True))
    start = model.W_i(torch.cat([data.x[data.edge_index[0]], data.edge_attr], dim=1))
    states = torch.relu(start)
    for r in trace.rounds:
        assert (r.layer, r.kind, r.per, r.propagations) == ("W_h", "Linear", "edge", ())
        heard = torch.stack(
            [
                sum(
                    (states[k] for k, (u, w) in enumerate(pairs) if w == s and u != t),
                    torch.zeros(WIDTH),
                )
                for s, t in pairs
            ]
        )
        torch.testing.assert_close(r.state_in, heard)
        torch.testing.assert_close(r.output, heard @ model.W_h.weight.T)
        states = torch.relu(start + r.output)
    passed = {c.name for c in trace.verify().passed}
    assert {f"round {n}/layer" for n in range(1, depth)} <= passed
    assert [c.output.shape for c in trace.parts["W_o"]] == [(13, WIDTH)]


def test_rounds_that_are_not_found_can_be_named():
    data = graph()
    with pytest.raises(ml.TraceError, match=r"Name the modules.*rounds=\['W_i', 'W_h', 'W_o'"):
        ml.trace(DirectedMPNN(2), data)
    trace = ml.trace(DirectedMPNN(2), data, rounds=["W_h"])
    assert [r.layer for r in trace.rounds] == ["W_h"]
    with pytest.raises(ml.TraceError, match="'W_x' was not called"):
        ml.trace(DirectedMPNN(2), data, rounds=["W_x"])
    with pytest.raises(ml.TraceError, match="these are its rounds"):
        ml.trace(made("GCN"), data, rounds=["convs.0"])


def test_messages_and_updates_in_turns_are_rounds_of_atoms():
    class Turns(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(X, 8)
            self.send = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
            self.update = nn.ModuleList(nn.GRUCell(8, 8) for _ in range(3))

        def forward(self, x, edge_index):
            h = self.first(x)
            for send, update in zip(self.send, self.update, strict=True):
                m = send(h[edge_index[0]])
                h = update(torch.zeros_like(h).index_add_(0, edge_index[1], m), h)
            return h.sum(0)

    trace = ml.trace(Turns(), graph())
    assert [r.layer for r in trace.rounds] == ["update.0", "update.1", "update.2"]
    assert {r.per for r in trace.rounds} == {"node"}
    assert trace.parts["send.1"][0].output.shape == (26, 8)


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


def test_a_graph_without_a_molecule():
    data = Data(x=torch.randn(4, X), edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]]))
    trace = ml.trace(models.GIN(X, 8, 2), data)
    assert trace.mol is None
    assert trace.rounds[0].propagations[0].edge_role == ("bond",) * 3


def test_a_batch_of_one_is_the_molecule():
    mol = ml.trace(made("QM9 example, forward(data)"), ml.featurize(ASPIRIN)).mol
    assert mol.GetNumAtoms() == 13
