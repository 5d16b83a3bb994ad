"""What the whole-run page shows beside the states themselves, as plain data."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.errors import TraceError
from mpnn_lab.tracing import Trace
from mpnn_lab.tracing.alike import ColouredStates, coloured_states
from mpnn_lab.tracing.attention import readout_shares
from mpnn_lab.tracing.receptive import ReceptiveField, receptive_fields
from mpnn_lab.views.pair import pair_line

SMALL = 1e-3
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class SmoothingView:
    """How alike the states are, by round; null where a number does not exist.

    `energy` is the Dirichlet energy, `share` the same over the sum of squares, `distance` the mean
    cosine distance, of which `without` pairs were left out.
    """

    titles: tuple[str, ...]
    energy: tuple[float, ...]
    share: tuple[float | None, ...]
    distance: tuple[float | None, ...]
    without: tuple[int, ...]


@dataclass(frozen=True)
class AttentionView:
    """Names of the quantities that are the readout's shares, one a step; else why there are none.

    `summed` says whether each adds up to 1 over the atoms.
    """

    quantities: tuple[str, ...]
    summed: bool
    note: str


@dataclass(frozen=True)
class ColoursView:
    """Weisfeiler-Leman colours, int32 [T + 1, N], and how far states of one colour differ.

    `spread` is the largest difference within a colour, `states` counts the different ones. `said`
    is what follows, sentence by sentence.
    """

    colours: NDArray[np.int32]
    spread: tuple[float, ...]
    states: tuple[int, ...]
    features: bool
    bonds: bool
    said: tuple[str, ...]


@dataclass(frozen=True)
class ReceptiveView:
    """The receptive fields of these atoms: `norms` float32 [atoms, T + 1, N], the rest [atoms, N].

    `heard` is after how many rounds something first arrives, `distance` how many bonds away it is
    (-1: never, no way).
    """

    atoms: NDArray[np.int32]
    norms: NDArray[np.float32]
    heard: NDArray[np.int32]
    distance: NDArray[np.int32]


@dataclass(frozen=True)
class RunView:
    """The run as a whole; `note` says why a part of it is missing.

    `titles` names the states: ``"Input"``, ``"Round 1"``, ... `receptive` is there where it was
    asked for beforehand, as for a page that has no kernel to ask.
    """

    titles: tuple[str, ...]
    smoothing: SmoothingView | None
    attention: AttentionView
    colours: ColoursView | None
    receptive: ReceptiveView | None
    note: str


def run_view(trace: Trace, receptive: bool = False) -> RunView:
    """Describe the whole run; with the receptive fields of all atoms, where they are asked for."""
    shares = readout_shares(trace)
    attention = AttentionView(tuple(q.name for q in shares.quantities), shares.summed, shares.note)
    try:
        smoothing = _smoothing(trace)
    except TraceError as fault:
        return RunView((), None, attention, None, None, fault.what)
    note, fields = "", None
    if receptive:
        try:
            fields = receptive_view(receptive_fields(trace, range(trace.data.num_nodes)))
        except TraceError as fault:
            note = fault.what
    return RunView(
        smoothing.titles, smoothing, attention, _colours(trace, smoothing.titles), fields, note
    )


def receptive_view(fields: Sequence[ReceptiveField]) -> ReceptiveView:
    """Describe the receptive fields of some atoms."""
    return ReceptiveView(
        np.asarray([f.atom for f in fields], dtype=np.int32),
        np.stack([f.norms for f in fields]),
        np.stack([f.heard for f in fields]),
        np.stack([f.distance for f in fields]),
    )


def _smoothing(trace: Trace) -> SmoothingView:
    found = trace.smoothing()
    return SmoothingView(
        found.titles,
        tuple(found.energy.tolist()),
        tuple(map(_known, found.share.tolist())),
        tuple(map(_known, found.distance.tolist())),
        found.without,
    )


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _colours(trace: Trace, titles: Sequence[str]) -> ColoursView | None:
    found = coloured_states(trace)
    if found is None:
        return None
    said = [verdict(found, titles)]
    if len(found.colours) < len(titles):
        said.append("Colours end where a pooling begins: its nodes are no atoms.")
    if line := pair_line(trace):
        said.append(line)
    return ColoursView(
        found.colours.astype(np.int32),
        tuple(found.spread.tolist()),
        found.states,
        found.features,
        found.bonds,
        tuple(said),
    )


def verdict(found: ColouredStates, titles: Sequence[str]) -> str:
    """Whether atoms of one colour are in one state, as the numbers have it."""
    if all(found.equal):
        most = float(found.spread.max())
        how = f": they differ by {power(most)} at most, which is rounding" if most else ""
        return (
            f"Atoms of one colour have equal states in every round{how or ', to the last digit'}."
        )
    t = found.equal.index(False)
    return (
        f"{titles[t]}: states of one colour differ by {power(float(found.spread[t]))} (the largest "
        f"number is {found.size[t]:.2g}). This network reads what the colours do not know, such as "
        "atoms further away in one round, or lengths."
    )


def power(value: float) -> str:
    """A number in two digits: 0.14, 7.2×10⁻⁶."""
    if value >= SMALL:
        return f"{value:.2g}"
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
