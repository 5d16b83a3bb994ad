"""Training: it learns, repeats itself, tells the truth about itself, and says what is wrong."""

import time

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.chem import canonical_smiles
from mpnn_lab.datasets import MoleculeDataset

SPEC = ml.ModelSpec(rounds=[ml.Layer("GINEConv", 16)] * 2, update="residual", head=(16,))


@pytest.fixture(scope="module")
def run():
    return ml.train(SPEC, "freesolv", epochs=8, learning_rate=3e-3).wait()


def data_set(targets, smiles=("C", "CC", "CCC", "CO", "CCO", "CCCO", "CN", "CCN", "CF", "CCF")):
    return MoleculeDataset(
        "own", tuple(smiles), tuple(smiles), torch.as_tensor(targets)[:, None], ("y",), "eV",
        "regression", "", "", "",
    )  # fmt: skip


def test_it_learns_in_the_targets_unit(run):
    record = run.model.record
    assert record.test_rmse < 0.8 * record.baseline_rmse
    assert [e.epoch for e in run.history] == list(range(1, 9))
    best = min(run.history, key=lambda e: e.validation_rmse)
    assert record.epoch == best.epoch
    ds = run.dataset
    model = run.model.eval()
    for part, expected in ((1, best.validation_rmse), (2, record.test_rmse)):
        errors = [
            model(SPEC.featurize(ds.mols[i])).item() - ds.targets[i].item() for i in run.split[part]
        ]
        rmse = torch.tensor(errors).square().mean().sqrt().item()
        assert rmse == pytest.approx(expected, rel=1e-4)


def test_the_same_seed_gives_the_same_run(run):
    torch.rand(3)
    again = ml.train(SPEC, "freesolv", epochs=8, learning_rate=3e-3).wait()
    torch.rand(3)
    assert [e.validation_rmse for e in again.history] == [e.validation_rmse for e in run.history]
    other = ml.train(SPEC, "freesolv", epochs=1, seed=1).wait()
    assert other.history[0] != run.history[0]


def test_the_split_is_whole_and_disjoint(run):
    parts = [set(part.tolist()) for part in run.split]
    assert sum(map(len, parts)) == len(run.dataset) == 642
    assert set.union(*parts) == set(range(642))
    record = run.model.record
    for rows, known in ((0, record.training_smiles), (1, record.validation_smiles)):
        assert known == {canonical_smiles(run.dataset.mols[i]) for i in parts[rows]}


def test_model_is_a_copy(run):
    first = run.model
    with torch.no_grad():
        next(first.parameters()).add_(1)
    assert not torch.equal(next(first.parameters()), next(run.model.parameters()))


def test_it_does_not_block_and_can_be_stopped():
    began = time.perf_counter()
    run = ml.train(SPEC, "freesolv", epochs=10_000)
    assert run.model.record is None  # nothing learned yet, and nothing claimed
    assert run.running
    while not run.history:
        time.sleep(0.01)
    run.wait(timeout=0.01)
    assert run.running
    assert not run.stop().running
    assert 1 <= len(run.history) < 10_000
    assert time.perf_counter() - began < 60


def test_divergence_is_raised_where_one_waits_and_the_best_is_kept():
    targets = torch.arange(10.0)
    run = ml.train(SPEC, data_set(targets), epochs=50, learning_rate=1e30)
    with pytest.raises(ml.LabError, match="training diverged"):
        run.wait()
    assert all(p.isfinite().all() for p in run.model.parameters())


def test_equal_targets_do_not_divide_by_zero():
    run = ml.train(SPEC, data_set(torch.full((10,), 2.5)), epochs=2).wait()
    out = run.model.eval()(SPEC.featurize("CCO"))
    assert out.isfinite().all()


def test_bad_requests_say_what_is_wrong():
    targets = torch.arange(10.0)
    targets[3] = float("nan")
    with pytest.raises(ml.InputError, match="not finite in row 3"):
        ml.train(SPEC, data_set(targets))
    two = MoleculeDataset(
        "own", ("C", "CC"), ("C", "CC"), torch.zeros(2, 2), ("a", "b"), "", "regression", "", "", ""
    )
    with pytest.raises(ml.InputError, match=r"predicts 1 target\(s\), 'own' has 2"):
        ml.train(SPEC, two)
    for bad in (
        {"epochs": 0}, {"batch_size": 0}, {"learning_rate": 0.0}, {"seed": 2**70}, {"seed": "a"},
        {"device": "meta"}, {"device": "sofa"},
    ):  # fmt: skip
        with pytest.raises(ml.InputError, match=next(iter(bad))):
            ml.train(SPEC, "freesolv", **bad)


def test_double_precision_by_default(double_by_default):
    run = ml.train(SPEC, data_set(torch.arange(10.0) / 3), epochs=2).wait()
    assert run.model.scale.dtype is torch.float64
    assert run.model.record.test_rmse >= 0
