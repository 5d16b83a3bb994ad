"""Dropout: against its definition, and drawing from nothing but its own generator."""

import copy

import pytest
import torch

from mpnn_lab import Layer, ModelSpec
from mpnn_lab.nn import Dropout


def test_it_drops_the_share_asked_for_and_keeps_the_mean():
    torch.manual_seed(0)
    x = torch.ones(200, 500, requires_grad=True)
    out = Dropout(0.25)(x)
    assert out.detach().unique().tolist() == pytest.approx([0, 1 / 0.75])
    assert (out == 0).float().mean().item() == pytest.approx(0.25, abs=0.01)
    out.sum().backward()
    assert torch.equal(x.grad, out.detach())


def test_eval_mode_and_p_0_change_nothing():
    x = torch.randn(3, 4)
    assert Dropout(0.5).eval()(x) is x
    assert Dropout(0)(x) is x


def test_other_draws_change_nothing_and_it_changes_no_other_draws():
    spec = ModelSpec(rounds=[Layer("GCNConv", 8, dropout=0.5)] * 2)
    data = spec.featurize("CCO")
    one, two = spec.build(seed=3), spec.build(seed=3)
    first = [one(data) for _ in range(3)]
    assert not torch.equal(first[0], first[1])
    torch.manual_seed(1)
    undisturbed = torch.rand(5)
    torch.manual_seed(1)
    second = []
    for _ in range(3):
        second.append(two(data))
    assert torch.equal(torch.rand(5), undisturbed)
    for _ in range(7):
        torch.rand(1)
    assert all(map(torch.equal, first, second))
    assert torch.equal(copy.deepcopy(one)(data), one(data))
