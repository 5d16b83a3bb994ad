"""What the stage is told of atoms that drop out or merge."""

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec
from mpnn_lab.nn.pooling import POOLS
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN


def staged(pool):
    layers = [Layer("GCNConv", 8, pool=pool)] * 2 + [Layer("GCNConv", 8)]
    trace = ml.trace(ModelSpec(rounds=layers).build(seed=3), ASPIRIN)
    return trace, stage_view(trace)


@pytest.mark.parametrize("pool", POOLS)
def test_one_number_a_node_for_the_whole_run(pool):
    trace, view = staged(pool)
    assert len(encode(view)) < 400_000
    assert [len(s) for s in view.node_sets] == [
        13, len(trace.rounds[1].nodes), len(trace.rounds[2].nodes)
    ]  # fmt: skip
    assert len(view.node_labels) == len(view.node_atoms)
    members = {n: tuple(view.members[view.members[:, 0] == n, 1]) for n in view.members[:, 0]}
    for r, numbers in zip(trace.rounds, view.node_sets, strict=True):
        assert len(set(numbers.tolist())) == len(numbers)
        for atoms, node in zip(r.nodes.atoms, numbers, strict=True):
            assert members.get(node, (view.node_atoms[node],)) == atoms


@pytest.mark.parametrize("pool", POOLS)
def test_rows_and_edges_are_those_of_the_run(pool):
    trace, view = staged(pool)
    known = {q.name: q for q in view.quantities}
    for r, shown, numbers in zip(trace.rounds, view.rounds, view.node_sets, strict=True):
        held = known[shown.state_in]
        assert held.nodes == r.nodes.number
        assert np.array_equal(held.values[numbers], r.state_in.numpy())
        absent = sorted(set(range(len(view.node_labels))) - set(numbers.tolist()))
        assert not held.values[absent].any()
        p, drawn = r.propagations[0], shown.propagations[0]
        assert np.array_equal(drawn.source, numbers[p.edge_index[0].numpy()])
        assert np.array_equal(drawn.target, numbers[p.edge_index[1].numpy()])


@pytest.mark.parametrize("pool", POOLS)
def test_a_step_of_its_own(pool):
    _, view = staged(pool)
    steps = [s for s in view.steps if s.name == "pool"]
    assert [s.nodes for s in steps] == [1, 2]
    assert [s.state for s in steps] == ["round 1/pooled", "round 2/pooled"]
    assert [s.nodes for s in view.steps if s.round == 1] == [1] * 4 + [2]
    assert view.steps[-1].nodes == 2
    shown = view.rounds[0].pool
    assert shown.name == pool
    assert shown.merges == POOLS[pool].merges
    if shown.scoring >= 0:
        scored = view.rounds[0].propagations[shown.scoring]
        assert steps[0].propagation == shown.scoring
        rows = {q.name: q for q in view.quantities}[scored.messages].values
        assert len(rows) == len(scored.source)
    before, after = view.node_sets[:2]
    assert set(shown.members[:, 1]) == set(after.tolist())
    assert set(shown.members[:, 0]) <= set(before.tolist())
    if not shown.merges:
        assert np.array_equal(shown.members[:, 0], shown.members[:, 1])
        kept = {q.name: q for q in view.quantities}["round 1/pooled"]
        dropped = sorted(set(before.tolist()) - set(after.tolist()))
        assert dropped
        assert not kept.values[dropped].any()


@pytest.mark.parametrize(("way", "ordered"), [("sum", False), ("lstm", True), ("median", False)])
def test_what_depends_on_the_order_of_the_atoms_is_marked(way, ordered):
    spec = ModelSpec(rounds=[Layer("GCNConv", 8, aggr=way)], readout=way)
    view = stage_view(ml.trace(spec.build(), ASPIRIN))
    assert view.rounds[0].propagations[0].ordered == ordered
    assert next(c for c in view.chapters if c.kind == "readout").ordered == ordered


@pytest.mark.parametrize("pool", POOLS)
def test_scores_of_edges_are_told_from_states(pool):
    """Edge pooling's scores are numbers of the edges; SAG's and ASA's edges carry states."""
    _, view = staged(pool)
    known = {q.name: q for q in view.quantities}
    for shown in view.rounds[:2]:
        for number, p in enumerate(shown.propagations):
            assert p.scores == (pool == "edge" and number == shown.pool.scoring)
            if p.scores:
                assert known[p.messages].values.shape[1:] == (1,)
                assert known[p.messages].label == "score of the bond"
