"""Traces: against the plain run, a loop written by hand, permuted molecules, brought models."""

import gc
import itertools
import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from torch import nn
from torch_geometric.nn import MessagePassing

import mpnn_lab as ml
from mpnn_lab.graph import collate
from tests.molecules import ASPIRIN, DRUGS, KNOWN_LAYERS, METHANE, SODIUM_CHLORIDE
from tests.tracing.models import build

UPDATES, READOUTS = ("none", "residual", "gru"), ("sum", "mean", "set2set")
ALL = list(itertools.product(KNOWN_LAYERS, UPDATES, READOUTS))
HOOKS = [
    n for n, v in vars(MessagePassing()).items() if n.endswith("_hooks") and isinstance(v, dict)
]


def hooks_on(model: nn.Module) -> int:
    return sum(len(getattr(m, n)) for m in model.modules() for n in HOOKS if hasattr(m, n))


@pytest.mark.parametrize(("name", "update", "readout"), ALL)
def test_bit_identical_and_verified(name, update, readout):
    model = build(name, update, readout)
    for smiles in (METHANE, SODIUM_CHLORIDE, ASPIRIN):
        data = model.spec.featurize(smiles)
        trace = ml.trace(model, data)
        assert torch.equal(trace.output, model.eval()(data))
        report = trace.verify()
        assert report, str(report)
        assert not report.unchecked
        names = {c.name for c in report.checks}
        for t in (1, 2, 3):
            assert {f"round {t}/{q}" for q in ("message", "aggregate", "layer", "state")} <= names
        assert {"input/state", "readout/readout", "prediction/prediction"} <= names


@pytest.mark.parametrize("tied", [False, True])
def test_against_a_loop_over_bonds_written_by_hand(tied):
    model = build(tied=tied).eval()
    data = model.spec.featurize(ASPIRIN)
    trace = ml.trace(model, data)
    h = model.project(data.x)
    for t, r in enumerate(trace.rounds):
        layer = model.rounds[0 if tied else t]
        torch.testing.assert_close(r.state_in, h, rtol=1e-5, atol=1e-6)
        total = torch.zeros_like(h)
        for e, (j, i) in enumerate(data.edge_index.T.tolist()):
            matrix = layer.conv.nn(data.edge_attr[e]).view(8, 8)
            m = torch.stack([(h[j] * matrix[:, c]).sum() for c in range(8)])
            torch.testing.assert_close(r.propagations[0].messages[e], m, rtol=1e-4, atol=1e-6)
            total[i] += m
        torch.testing.assert_close(r.propagations[0].aggregated, total, rtol=1e-4, atol=1e-5)
        m = torch.relu(total + h @ layer.conv.lin.weight.T + layer.conv.bias)
        h = layer.update.cell(m, h)
        torch.testing.assert_close(r.state_out, h, rtol=1e-4, atol=1e-6)
    assert [r.number for r in trace.rounds] == [1, 2, 3]
    assert {r.kind for r in trace.rounds} == {"EdgeNetworkConv"}


@pytest.mark.parametrize("name", KNOWN_LAYERS)
def test_edges_are_named_after_their_bonds(name):
    model = build(name)
    trace = ml.trace(model, ASPIRIN)
    mol = trace.mol
    for r in trace.rounds:
        p = r.propagations[0]
        edges = p.edge_index.T.tolist()
        loops = name in ("GCNConv", "GATv2Conv")
        assert len(edges) == 2 * mol.GetNumBonds() + (mol.GetNumAtoms() if loops else 0)
        for (j, i), role, origin in zip(edges, p.edge_role, p.edge_origin, strict=True):
            if i == j:
                assert (role, origin) == ("self-loop", -1)
            else:
                assert role == "bond"
                assert origin == mol.GetBondBetweenAtoms(j, i).GetIdx()
        assert (p.weights is not None) == loops


@settings(max_examples=15, deadline=None)
@given(st.sampled_from(DRUGS), st.sampled_from(ALL), st.integers(0, 2**32 - 1))
def test_permuting_atoms_permutes_the_trace(smiles, parts, seed):
    model = build(*parts)
    mol = Chem.MolFromSmiles(smiles)
    order = torch.randperm(
        mol.GetNumAtoms(), generator=torch.Generator().manual_seed(seed)
    ).tolist()
    plain = ml.trace(model, mol)
    permuted = ml.trace(model, Chem.RenumberAtoms(mol, order))
    assert permuted.verify()
    torch.testing.assert_close(permuted.output, plain.output, rtol=1e-4, atol=1e-4)
    for before, after in zip(plain.rounds, permuted.rounds, strict=True):
        torch.testing.assert_close(after.state_out, before.state_out[order], rtol=1e-4, atol=1e-4)
        old, new = before.propagations[0], after.propagations[0]
        by_ends = {
            tuple(e): m for e, m in zip(old.edge_index.T.tolist(), old.messages, strict=True)
        }
        for (j, i), message in zip(new.edge_index.T.tolist(), new.messages, strict=True):
            expected = by_ends[order[j], order[i]]
            torch.testing.assert_close(message, expected, rtol=1e-4, atol=1e-4)


def test_what_is_traced_stays_as_it_was():
    """Copies, not references: later runs, in-place activations and training change nothing."""
    model = build("GCNConv", update="none")
    for r in model.rounds:
        r.activation = nn.ReLU(inplace=True)
    trace = ml.trace(model, ASPIRIN)
    assert (trace.rounds[0].output < 0).any()  # an in-place ReLU would have spoiled it
    message = trace.rounds[1].propagations[0].messages.clone()
    matrix = trace.rounds[1].propagations[0].edge_matrix(0).values.copy()
    with torch.no_grad():
        for p in model.parameters():
            p.add_(1.0)
    again = ml.trace(model, ASPIRIN)
    assert not torch.equal(again.output, trace.output)
    assert torch.equal(trace.rounds[1].propagations[0].messages, message)
    assert (trace.rounds[1].propagations[0].edge_matrix(0).values == matrix).all()
    assert trace.verify()


@pytest.mark.parametrize("training", [True, False])
def test_on_off_twice_and_with_an_error_inside(training):
    model = build()
    model.train(training)
    model.rounds[1].eval()
    modes = [m.training for m in model.modules()]
    data = model.spec.featurize(ASPIRIN)
    first, second = ml.trace(model, data), ml.trace(model, data)
    assert torch.equal(first.output, second.output)
    assert hooks_on(model) == 0
    assert hooks_on(first.model) == 0

    def burst(*_):
        raise RuntimeError("inside")

    handle = model.rounds[2].conv.register_message_forward_hook(burst)
    assert hooks_on(model) == 1
    with pytest.raises(RuntimeError, match="inside"):
        ml.trace(model, data)
    handle.remove()
    assert hooks_on(model) == 0
    assert [m.training for m in model.modules()] == modes


def test_dropout_is_off_in_a_trace_and_training_goes_on():
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8, dropout=0.5)])
    model = spec.build().train()
    assert torch.equal(ml.trace(model, ASPIRIN).output, ml.trace(model, ASPIRIN).output)
    assert model.training


def test_a_batch_is_traced_as_a_whole():
    model = build()
    batch = collate([model.spec.featurize(s) for s in DRUGS])
    trace = ml.trace(model, batch)
    assert torch.equal(trace.output, model.eval()(batch))
    assert trace.verify()


def test_a_wrong_message_is_found():
    """verify() must be able to fail."""
    trace = ml.trace(build(), ASPIRIN)
    trace.rounds[1].propagations[0].record.messages[3, 2] += 1e-3
    report = trace.verify()
    assert not report
    assert {c.name for c in report.failed} == {"round 2/message", "round 2/aggregate"}
    assert "DIFFERS" in str(report)


@pytest.mark.parametrize("where", ["x", "weights"])
def test_nan_is_named_with_its_round(where):
    model = build("GCNConv")
    data = model.spec.featurize(ASPIRIN)
    if where == "x":
        data.x[0, 0] = float("nan")
        expected = "the graph: x holds 1 value"
    else:
        model.rounds[1].conv.lin.weight.data[0, 0] = float("inf")
        expected = "round 2: messages"
    with pytest.raises(ml.TraceError, match=expected):
        ml.trace(model, data)


CHANGES = ["data", "attribute", "module", "buffer", "class", "filled", "inside", "hook"]


@pytest.mark.parametrize("change", CHANGES)
def test_the_frozen_copy_is_shared_only_while_nothing_changes(change):
    model = build("GATv2Conv")
    model.none, model.some = [], {"deep": [torch.ones(2)]}
    first = ml.trace(model, ASPIRIN)
    assert ml.trace(model, ASPIRIN).model is first.model
    if change == "data":
        model.rounds[0].conv.att.data[0, 0, 0] += 1.0  # leaves the version counter alone
    elif change == "attribute":
        model.rounds[1].conv.negative_slope = 0.3
    elif change == "module":
        model.rounds[0].activation = nn.Tanh()
    elif change == "buffer":
        model.shift.data += 1.0
    elif change == "filled":
        model.none.append(1)
    elif change == "inside":
        model.some["deep"][0].data.mul_(2)
    elif change == "hook":
        model.rounds[0].conv.register_forward_hook(lambda *given: None)
    else:
        conv = model.rounds[0].conv
        conv.__class__ = type("Own", (type(conv),), {})
    after = ml.trace(model, ASPIRIN)
    assert after.model is not first.model
    assert first.verify()
    assert after.verify()


def test_what_is_put_anew_but_says_the_same_needs_no_new_copy():
    model = build()
    model.seen, model.table = 1000.5, [1]
    first = ml.trace(model, ASPIRIN)
    model.seen, model.table = float("1000.5"), [1]
    assert ml.trace(model, ASPIRIN).model is first.model
    model.table.append(2)
    assert ml.trace(model, ASPIRIN).model is not first.model


def test_a_model_that_is_gone_takes_its_frozen_copy_along():
    model = build()
    trace = ml.trace(model, ASPIRIN)
    gone = weakref.ref(model), weakref.ref(trace.model)
    del model, trace
    gc.collect()
    assert [g() for g in gone] == [None, None]
