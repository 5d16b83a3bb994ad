"""MetaLayer with networks of ours: against a loop by hand, and what it hands on."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.nn.graph_network import GraphNetwork
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE


@pytest.mark.parametrize("aggr", ["sum", "mean", "max"])
@pytest.mark.parametrize("started", [False, True])
def test_by_hand(aggr, started):
    """Battaglia et al. 2018, algorithm 1, atom by atom, over several molecules."""
    torch.manual_seed(2)
    data = collate([ml.featurize(s) for s in (ASPIRIN, METHANE, "CO", SODIUM_CHLORIDE)])
    layer = GraphNetwork(30, 6, 10, edge_width=5, graph_width=4, aggr=aggr).double()
    x, e, batch = data.x.double(), data.edge_attr.double(), data.batch
    given = torch.randn(4, 4, dtype=torch.float64) if started else None
    out, edges, whole = layer(x, data.edge_index, e, batch, 4, given)
    u = torch.zeros(4, 4, dtype=torch.float64) if given is None else given
    parts = layer.conv
    pairs = data.edge_index.T.tolist()
    for k, (j, i) in enumerate(pairs):
        made = parts.edge_model.mlp(torch.cat([x[j], x[i], e[k], u[batch[i]]]))
        torch.testing.assert_close(edges[k], made)
    for i in range(len(x)):
        heard = [parts.node_model.message_mlp(torch.cat([x[j], edges[k]]))
                 for k, (j, t) in enumerate(pairs) if t == i]  # fmt: skip
        total = torch.zeros(6, dtype=torch.float64)
        if heard:
            m = torch.stack(heard)
            total = {"sum": m.sum(0), "mean": m.mean(0), "max": m.amax(0)}[aggr]
        made = parts.node_model.update_mlp(torch.cat([x[i], total, u[batch[i]]]))
        torch.testing.assert_close(out[i], made)
    for g in range(4):
        mean = out[batch == g].mean(0)
        torch.testing.assert_close(whole[g], parts.global_model.mlp(torch.cat([u[g], mean])))


def test_what_a_round_leaves_the_next_one_reads():
    rounds = [ml.Layer("MetaLayer", 8), ml.Layer("GINConv", 8), ml.Layer("MetaLayer", 6)]
    model = ml.ModelSpec(rounds=rounds).build(seed=1).eval()
    trace = ml.trace(model, ASPIRIN)
    first, _, last = trace.rounds
    assert torch.equal(first.edge_state_out, last.edge_state_in)
    assert torch.equal(first.call.output[2], last.call.kwargs["u"])
    assert first.call.kwargs["u"] is None
    report = trace.verify()
    assert not report.failed, str(report)
    assert not report.unchecked, str(report)
    assert {"round 3/molecule state", "round 3/edge state", "round 3/message"} <= {
        c.name for c in report.passed
    }


def test_an_atom_hears_of_one_that_is_far_away_in_the_second_round():
    model = ml.ModelSpec(rounds=[ml.Layer("MetaLayer", 8)] * 2).build(seed=1).double().eval()
    data = model.spec.featurize("CCCCCCO").apply(
        lambda t: t.double() if t.is_floating_point() else t
    )
    before = ml.trace(model, data).rounds
    data.x[-1, -3:] += 1
    after = ml.trace(model, data).rounds
    assert torch.equal(before[0].state_out[0], after[0].state_out[0])
    assert not torch.allclose(before[1].output[0], after[1].output[0])


def test_a_prediction_does_not_depend_on_the_batch():
    model = ml.ModelSpec(rounds=[ml.Layer("MetaLayer", 8)] * 3).build(seed=1).eval().double()
    graphs = [model.spec.featurize(s).apply(lambda t: t.double() if t.is_floating_point() else t)
              for s in (ASPIRIN, METHANE, "CO")]  # fmt: skip
    torch.testing.assert_close(model(collate(graphs)), torch.cat([model(g) for g in graphs]))


def test_states_of_molecules_keep_their_width():
    rounds = [ml.Layer("MetaLayer", 8, options={"graph_width": k}) for k in (4, 6)]
    with pytest.raises(ml.SpecError, match=r"rounds.1.options.graph_width: 6, but .* 4 channels"):
        ml.ModelSpec(rounds=rounds).build()
    with pytest.raises(ml.SpecError, match="both_directions: round 1's MetaLayer"):
        ml.ModelSpec(rounds=[ml.Layer("MetaLayer", 8)], update="gru", both_directions=True)
