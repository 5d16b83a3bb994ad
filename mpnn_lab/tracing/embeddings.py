"""States of many molecules under one network, and their first two principal components."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Data

from mpnn_lab.errors import InputError
from mpnn_lab.graph import collate
from mpnn_lab.nn import Network, copied

Level = Literal["graph", "atom"]
BATCH = 128


@dataclass(frozen=True)
class States:
    """What a network makes of the molecules: one row a molecule, or one an atom.

    Attributes
    ----------
    rows : Tensor [P, F].
    molecule, atom : int64 [P], which molecule a row is of, and which of its atoms (-1: all).
    outputs : Tensor [molecules], the first number that the network predicts, in its unit.
    """

    rows: Tensor
    molecule: NDArray[np.int64]
    atom: NDArray[np.int64]
    outputs: Tensor


@dataclass(frozen=True)
class Plane:
    """Points in the plane of the first two principal components.

    Attributes
    ----------
    points : float64 [P, 2], zeros where there are fewer components.
    directions : float64 [2, F], unit vectors, the largest number of each positive.
    shares : of the variance that each explains; zeros where nothing varies.
    """

    points: NDArray[np.float64]
    directions: NDArray[np.float64]
    shares: tuple[float, float]


def states_of(
    model: Network, graphs: Sequence[Data], level: Level = "graph", round: int | None = None
) -> States:
    """Run a copy of the network in eval mode over all graphs, some at a time.

    Parameters
    ----------
    model : left as it is, mode and all.
    graphs : as the network's specification featurizes them.
    level : ``"graph"`` for what the readout gives, ``"atom"`` for the atoms' states.
    round : after how many rounds the atoms' states are taken; after all where it is None.

    Raises
    ------
    InputError
        For a round that is not there, or after which nodes are no atoms any more.
    """
    _check(model, level, round)
    own = copied(model).eval()
    rows, outputs, sizes = [], [], []
    for start in range(0, len(graphs), BATCH):
        part = list(graphs[start : start + BATCH])
        batch = _like(collate(part), own.scale)
        sizes += [int(g.num_nodes or 0) for g in part]
        seen, output = _seen(own, batch)
        if level == "graph":
            rows.append(seen["readout"][-1].reshape(len(part), -1))
        else:
            own_rows = seen["rounds"][-1 if round is None else round]
            if len(own_rows) != sum(sizes[start:]):
                raise InputError(
                    "after a pooling the nodes are no atoms any more",
                    mend="Give the number of a round before it.",
                )
            rows.append(own_rows.reshape(len(own_rows), -1))
        outputs.append(output.reshape(len(part), -1)[:, 0])
    every = np.arange(len(graphs))
    whole = level == "graph"
    return States(
        torch.cat(rows).cpu(),
        every if whole else np.repeat(every, sizes),
        np.full(len(graphs), -1) if whole else np.concatenate([np.arange(n) for n in sizes]),
        torch.cat(outputs).cpu(),
    )


def principal_plane(rows: Tensor) -> Plane:
    """Project rows [P, F] onto their first two principal components.

    By a singular value decomposition in float64; InputError where a number is not finite.
    """
    if not bool(rows.isfinite().all()):
        raise InputError("the network's states are not all finite: they have no place on a map")
    centred = rows.double() - rows.double().mean(0)
    u, s, v = torch.linalg.svd(centred, full_matrices=False)
    largest = v.gather(1, v.abs().argmax(1, keepdim=True))
    signs = torch.where(largest < 0, -1.0, 1.0)  # a decomposition may come with either
    points = torch.zeros(len(rows), 2, dtype=torch.float64)
    directions = torch.zeros(2, rows.shape[1], dtype=torch.float64)
    count = min(2, len(s))
    points[:, :count] = (u * s * signs.T)[:, :count]
    directions[:count] = (v * signs)[:count]
    variance = s.square()
    total = float(variance.sum())
    shares = [float(variance[k]) / total if k < count and total > 0 else 0.0 for k in range(2)]
    return Plane(points.numpy(), directions.numpy(), (shares[0], shares[1]))


def _check(model: Network, level: str, round: int | None) -> None:
    if level not in ("graph", "atom"):
        raise InputError(f"level: got {level!r}; expected 'graph' or 'atom'")
    if round is None:
        return
    if level == "graph":
        raise InputError(
            "round: a molecule's state is what the readout gives, after all rounds",
            mend="Leave round out, or give level='atom'.",
        )
    if isinstance(round, bool) or not isinstance(round, int) or not 0 <= round <= model.times:
        raise InputError(
            f"round: got {round!r}; expected a whole number from 0 (the first states) to "
            f"{model.times}"
        )


def _seen(model: Network, batch: Any) -> tuple[dict[str, list[Tensor]], Tensor]:
    """First states and those after each round, what the readout gives, and the output."""
    seen: dict[str, list[Tensor]] = {"rounds": [], "readout": []}

    def keep(name: str) -> Any:
        return lambda _m, _args, given: seen[name].append(
            given[0] if isinstance(given, tuple) else given
        )

    parts = [model.project, *dict.fromkeys(model.rounds)]
    hooks = [part.register_forward_hook(keep("rounds")) for part in parts]
    hooks.append(model.readout.register_forward_hook(keep("readout")))
    try:
        with torch.no_grad():
            output = model(batch)
    finally:
        for hook in hooks:
            hook.remove()
    return seen, output


def _like(batch: Any, weight: Tensor) -> Any:
    return batch.apply(
        lambda t: t.to(weight.device, weight.dtype if t.is_floating_point() else t.dtype)
    )
