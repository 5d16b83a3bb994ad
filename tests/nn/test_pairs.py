"""Every layer on graphs whose atoms are joined without bonds: trained, traced, verified."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.nn import LAYERS
from tests.molecules import ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE


def build(name, **options):
    return ml.ModelSpec(rounds=[ml.Layer(name, 12)], **options).build(seed=1)


@pytest.mark.parametrize("name", LAYERS)
def test_a_training_step_and_a_trace(name):
    model = build(name, virtual_edges=True, distances="raw")
    graphs = [model.spec.featurize(s) for s in (CAFFEINE, METHANE, SODIUM_CHLORIDE)]
    model(collate(graphs)).square().sum().backward()
    model.eval()
    trace = ml.trace(model, graphs[0])
    assert torch.equal(trace.output, model(graphs[0]))
    report = trace.verify()
    assert report.passed
    assert not report.failed, str(report)
    mol = trace.mol
    for p in trace.rounds[0].propagations:
        for (s, t), role, bond in zip(
            p.edge_index.T.tolist(), p.edge_role, p.edge_origin, strict=True
        ):
            if role == "hyperedge":
                assert name == "HypergraphConv"
                continue
            between = mol.GetBondBetweenAtoms(s, t)
            expected = "self-loop" if s == t else "virtual" if between is None else "bond"
            assert role == expected
            assert bond == (-1 if expected != "bond" else between.GetIdx())


@pytest.mark.parametrize(
    ("options", "role"),
    [
        ({"virtual_edges": True}, "virtual"),
        ({"edges": "complete"}, "complete"),
        ({"edges": "radius", "cutoff": 3.0}, "radius"),
    ],
)
def test_roles_of_single_graphs_and_of_batches(options, role):
    model = build("GINEConv", **options).eval()
    graphs = [model.spec.featurize(s) for s in (ASPIRIN, "CCO")]
    one = ml.trace(model, graphs[0]).rounds[0].propagations[0]
    assert set(one.edge_role) == {"bond", role}
    assert one.edge_role.count("bond") == 26
    both = ml.trace(model, collate(graphs)).rounds[0].propagations[0]
    assert both.edge_role[: len(one.edge_role)] == one.edge_role
    assert both.edge_role.count("bond") == 30
    assert both.edge_role.count(role) == len(both.edge_role) - 30
    assert (both.edge_origin[[r == role for r in both.edge_role]] == -1).all()


def test_virtual_edges_carry_messages_across_the_molecule():
    """One round, and every atom has heard of every other; over bonds alone it has not."""
    for options, reached in (({}, False), ({"virtual_edges": True}, True)):
        model = build("GINEConv", **options).double().eval()
        data = model.spec.featurize("CCCCCO").apply(
            lambda t: t.double() if t.is_floating_point() else t
        )
        before = ml.trace(model, data).rounds[0].state_out[0]
        data.x = data.x.clone()
        data.x[-1] += 1
        after = ml.trace(model, data).rounds[0].state_out[0]
        assert (not torch.allclose(before, after)) == reached
