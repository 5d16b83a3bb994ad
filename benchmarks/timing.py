"""Times several callables turn by turn, so that a machine that slows down slows all of them."""

from __future__ import annotations

import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import torch

# In a process that has never freed a large block, glibc hands memory back to the system after
# every call and faults it in again at the next, for up to half of the time, as chance has it.
# One freed block just under its largest threshold (32 MiB) ends that, as it does in a kernel
# that has trained or loaded something.
SETTLING = 28_000_000
AT_LEAST = 5
"""Timed rounds, however long they take."""


def medians(
    calls: Sequence[Callable[[], object]],
    *,
    repeats: int = 15,
    warmup: int = 3,
    clock: Callable[[], float] = time.perf_counter,
    within: float = math.inf,
) -> list[float]:
    """The median time of each of `calls`, in seconds, once the memory allocator has settled.

    Parameters
    ----------
    calls : sequence of callables
        Called once each in every turn, in an order drawn anew, since a call that comes after a
        large one finds cold caches. On a GPU they synchronise themselves.
    repeats : int
        Timed rounds.
    warmup : int
        Rounds before them that are not timed.
    clock : callable
        What tells the time; see `one_thread` for one that a busy machine does not disturb.
    within : float
        Seconds after which no further round is begun, once five have been timed.
    """
    order = random.Random(0)
    torch.zeros(SETTLING, dtype=torch.uint8)
    times: list[list[float]] = [[] for _ in calls]
    begun = time.perf_counter()
    for turn in range(warmup + repeats):
        if turn >= warmup + AT_LEAST and time.perf_counter() - begun > within:
            break
        for k in order.sample(range(len(calls)), len(calls)):
            start = clock()
            calls[k]()
            if turn >= warmup:
                times[k].append(clock() - start)
    return [statistics.median(taken) for taken in times]


@contextmanager
def one_thread() -> Iterator[Callable[[], float]]:
    """Torch on one thread, and the clock of what that thread computes.

    It stands still while other processes have the core, so that ratios of a few milliseconds
    come out alike on a busy machine. Only for what runs on the CPU.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield time.thread_time
    finally:
        torch.set_num_threads(threads)
