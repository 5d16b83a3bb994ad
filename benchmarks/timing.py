"""Times several callables turn by turn, so that a machine that slows down slows all of them."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Sequence

import torch

# In a process that has never freed a large block, glibc hands memory back to the system after
# every call and faults it in again at the next, for up to half of the time, as chance has it.
# One freed block just under its largest threshold (32 MiB) ends that, as it does in a kernel
# that has trained or loaded something.
SETTLING = 28_000_000


def medians(
    calls: Sequence[Callable[[], object]], *, repeats: int = 15, warmup: int = 3
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
    """
    order = random.Random(0)
    torch.zeros(SETTLING, dtype=torch.uint8)
    times: list[list[float]] = [[] for _ in calls]
    for turn in range(warmup + repeats):
        for k in order.sample(range(len(calls)), len(calls)):
            start = time.perf_counter()
            calls[k]()
            if turn >= warmup:
                times[k].append(time.perf_counter() - start)
    return [statistics.median(taken) for taken in times]
