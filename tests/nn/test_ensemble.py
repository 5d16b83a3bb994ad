"""Ensembles: the mean of networks that differ in their seeds, and how far apart they are."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.graph import collate
from tests.molecules import ASPIRIN, DRUGS

SPEC = ml.preset("gcn", width=8, rounds=2, targets=3)


def test_mean_and_spread_are_those_of_the_members():
    ensemble = ml.Ensemble(SPEC, members=4, seed=7).eval()
    data = collate([SPEC.featurize(s) for s in DRUGS])
    each = [SPEC.build(seed).eval()(data) for seed in (7, 8, 9, 10)]
    mean, spread = ensemble.predict(data)
    expected = sum(each) / 4
    torch.testing.assert_close(mean, expected)
    torch.testing.assert_close(ensemble(data), expected)
    variance = sum((y - expected) ** 2 for y in each) / 3
    torch.testing.assert_close(spread, variance.sqrt())
    assert mean.shape == spread.shape == (len(DRUGS), 3)
    assert (spread > 0).all()


def test_one_member_has_no_spread():
    mean, spread = ml.Ensemble(SPEC, members=1).predict(SPEC.featurize(ASPIRIN))
    assert mean.shape == spread.shape == (1, 3)
    assert (spread == 0).all()


def test_of_networks_that_are_there():
    members = [SPEC.build(k) for k in range(2)]
    ensemble = ml.Ensemble.of(members)
    assert list(ensemble.members) == members
    assert ensemble.spec == SPEC
    with pytest.raises(ml.InputError, match="network 1 of the ensemble has another specification"):
        ml.Ensemble.of([members[0], ml.preset("gin", width=8).build()])
    with pytest.raises(ml.InputError, match="no networks"):
        ml.Ensemble.of([])
    for count in (0, 101, 10**9):
        with pytest.raises(ml.InputError, match=r"members is .*from 1 to 100"):
            ml.Ensemble(SPEC, members=count)


def test_it_trains_as_one_and_is_traced_member_by_member():
    ensemble, data = ml.Ensemble(SPEC, members=2), SPEC.featurize(ASPIRIN)
    ensemble(data).sum().backward()
    assert all(p.grad is not None for p in ensemble.parameters())
    with pytest.raises(ml.TraceError, match=r"2 networks.*\n.*members\[0\]"):
        ml.trace(ensemble, data)
    assert ml.trace(ensemble.members[1], data).verify()
