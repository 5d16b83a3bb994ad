"""What a benchmark says of its bound, and that slow things are timed as slower."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
import torch

from benchmarks import Row
from benchmarks.timing import medians, one_thread
from tests.project import ROOT


def test_at_least_bounds_how_many_times_less_we_need():
    row = Row("conv", "ms", ours=5, reference=100, at_least=20)
    assert (row.ratio, row.bound, row.holds) == (20, "≥ 20", True)
    assert not Row("conv", "ms", ours=5.1, reference=100, at_least=20).holds


def test_at_most_bounds_overhead_or_the_figure_itself():
    assert Row("trace", "ms", ours=13, reference=10, at_most=1.3).holds
    assert not Row("trace", "ms", ours=13.1, reference=10, at_most=1.3).holds
    alone = Row("import", "s", ours=0.31, at_most=0.3)
    assert (alone.ratio, alone.holds) == (None, False)


def test_a_bound_on_nothing_is_refused():
    with pytest.raises(ValueError, match="give a reference"):
        Row("conv", "ms", ours=5, at_least=20)


def test_medians_tell_slow_from_fast():
    fast, slow = medians([lambda: None, lambda: time.sleep(0.01)], repeats=3, warmup=1)
    assert slow >= 0.01 > fast


def test_the_clock_of_one_thread_stands_still_while_it_waits():
    threads = torch.get_num_threads()
    with one_thread() as clock:
        assert torch.get_num_threads() == 1
        (waited,) = medians([lambda: time.sleep(0.02)], repeats=3, warmup=0, clock=clock)
    assert waited < 0.01
    assert torch.get_num_threads() == threads


def test_no_round_is_begun_after_the_time_allowed_but_five_are_timed():
    called = []
    medians([lambda: called.append(1)], repeats=50, warmup=2, within=0.0)
    assert len(called) == 2 + 5


def test_command_prints_a_table_and_refuses_unknown_names():
    command = [sys.executable, "-m", "benchmarks"]
    out = subprocess.run([*command, "startup"], cwd=ROOT, capture_output=True, text=True)
    assert "import mpnn_lab" in out.stdout, out.stderr
    wrong = subprocess.run([*command, "starts"], cwd=ROOT, capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "no benchmark called starts" in wrong.stderr
