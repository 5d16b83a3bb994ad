"""HEATConv, DNAConv, SignedConv, HypergraphConv: recomputed in all their options, by hand too."""

import pytest
import torch
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError, TraceError
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, METHANE

X, OUT = 30, 6
ALL = {"round 1/message", "round 1/aggregate", "round 1/layer"}


def traced(layer, smiles, call):
    data = ml.featurize(smiles)
    trace = ml.trace(layer, data, forward=lambda m, d: call(m, d))
    report = trace.verify()
    assert not report.failed, str(report)
    encode(stage_view(trace))
    return trace, {c.name for c in report.passed}


HEAT = [
    {},
    {"heads": 3},
    {"heads": 3, "concat": False},
    {"heads": 2, "root_weight": False, "bias": False},
    {"heads": 2, "concat": False, "root_weight": False, "negative_slope": 0.5, "aggr": "max"},
]


@pytest.mark.parametrize("option", HEAT)
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_attention_by_element(option, smiles):
    def call(m, d):
        return m(d.x, d.edge_index, d.x[:, :13].argmax(1), d.edge_attr[:, :5].argmax(1),
                 d.edge_attr)  # fmt: skip

    trace, passed = traced(pyg.HEATConv(X, OUT, 13, 5, 4, 10, 3, **option), smiles, call)
    assert passed >= ALL
    p = trace.rounds[0].propagations[0]
    assert p.weight_axes == ("edge", "head")
    totals = torch.zeros(len(p.aggregated), p.weights.shape[1])
    totals.index_add_(0, p.edge_index[1], p.weights)
    heard = totals[p.edge_index[1].unique()]
    torch.testing.assert_close(heard, torch.ones_like(heard))


DNA = [
    {},
    {"heads": 3},
    {"heads": 2, "groups": 4, "bias": False},
    {"groups": 3, "add_self_loops": False, "aggr": "mean"},
]


@pytest.mark.parametrize("option", DNA)
@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_attention_to_former_rounds(option, rounds, smiles):
    torch.manual_seed(0)
    former = torch.randn(ml.featurize(smiles).num_nodes, rounds, 12)
    trace, passed = traced(pyg.DNAConv(12, **option), smiles, lambda m, d: m(former, d.edge_index))
    assert passed >= ALL
    assert torch.equal(trace.rounds[0].state_in, former[:, -1])


def test_a_network_gives_all_former_states():
    """The third round's message, from the three states by plain loops."""
    model = ModelSpec(rounds=[Layer("DNAConv", 8, activation="tanh")] * 3).build(seed=1)
    trace = ml.trace(model, ASPIRIN)
    former = [r.state_in.double() for r in trace.rounds]
    conv = model.rounds[2].conv.double().multi_head
    (p,) = trace.rounds[2].propagations
    for e, (j, i) in enumerate(p.edge_index.T.tolist()):
        q = conv.lin_q(former[-1][i])
        logits = torch.stack([q @ conv.lin_k(h[j]) for h in former]) / 8**0.5
        shares = logits.exp() / (1 + logits.exp().sum())
        heard = sum(s * conv.lin_v(h[j]) for s, h in zip(shares, former, strict=True))
        torch.testing.assert_close(
            p.messages[e].double(), p.weights[e] * heard, rtol=1e-4, atol=1e-6
        )


def test_all_rounds_before_need_one_width():
    spec = ModelSpec(rounds=[Layer("GCNConv", 8), Layer("GCNConv", 4), Layer("DNAConv", 4)])
    with pytest.raises(SpecError, match=r"rounds\.2\.width: 4, but DNAConv attends .* 8, 8, 4"):
        spec.build()


@pytest.mark.parametrize("option", [{"groups": 3}, {"heads": 3}])
def test_heads_and_groups_divide_the_width(option):
    with pytest.raises(SpecError, match=r"does not divide width|cannot be divided"):
        ModelSpec(rounds=[Layer("DNAConv", 8, options=option)]).build()


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("option", [{}, {"bias": False, "aggr": "max"}])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_signs(first, option, smiles):
    layer = pyg.SignedConv(X if first else X // 2, OUT, first, **option)
    half = slice(None, None, 2)
    trace, passed = traced(
        layer, smiles, lambda m, d: m(d.x, d.edge_index[:, half], d.edge_index[:, 1::2])
    )
    assert passed >= ALL
    propagations = trace.rounds[0].propagations
    assert len(propagations) == (2 if first else 4)
    for p in propagations:
        for k in range(p.edge_index.shape[1]):
            matrix = p.edge_matrix(k)
            assert matrix.exact
            made = trace.rounds[0].state_in[p.edge_index[0, k]] @ torch.tensor(matrix.values)
            torch.testing.assert_close(made, p.messages[k])


def test_signs_in_a_network_first_split_then_crossed():
    later = Layer("SignedConv", 8, options={"first_aggr": False})
    spec = ModelSpec(rounds=[Layer("SignedConv", 8), later, later])
    report = ml.trace(spec.build(), ASPIRIN).verify()
    assert not report.unchecked, str(report)
    odd = ModelSpec(rounds=[Layer("GCNConv", 7), later])
    with pytest.raises(SpecError, match="states come 7 wide, but SignedConv reads two halves"):
        odd.build()


HYPERGRAPH = [{}, {"bias": False}, {"aggr": "mean"}, {"aggr": "max"}, {"aggr": "softmax"}]


@pytest.mark.parametrize("option", HYPERGRAPH)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_sets_of_atoms(option, weighted, smiles):
    data = ml.featurize(smiles)
    once = data.edge_index[:, ::2]
    sets = torch.stack([once.T.reshape(-1), torch.arange(once.shape[1]).repeat_interleave(2)])
    weight = torch.rand(once.shape[1]) + 0.5 if weighted else None
    trace, passed = traced(pyg.HypergraphConv(X, OUT, **option), smiles,
                           lambda m, d: m(d.x, sets, weight))  # fmt: skip
    assert passed >= ALL | {"round 1/message 2", "round 1/aggregate 2"}
    there, back = trace.rounds[0].propagations
    assert set(there.edge_role) <= {"hyperedge"}
    assert there.edge_origin.tolist() == back.edge_origin.tolist()
    assert there.edge_origin.tolist() == sorted([*range(once.shape[1])] * 2)
    for k in range(there.edge_index.shape[1]):
        matrix = there.edge_matrix(k)
        assert matrix.exact
        made = trace.rounds[0].state_in[there.edge_index[0, k]] @ torch.tensor(matrix.values)
        torch.testing.assert_close(made, there.messages[k].flatten())
        assert there.weights[k] == 0.5  # each bond is a set of two
        with pytest.raises(TraceError, match="sent by a set of atoms"):
            back.edge_matrix(k)


def test_attention_among_sets_is_not_claimed():
    data = ml.featurize(ASPIRIN)
    layer = pyg.HypergraphConv(X, OUT, use_attention=True, heads=2)
    features = torch.randn(data.num_nodes, X)
    trace = ml.trace(
        layer, data, forward=lambda m, d: m(d.x, d.edge_index, hyperedge_attr=features)
    )
    assert "round 1/message" in {c.name for c in trace.verify().unchecked}


def test_in_a_network_a_ring_is_no_bond():
    model = ModelSpec(rounds=[Layer("HypergraphConv", 8)]).build()
    p = ml.trace(model, ASPIRIN).rounds[0].propagations[0]
    assert p.edge_origin.tolist() == sorted([*range(13)] * 2) + [-1] * 6


@pytest.mark.parametrize("norm", ["none", "pair", "layer (molecule)"])
def test_more_sets_than_atoms(norm):
    """The round's states belong to the atoms, whatever its first propagation counts."""
    trace = ml.trace(
        ModelSpec(rounds=[Layer("HypergraphConv", 8, norm=norm)]).build(), "C1CC1C2CC2"
    )
    assert trace.verify()
    there, back = trace.rounds[0].propagations
    sizes = there.edge_index[1].bincount()
    torch.testing.assert_close(there.weights.flatten(), 1 / sizes[there.edge_index[1]])
    degrees = there.edge_index[0].bincount()
    torch.testing.assert_close(back.weights.flatten(), 1 / degrees[there.edge_index[0]])
