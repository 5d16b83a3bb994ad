"""How much of each atom a readout takes in, where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch_geometric.nn import aggr

from mpnn_lab.tracing.arithmetic import Quantity

if TYPE_CHECKING:
    from mpnn_lab.tracing.trace import Trace

ALIKE = (aggr.SumAggregation, aggr.MeanAggregation)
SHARES = ("readout/share",)
"""What else than a softmax over the atoms says how much of each is taken in."""


@dataclass(frozen=True)
class ReadoutShares:
    """The shares of the atoms in a readout.

    Attributes
    ----------
    quantities : of set2set the attention at each processing step; of a readout with one attention,
        that. Each has a row for every atom that the readout was given.
    summed : whether each one's shares add up to 1 over the atoms; those of a gate do not.
    note : in words why there are none; "" where there are.
    """

    quantities: tuple[Quantity, ...]
    summed: bool
    note: str


def readout_shares(trace: Trace) -> ReadoutShares:
    """The shares in the readout of a trace, or why there are none."""
    if trace.readout is None:
        return ReadoutShares((), False, "No readout over the atoms was seen in this model.")
    (book,) = (b for b in trace.books if b.title == "Readout")
    own = [e.quantity for e in book.ledger.entries]
    found = [q for q in own if q.per == "node" and q.op == "softmax_nodes"]
    if found:
        return ReadoutShares(tuple(found), True, "")
    other = tuple(q for q in own if q.per == "node" and q.name in SHARES)
    if other:
        return ReadoutShares(other, False, "")
    module = trace.model.get_submodule(trace.readout.layer)
    inner = getattr(module, "inner", module)
    if type(inner) in ALIKE:
        return ReadoutShares((), False, "This readout has no attention: every atom counts alike.")
    opaque = [c for c in book.ledger.checks if c.agrees is None and c.name == "readout/readout"]
    if opaque:
        what = f"{type(inner).__name__} shows no share of each atom: {opaque[0].reason}."
        return ReadoutShares((), False, what)
    if any(q.op == "opaque" and q.per == "graph" for q in own):
        what = f"{type(inner).__name__} is recomputed as a whole: it shows no share of each atom."
        return ReadoutShares((), False, what)
    return ReadoutShares((), False, "This readout has no attention over the atoms.")
