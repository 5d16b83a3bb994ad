"""Traces of networks whose atoms drop out or merge between rounds."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec
from mpnn_lab.graph import collate
from mpnn_lab.nn.pooling import POOLS
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, DRUGS, METHANE, SODIUM_CHLORIDE


def build(pool, name="GraphConv", **fields):
    layers = [Layer(name, 8, pool=pool, norm="layer")] * 2 + [Layer(name, 8)]
    return ModelSpec(rounds=layers, update="residual", **fields).build(seed=3)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("smiles", [METHANE, "CO", SODIUM_CHLORIDE, ASPIRIN])
@pytest.mark.parametrize("name", ["GraphConv", "GCNConv"])
def test_bit_for_bit_and_every_number_recomputed(pool, smiles, name):
    model = build(pool, name, readout="set2set", tied=False)
    data = model.spec.featurize(smiles)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model.eval()(data))
    assert len(trace.rounds) == 3, "what a pooling scores by is no round"
    report = trace.verify()
    assert report, str(report)
    assert not report.unchecked, str(report)
    assert {"round 1/pooled", "round 2/pooled"} <= {c.name for c in report.passed}
    encode(stage_view(trace))


@pytest.mark.parametrize("pool", POOLS)
def test_several_molecules(pool):
    model = build(pool)
    trace = ml.trace(model, collate([model.spec.featurize(s) for s in (*DRUGS, METHANE)]))
    assert trace.verify()
    last = trace.rounds[-1].nodes
    for atoms, graph in zip(last.atoms, last.graph, strict=True):
        assert {int(trace.data.batch[a]) for a in atoms} == {int(graph)}


@pytest.mark.parametrize("pool", ["top k", "sag"])
def test_edges_between_atoms_that_stay_are_their_bonds(pool):
    trace = ml.trace(build(pool, "GCNConv"), ASPIRIN)
    seen = 0
    for r in trace.rounds[1:]:
        p = r.propagations[0]
        assert len(r.nodes) == len(r.state_in) < 13
        for (s, t), role, bond in zip(p.edge_index.T.tolist(), p.edge_role, p.edge_origin,
                                      strict=True):  # fmt: skip
            (a,), (b,) = r.nodes.atoms[s], r.nodes.atoms[t]
            between = trace.mol.GetBondBetweenAtoms(a, b)
            assert role == ("self-loop" if s == t else "bond")
            assert bond == (-1 if s == t else between.GetIdx())
            seen += s != t
    assert seen


@pytest.mark.parametrize("pool", ["asa", "edge"])
def test_edges_of_merged_atoms_are_no_bonds(pool):
    trace = ml.trace(build(pool), ASPIRIN)
    p, nodes = trace.rounds[1].propagations[0], trace.rounds[1].nodes
    assert "merged" in p.edge_role
    for (s, t), role, bond in zip(p.edge_index.T.tolist(), p.edge_role, p.edge_origin,
                                  strict=True):  # fmt: skip
        single = len(nodes.atoms[s]) == len(nodes.atoms[t]) == 1
        assert role == ("self-loop" if s == t else "bond" if single else "merged")
        assert (bond >= 0) == (role == "bond")


def test_every_atom_is_in_one_node_where_bonds_are_contracted():
    trace = ml.trace(build("edge"), ASPIRIN)
    for r in trace.rounds:
        assert sorted(a for atoms in r.nodes.atoms for a in atoms) == list(range(13))


@pytest.mark.parametrize("pool", POOLS)
def test_a_number_that_is_spoilt_is_found(pool):
    trace = ml.trace(build(pool), ASPIRIN)
    h = trace.rounds[0].state_out
    h += 0.01
    trace.rounds[0].pool.output[0].copy_(h)
    assert "round 1/pooled" in {c.name for c in trace.verify().failed}


@pytest.mark.parametrize("pool", ["top k", "edge"])
def test_matrices_of_later_rounds(pool):
    """Jacobians and exact matrices stand on the fewer nodes."""
    trace = ml.trace(build(pool, "GATv2Conv" if pool == "top k" else "GCNConv"), ASPIRIN)
    p = trace.rounds[1].propagations[0]
    matrix = p.edge_matrix(0)
    assert matrix.values.shape[0] == 8
    if matrix.exact:
        made = trace.rounds[1].state_in[p.edge_index[0, 0]] @ torch.from_numpy(matrix.values)
        torch.testing.assert_close(made, p.messages[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("pool", "name"), [("top k", "PointTransformerConv"), ("sag", "TransformerConv")]
)
def test_numbers_of_pooling_and_layer_are_told_apart(pool, name):
    options = {"beta": True} if name == "TransformerConv" else {}
    spec = ModelSpec(rounds=[Layer(name, 8, pool=pool, options=options)])
    assert ml.trace(spec.build(), ASPIRIN).verify()
