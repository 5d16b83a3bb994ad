"""Embeddings: the states of each molecule by itself, and numpy's principal components."""

import numpy as np
import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.errors import InputError
from mpnn_lab.tracing.embeddings import principal_plane, states_of
from tests.molecules import DRUGS, METHANE


def network(layer="NNConv", **fields):
    spec = ml.ModelSpec(rounds=[ml.Layer(layer, 8)] * 2, update="gru", tied=True, **fields)
    return spec.build(), spec


def test_batched_states_are_those_of_each_molecules_own_trace(monkeypatch):
    from mpnn_lab.tracing import embeddings

    monkeypatch.setattr(embeddings, "BATCH", 2)  # several batches, the last one not full
    model, spec = network(readout="set2set")
    graphs = [spec.featurize(s) for s in (*DRUGS, METHANE)][:5]
    traces = [ml.trace(model, g) for g in graphs]
    whole = states_of(model, graphs)
    expected = torch.cat([t.readout.output for t in traces])
    torch.testing.assert_close(whole.rows, expected, rtol=1e-4, atol=1e-6)
    assert whole.molecule.tolist() == [0, 1, 2, 3, 4]
    assert set(whole.atom.tolist()) == {-1}
    torch.testing.assert_close(
        whole.outputs, torch.cat([t.output[:, 0] for t in traces]), rtol=1e-4, atol=1e-6
    )
    for r in (0, 1, 2, None):
        atoms = states_of(model, graphs, "atom", r)
        last = 1 if r is None else r - 1
        after = [t.rounds[last].state_out if r != 0 else t.rounds[0].state_in for t in traces]
        torch.testing.assert_close(atoms.rows, torch.cat(after), rtol=1e-4, atol=1e-6)
        numbers = [(m, a) for m, g in enumerate(graphs) for a in range(g.num_nodes)]
        assert list(zip(atoms.molecule.tolist(), atoms.atom.tolist(), strict=True)) == numbers


def test_the_plane_is_that_of_numpys_singular_vectors():
    rows = torch.randn(30, 6, generator=torch.Generator().manual_seed(0)) * torch.arange(1, 7)
    plane = principal_plane(rows)
    x = rows.double().numpy()
    x = x - x.mean(0)
    _, s, v = np.linalg.svd(x, full_matrices=False)
    for k in range(2):
        sign = np.sign(v[k][abs(v[k]).argmax()])
        assert plane.directions[k] == pytest.approx(sign * v[k], abs=1e-10)
        assert plane.points[:, k] == pytest.approx(x @ (sign * v[k]), abs=1e-9)
        assert plane.shares[k] == pytest.approx(s[k] ** 2 / (s**2).sum())
        assert plane.directions[k].max() == abs(plane.directions[k]).max()
    values = np.linalg.eigvalsh(np.cov(x.T))[::-1]
    assert plane.points.var(0, ddof=1) == pytest.approx(values[:2])


@pytest.mark.parametrize(
    ("rows", "shares"),
    [(torch.ones(4, 3), (0, 0)), (torch.ones(1, 3), (0, 0)),
     (torch.tensor([[1.0], [2.0]]), (1, 0)), (torch.tensor([[0.0, 1], [0, 3]]), (1, 0))],
)  # fmt: skip
def test_fewer_components_than_two(rows, shares):
    plane = principal_plane(rows)
    assert plane.points.shape == (len(rows), 2)
    assert plane.shares == pytest.approx(shares)
    assert (plane.points[:, 1] == 0).all()


def test_numbers_that_are_not_finite_have_no_place():
    with pytest.raises(InputError, match="not all finite"):
        principal_plane(torch.tensor([[1.0, float("nan")], [0, 0]]))


def test_the_model_keeps_its_modes_and_has_no_hooks():
    model, spec = network()
    model.train()
    model.head.eval()
    modes = [m.training for m in model.modules()]
    states_of(model, [spec.featurize("CCO")], "atom")
    assert [m.training for m in model.modules()] == modes
    assert not any(m._forward_hooks for m in model.modules())


def test_dropout_is_off_and_statistics_are_not_touched():
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8, dropout=0.5, norm="batch")] * 2)
    model = spec.build().train()
    before = {k: v.clone() for k, v in model.state_dict().items()}
    graphs = [spec.featurize(s) for s in DRUGS]
    one, other = states_of(model, graphs), states_of(model, graphs)
    assert torch.equal(one.rows, other.rows)
    assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())


def test_rounds_and_levels_that_are_not_there_are_refused():
    model, spec = network()
    graphs = [spec.featurize("CCO")]
    for level, r, words in (
        ("bond", None, "expected 'graph' or 'atom'"), ("graph", 1, "after all rounds"),
        ("atom", 3, "to 2"), ("atom", -1, "to 2"), ("atom", True, "to 2"), ("atom", 1.0, "to 2"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=words):
            states_of(model, graphs, level, r)
    pooled = ml.ModelSpec(rounds=[ml.Layer("GraphConv", 8, pool="top k")] * 2)
    graphs = [pooled.featurize(s) for s in DRUGS]
    with pytest.raises(InputError, match="no atoms any more"):
        states_of(pooled.build(), graphs, "atom")
    assert len(states_of(pooled.build(), graphs, "atom", 0).rows)
