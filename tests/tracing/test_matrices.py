"""Edge matrices: exact ones give the message, Jacobians its slopes."""

import pytest
import torch
from torch import nn

import mpnn_lab as ml
from mpnn_lab.nn import LAYERS
from mpnn_lab.views import stage_view
from tests.molecules import ACETIC_ACID, ASPIRIN
from tests.tracing.models import build


@pytest.mark.parametrize("name", ["NNConv", "GCNConv"])
def test_exact_edge_matrices_give_the_message(name):
    trace = ml.trace(build(name), ASPIRIN)
    for r in trace.rounds:
        p = r.propagations[0]
        for k, j in enumerate(p.edge_index[0]):
            matrix = p.edge_matrix(k)
            assert matrix.exact
            torch.testing.assert_close(
                r.state_in[j] @ torch.as_tensor(matrix.values), p.messages[k], rtol=1e-4, atol=1e-6
            )


@pytest.mark.parametrize("name", ["GINEConv", "GATv2Conv"])
def test_jacobians_are_the_slopes_of_the_message(name):
    """Central differences, by running the layer on states that differ in one number."""
    model = build(name).double()
    data = model.spec.featurize(ACETIC_ACID)
    data.x, data.edge_attr = data.x.double(), data.edge_attr.double()
    trace = ml.trace(model, data)
    r = trace.rounds[1]
    p = r.propagations[0]
    k = 1
    j = int(p.edge_index[0, k])
    matrix = p.edge_matrix(k)
    assert not matrix.exact
    conv = trace.model.rounds[1].conv
    seen = []
    conv.register_message_forward_hook(lambda m, i, out: seen.append(out[k].flatten()))
    step = 1e-6
    for channel in range(8):
        shift = torch.zeros_like(r.state_in)
        shift[j, channel] = step
        conv(r.state_in + shift, data.edge_index, edge_attr=data.edge_attr)
        conv(r.state_in - shift, data.edge_index, edge_attr=data.edge_attr)
        slope = (seen[-2] - seen[-1]) / (2 * step)
        torch.testing.assert_close(
            torch.as_tensor(matrix.values[channel]).double(), slope, rtol=1e-4, atol=1e-5
        )


def test_a_matrix_of_no_message_is_refused():
    p = ml.trace(build(), ASPIRIN).rounds[0].propagations[0]
    for k in (-1, 10**6):
        with pytest.raises(ml.TraceError, match="there is no message"):
            p.edge_matrix(k)


def test_an_edge_network_with_dropout_and_batch_norm_inside():
    model = build()
    for r in model.rounds:
        r.conv.nn.insert(1, nn.BatchNorm1d(128))
        r.conv.nn.append(nn.Dropout(0.5))
    trace = ml.trace(model, ASPIRIN)
    assert trace.verify()
    p = trace.rounds[0].propagations[0]
    j = p.edge_index[0, 4]
    torch.testing.assert_close(
        trace.rounds[0].state_in[j] @ torch.as_tensor(p.edge_matrix(4).values), p.messages[4],
        rtol=1e-4, atol=1e-6,
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["GCNConv", "NNConv", "SAGEConv", "RGCNConv", "MatrixMultiplicationConv"]
)
def test_a_matrix_is_exact_only_where_the_messages_bear_it_out(name):
    """Under a hook of the user's that doubles what is sent it is the slope, and twice as large."""
    plain, doubled = (build(name) for _ in range(2))
    for round_ in doubled.rounds:
        round_.conv.register_message_forward_hook(lambda module, inputs, output: output * 2)
    one, other = (ml.trace(model, ASPIRIN).rounds[0].propagations[0] for model in (plain, doubled))
    for k in range(len(one.messages)):
        was, now = one.edge_matrix(k), other.edge_matrix(k)
        assert was.exact
        assert not now.exact
        torch.testing.assert_close(
            torch.as_tensor(now.values), 2 * torch.as_tensor(was.values), rtol=1e-4, atol=1e-6
        )
        j = int(other.edge_index[0, k])
        torch.testing.assert_close(
            other.state_in[j] @ torch.as_tensor(now.values), other.messages[k], rtol=1e-4, atol=1e-6
        )
    view = stage_view(ml.trace(doubled, ASPIRIN))
    assert all(p.matrices is None for r in view.rounds for p in r.propagations if len(p.source))


def test_what_a_hook_changes_differs_from_the_layers_form():
    model = build("NNConv")
    model.rounds[0].conv.register_message_forward_hook(lambda module, inputs, output: output * 2)
    failed = {check.name for check in ml.trace(model, ASPIRIN).verify().failed}
    assert "round 1/message" in failed


def test_a_message_that_is_the_bonds_state_alone_says_that_it_reads_no_sender():
    trace = ml.trace(build("WeaveConv"), ASPIRIN)
    for r, shown in zip(trace.rounds, stage_view(trace).rounds, strict=True):
        (p,) = r.propagations
        assert not p.reads_sender
        assert not shown.propagations[0].reads_sender
        assert not p.edge_matrix(0).values.any()


@pytest.mark.parametrize("name", [name for name in LAYERS if name != "WeaveConv"])
def test_all_other_layers_read_the_sender(name):
    """Seen from a Jacobian that is not zero, somewhere."""
    model = ml.ModelSpec(rounds=[ml.Layer(name, 12)]).build(seed=1)
    p = ml.trace(model, "CCO").rounds[0].propagations[0]
    assert p.reads_sender
    if p.messages is not None:
        assert any(p.edge_matrix(k).values.any() for k in range(min(4, len(p.messages))))
