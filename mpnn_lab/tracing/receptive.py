"""The receptive field of an atom: how much of each atom's first state is in its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpnn_lab.errors import InputError, TraceError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import copied
from mpnn_lab.tracing.edges import bonded_atoms
from mpnn_lab.tracing.passages import Passage, passages
from mpnn_lab.tracing.states import RoundState, round_states

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace

BATCH = 64
"""Derivatives taken in one backward pass, at most."""


@dataclass(frozen=True)
class ReceptiveField:
    r"""Derivatives of one atom's states by all atoms' first states, as sizes.

    Attributes
    ----------
    atom : the atom i that listens.
    titles : ``"Input"``, ``"Round 1"``, ...
    norms : float32 [T + 1, N], the Frobenius norm of the matrix of derivatives

        .. math:: | \partial h_i^t / \partial h_j^0 |

        by the state :math:`h_j^0` that atom j enters round 1 with. Exactly 0 where nothing of j
        reaches i. After a pooling, h_i is the state of the node that holds atom i; all 0 where
        none does.
    heard : int32 [N], after how many rounds something of j first reaches i (0: it is i itself);
        -1 for never.
    distance : int32 [N], bonds from j to i; -1 where no way leads there.
    """

    atom: int
    titles: tuple[str, ...]
    norms: NDArray[np.float32]
    heard: NDArray[np.int32]
    distance: NDArray[np.int32]


def receptive_field(trace: Trace, atom: int) -> ReceptiveField:
    """How much each atom's first state weighs in this atom's, round by round.

    Raises
    ------
    InputError
        If there is no such atom.
    TraceError
        If the way from the first states cannot be followed, the work is beyond the cap, or a
        derivative is not finite.
    """
    return receptive_fields(trace, [atom])[0]


def receptive_fields(trace: Trace, atoms: Sequence[int]) -> tuple[ReceptiveField, ...]:
    """Those of several atoms, from one run of the model."""
    count = trace.data.num_nodes
    for atom in atoms:
        if isinstance(atom, bool) or not isinstance(atom, int) or not 0 <= atom < count:
            raise InputError(f"there is no atom {atom!r}: there are {count}, from 0")
    states = round_states(trace)
    cells = len(atoms) * sum(s.values.shape[1] for s in states) * states[0].values.size
    if cells > LIMITS.jacobian_cells:
        raise TraceError(
            f"the derivatives are {cells:,} numbers; at most {LIMITS.jacobian_cells:,} are computed"
        )
    with torch.inference_mode(False), torch.enable_grad(), _plain_backward():
        try:
            norms = _norms(trace, states, atoms)
        except RuntimeError as fault:
            raise TraceError(f"torch cannot take the derivative: {fault}") from fault
    titles = tuple(s.title for s in states)
    bonds = bonded_atoms(trace.data, trace.mol)
    return tuple(
        ReceptiveField(atom, titles, own, _heard(own), bonds_away(atom, count, bonds))
        for atom, own in zip(atoms, norms, strict=True)
    )


def bonds_away(atom: int, count: int, bonds: Sequence[tuple[int, int]]) -> NDArray[np.int32]:
    """How many bonds each of `count` atoms is away from this one; -1 where no way leads there."""
    beside: list[list[int]] = [[] for _ in range(count)]
    for a, b in bonds:
        beside[a].append(b)
        beside[b].append(a)
    away = np.full(count, -1, dtype=np.int32)
    away[atom] = 0
    waiting = deque([atom])
    while waiting:
        here = waiting.popleft()
        for other in beside[here]:
            if away[other] < 0:
                away[other] = away[here] + 1
                waiting.append(other)
    return away


def _norms(
    trace: Trace, states: Sequence[RoundState], atoms: Sequence[int]
) -> list[NDArray[np.float32]]:
    model = copied(trace.model)
    first, later = _found(passages(trace, model), states)
    fields = []
    for atom in atoms:
        rows = [_by_node(s, atom, first, h) for s, h in zip(states, [first, *later], strict=True)]
        field = np.stack(rows).astype(np.float32)
        if not np.isfinite(field).all():
            raise TraceError(f"a derivative of atom {atom}'s state is not a finite number")
        fields.append(field)
    return fields


def _by_node(state: RoundState, atom: int, first: Tensor, h: Tensor) -> NDArray[np.float64]:
    """The norms of one round, [N]."""
    holders = [node for node, held in enumerate(state.nodes.atoms) if atom in held]
    if not holders:
        return np.zeros(len(first))
    if h is first:
        own = np.zeros(len(first))
        own[atom] = np.sqrt(first[atom].numel())
        return own
    value = h[holders[0]].reshape(-1)
    total = np.zeros(len(first))
    for start in range(0, len(value), BATCH):
        for slopes in _slopes(value[start : start + BATCH], first):
            total += slopes.double().flatten(1).square().sum(1).cpu().numpy()
    return np.sqrt(total)


def _slopes(values: Tensor, first: Tensor) -> Iterator[Tensor]:
    """The derivative of each value by all first states, [N, F]."""
    if not values.requires_grad:
        return
    units = torch.eye(len(values)).to(values)
    try:
        (found,) = torch.autograd.grad(
            values, first, units, retain_graph=True, allow_unused=True, is_grads_batched=True
        )
        yield from () if found is None else found
    except RuntimeError:  # something on the way cannot be followed for many values at once
        for value in values:
            (found,) = torch.autograd.grad(value, first, retain_graph=True, allow_unused=True)
            if found is not None:
                yield found


def _found(seen: list[Passage], states: Sequence[RoundState]) -> tuple[Tensor, list[Tensor]]:
    """Of what was seen of the states, in order, that which is the first and each round's."""
    own: list[Passage] = []
    place = 0
    for state in states:
        match = next(
            (k for k in range(place, len(seen)) if _same(seen[k].value, state.values)), None
        )
        if match is not None:
            own.append(seen[match])
            place = match + 1
        elif own and _same(own[-1].value, state.values):  # a round that leaves all as it was
            own.append(own[-1])
        else:
            raise TraceError(
                f"{state.title}: the model's way to these states could not be followed"
            )
    first = own[0].tensor
    if first._version != own[0].version:
        raise TraceError("the model changes its first states in place: they have no derivative")
    return first, [p.value for p in own[1:]]


def _same(tensor: Tensor, values: NDArray[np.float32]) -> bool:
    if tensor.numel() != values.size or len(tensor) != len(values):
        return False
    other = tensor.detach().cpu().double().reshape(len(values), -1).numpy()
    return bool(abs(other - values).max(initial=0) <= 1e-5 * max(1e-30, abs(values).max(initial=0)))


@contextmanager
def _plain_backward() -> Iterator[None]:
    """Without cuDNN, whose recurrent networks in eval mode go forward alone."""
    if not torch.cuda.is_available():
        yield
        return
    with torch.backends.cudnn.flags(enabled=False):
        yield


def _heard(norms: NDArray[np.float32]) -> NDArray[np.int32]:
    """The first row of each column that is not zero; -1 where all are."""
    there = norms != 0
    return np.where(there.any(0), there.argmax(0), -1).astype(np.int32)
