"""Layers that sort atoms by type: every message on its own bond, and all of it recomputed."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.nn.by_type import Behind, FamilyHGT
from mpnn_lab.tracing.by_type import BetweenAtoms
from mpnn_lab.tracing.evaluate import evaluate, recorded
from mpnn_lab.tracing.recorder import PropagationRecord
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, CAFFEINE, METHANE

NITRO = "O=[N+]([O-])c1cc(Cl)ccc1S"
OPTIONS = {
    "HGTConv": {},
    "HGTConv, heads": {"heads": 3},
    "HANConv": {},
    "HANConv, heads": {"heads": 2, "negative_slope": 0.05},
    "HeteroConv": {},
}


def in_double(data):
    return data.apply(lambda t: t.double() if t.is_floating_point() else t)


def build(name, widths=(12, 12)):
    layer, options = name.split(",")[0], OPTIONS[name]
    rounds = [ml.Layer(layer, width, options=options) for width in widths]
    return ml.ModelSpec(rounds=rounds, readout="sum").build(seed=2).eval()


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("widths", [(12, 12), (12, 6)])
def test_all_is_recomputed(name, widths):
    for smiles in (METHANE, ASPIRIN) if widths[1] == 12 else ("CO", NITRO):
        trace = ml.trace(build(name, widths), smiles)
        report = trace.verify()
        assert not report.failed, str(report)
        assert not report.unchecked, str(report)
        seen = {c.name.split("/", 1)[1] for c in report.passed if c.name.startswith("round 2/")}
        wanted = {"layer", "message", "aggregate"} if trace.rounds[0].propagations else {"layer"}
        assert wanted <= seen
        stage_view(trace)


@pytest.mark.parametrize("name", OPTIONS)
def test_messages_belong_to_the_bonds_they_are_shown_on(name):
    """Another state of one atom changes what that atom sends, or is in one softmax with it."""
    model = build(name, (8,) if name != "HGTConv, heads" else (9,)).double()
    data = in_double(model.spec.featurize(NITRO))
    before = ml.trace(model, data).rounds[0]
    for atom in range(data.num_nodes):
        other = data.clone()
        other.x[atom, -3:] += 1  # no column that says the element
        after = ml.trace(model, other).rounds[0]
        for p, q in zip(before.propagations, after.propagations, strict=True):
            assert torch.equal(p.edge_index, q.edge_index)
            changed = (p.messages != q.messages).any(-1)
            sent = p.edge_index[0] == atom
            hears = torch.zeros(data.num_nodes, dtype=torch.bool)
            hears[p.edge_index[1, sent]] = hears[atom] = True
            assert changed[sent].all() or p.weights is not None
            assert not changed[~hears[p.edge_index[1]]].any()


@pytest.mark.parametrize("name", OPTIONS)
def test_every_bond_is_met_once_each_way(name):
    trace = ml.trace(build(name), CAFFEINE)
    for r in trace.rounds:
        assert r.kind == name.split(",")[0]
        pairs = [tuple(e) for p in r.propagations for e in p.edge_index.T.tolist()]
        bonds = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in trace.mol.GetBonds()]
        assert sorted(pairs) == sorted([*bonds, *((b, a) for a, b in bonds)])
        for p in r.propagations:
            assert set(p.edge_role) == {"bond"}
            for (s, t), bond in zip(p.edge_index.T.tolist(), p.edge_origin, strict=True):
                assert trace.mol.GetBondBetweenAtoms(s, t).GetIdx() == bond
            assert p.aggregated.shape == (14, 12)


def test_propagations_are_called_by_their_types():
    trace = ml.trace(build("HeteroConv"), "CC=O")
    labels = [p.label for p in trace.rounds[0].propagations]
    assert labels == ["carbon, single, carbon", "carbon, double, oxygen", "oxygen, double, carbon"]
    trace = ml.trace(build("HANConv"), "CC=O")
    assert [p.label for p in trace.rounds[0].propagations] == ["single", "double"]
    assert [p.label for p in ml.trace(build("HGTConv"), "CC=O").rounds[0].propagations] == [""]


@pytest.mark.parametrize("name", ["HGTConv, heads", "HANConv, heads"])
def test_shares_of_attention_add_up_to_one(name):
    for p in ml.trace(build(name), ASPIRIN).rounds[0].propagations:
        assert p.weight_axes == ("edge", "head")
        total = torch.zeros(13, p.weights.shape[1]).index_add_(0, p.edge_index[1], p.weights)
        heard = torch.zeros(13, dtype=torch.bool)
        heard[p.edge_index[1]] = True
        torch.testing.assert_close(total[heard], torch.ones_like(total[heard]))


@pytest.mark.parametrize("name", OPTIONS)
def test_a_batch_is_traced_as_its_molecules_are(name):
    model = build(name)
    graphs = [model.spec.featurize(s) for s in ("CC=O", METHANE, NITRO)]
    both = ml.trace(model, collate(graphs))
    assert not both.verify().failed
    start = 0
    for graph in graphs:
        alone = ml.trace(model, graph)
        stop = start + graph.num_nodes
        torch.testing.assert_close(both.rounds[1].state_out[start:stop],
                                   alone.rounds[1].state_out)  # fmt: skip
        sent = {p.label: p for p in both.rounds[0].propagations}
        for p in alone.rounds[0].propagations:
            here = (sent[p.label].edge_index[0] >= start) & (sent[p.label].edge_index[0] < stop)
            assert int(here.sum()) == len(p.messages)
            k = int(here.nonzero()[0]) if len(p.messages) else 0
            if len(p.messages):
                matrix = sent[p.label].edge_matrix(k).values
                assert matrix.shape == (12, 12)
        start = stop


def test_jacobians_of_a_batch_are_those_of_its_molecules():
    model = build("HANConv").double()
    graphs = [in_double(model.spec.featurize(s)) for s in ("CC=O", "NC=O")]
    both, alone = ml.trace(model, collate(graphs)), ml.trace(model, graphs[1])
    ours, theirs = (t.rounds[0].propagations[0] for t in (both, alone))
    assert (ours.label, len(ours.messages), len(theirs.messages)) == ("single", 4, 2)
    for k in range(2):
        torch.testing.assert_close(torch.from_numpy(ours.edge_matrix(2 + k).values),
                                   torch.from_numpy(theirs.edge_matrix(k).values))  # fmt: skip


def test_a_wrong_number_is_found():
    trace = ml.trace(build("HGTConv"), ASPIRIN)
    trace.rounds[0].propagations[0].record.messages[3, 2] += 1e-2
    assert {c.name for c in trace.verify().failed} >= {"round 1/message", "round 1/aggregate"}


@pytest.mark.parametrize("pool", ["top k", "sag"])
@pytest.mark.parametrize("name", OPTIONS)
def test_atoms_that_are_left_keep_their_bonds_and_names(name, pool):
    layer, options = name.split(",")[0], OPTIONS[name]
    rounds = [ml.Layer(layer, 12, options=options, pool=pool), ml.Layer(layer, 12, options=options)]
    model = ml.ModelSpec(rounds=rounds).build(seed=3).eval()
    trace = ml.trace(model, CAFFEINE)
    assert torch.equal(trace.output, model(model.spec.featurize(CAFFEINE)))
    report = trace.verify()
    assert not report.failed, str(report)
    last = trace.rounds[1]
    left = last.atoms.tolist()
    assert len(left) == 7
    bonds = [b for p in last.propagations for b in p.edge_origin.tolist()]
    for p in last.propagations:
        for (s, t), bond in zip(p.edge_index.T.tolist(), p.edge_origin, strict=True):
            assert trace.mol.GetBondBetweenAtoms(left[s], left[t]).GetIdx() == bond
    inside = [b.GetIdx() for b in trace.mol.GetBonds()
              if {b.GetBeginAtomIdx(), b.GetEndAtomIdx()} <= set(left)]  # fmt: skip
    assert sorted(bonds) == sorted(inside * 2)


def test_gelu_is_torchs():
    x = torch.linspace(-6, 6, 25, dtype=torch.float64)
    made = evaluate("gelu", [recorded(x.numpy())], {}, None)
    torch.testing.assert_close(torch.from_numpy(made.value), torch.nn.functional.gelu(x))


def test_parameters_are_there_for_every_triple():
    layer = FamilyHGT(4, 4, 5)
    assert len(layer.conv.edge_types) == 6 * 5 * 6


@pytest.mark.parametrize(("second", "known"), [(2.0, True), (float("nan"), True), (None, False)])
def test_what_is_put_together_is_finite_only_if_all_of_it_is(second, known):
    """Of several propagations as one, each must be looked at, not the first alone."""
    ends, totals = torch.tensor([[0], [0]]), [torch.tensor(1.0), second]
    totals[1] = None if second is None else torch.tensor(second)
    records = [PropagationRecord(ends, {}, total=total) for total in totals]
    behind = [Behind(torch.tensor([k]), torch.tensor([k]), relation=0) for k in range(2)]
    total = BetweenAtoms(records, behind, 2, ["single"]).total
    assert (total is not None) == known
    if known:
        assert total.isfinite() == (second == 2.0)
