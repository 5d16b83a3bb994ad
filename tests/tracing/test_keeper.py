"""What is kept of tensors, met once and met again."""

import torch

from mpnn_lab.tracing.keeper import Keeper


def test_one_tensor_is_kept_once():
    keep, value = Keeper(), torch.zeros(3)
    first, (second,) = keep(value), keep([value])
    assert first is second
    assert keep.intact()


def test_work_in_place_between_two_meetings_is_noticed():
    """The later meeting must not cover up that what the first one kept has changed."""
    keep, value = Keeper(), torch.zeros(3)
    keep(value)
    value.add_(1)
    assert keep(value).tolist() == [1, 1, 1]
    assert not keep.intact()


def test_other_numbers_in_the_same_tensor_are_kept_beside_the_first():
    keep, value = Keeper(), torch.zeros(3)
    first = keep(value)
    value.data = torch.ones(3)
    second = keep(value)
    assert (first.tolist(), second.tolist()) == ([0, 0, 0], [1, 1, 1])


def test_what_belongs_to_others_is_copied_at_once():
    value = torch.zeros(3)
    keep = Keeper([value])
    kept = keep(value)
    value.add_(1)
    assert kept.tolist() == [0, 0, 0]
    assert keep(value).tolist() == [1, 1, 1]
    assert keep.intact()
