"""The arithmetic of message passing as named quantities, each made from others by one operation.

A layer's form writes its computation down once, as a list of `Quantity`; the same list is
recomputed here in float64 to verify the run, and drawn by the lens, which spells out any cell.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Per = Literal["node", "edge", "kind", "graph", "model", "hyperedge"]
"""What the first axis of a quantity counts; `model` has none: one value for the whole model.

A hyperedge is a set of atoms that takes part as a node of another sort.
"""

Op = Literal[
    "recorded",  # taken from the run or the model as it is
    "source",  # (node) -> edge: the row of the edge's source atom
    "target",  # (node) -> edge: the row of the edge's target atom
    "of_kind",  # (kind) -> edge: the row of the edge's kind
    "of_graph",  # (graph) -> node: the row of the atom's graph
    "linear",  # (x, W[in, out], b?) : x @ W + b
    "add",  # (a, b, ...) elementwise; axes align from the left: alpha[head] * x[head, channel]
    "multiply",  # (a, b, ...) elementwise, aligned likewise
    "maximum",  # (a, b, ...) elementwise
    "power",  # constants: exponent; nothing (0) where the base is 0
    "clamp",  # constants: low, high
    "relu",
    "leaky_relu",  # constants: slope
    "elu",
    "silu",
    "gelu",  # x Φ(x), Φ the standard normal distribution
    "sigmoid",
    "tanh",
    "softplus",  # log(1 + exp(x))
    "exp",
    "log",
    "layer_norm",  # (x, weight, bias), constants: eps
    "dot",  # (a, b): the sum over the last axis of a * b
    "point_pair",  # (d, n_i, n_j): |d| and, in radians, the angles (n_i, d), (n_j, d), (n_i, n_j)
    "softmax_incoming",  # (edge) -> edge: over the messages that reach the same atom
    "sum_incoming",  # (edge) -> node
    "mean_incoming",
    "max_incoming",
    "min_incoming",
    "mul_incoming",
    "var_incoming",  # the mean of the squares less the square of the mean
    "std_incoming",  # its root; 0 where it is below 1e-5
    "quantile_incoming",  # constants: q, rule (QUANTILES); 0 where nothing comes in
    "rows_incoming",  # one after another in their order; constants: places, 0 in those left over
    "sorted_incoming",  # likewise, the largest last channel first, equal ones in their order
    "weighted_sum_incoming",  # (weight per edge, edge) -> node
    "kept",  # (node before a pooling) -> node after it: the rows of those that stay
    "sum_members",  # (node before a pooling) -> node after it: the sum over those that merge
    "interpolate",  # (z, n, h): (1 - z) * n + z * h
    "split_heads",  # constants: heads; [heads * channels] -> [heads, channels]
    "flatten",  # heads side by side: [heads, channels] -> [heads * channels]
    "mean_heads",  # the mean over the first axis
    "sum_heads",  # the sum over it
    "softmax_heads",  # the softmax over it
    "repeat_heads",  # constants: heads; every head the same: [channel] -> [heads, channel]
    "combine",  # (w, x): the matrix product of each row: [head, base], [base, channel] -> both
    "concatenate",  # (a, b, ...) end to end
    "channels",  # constants: start, stop; these of each row
    "softmax_channels",  # within each row
    "softmax_nodes",  # (node) -> node: over the atoms of a graph
    "sum_nodes",  # (node) -> graph
    "mean_nodes",
    "max_nodes",
    "min_nodes",
    "mul_nodes",
    "var_nodes",
    "std_nodes",
    "quantile_nodes",
    "rows_nodes",
    "sorted_nodes",
    "weighted_sum_nodes",  # (weight per node, node) -> graph
    "opaque",  # made by something whose formula is not known here
]


QUANTILES = ("linear", "lower", "higher", "midpoint")
"""How a quantile between two numbers is made of them; constants hold the place in this list."""


@dataclass(frozen=True)
class Quantity:
    """One named thing in the arithmetic of a run.

    Attributes
    ----------
    name : its key, unique in a stage, such as ``"round 2/message"``.
    symbol : the paper's letter, with subscripts after an underscore: ``"h_j"``, ``"W_ij"``.
    label : what it is in plain words: ``"message"``.
    per : what its rows count.
    axes : names of the axes after the rows, such as ``("head", "channel")``.
    values : float32, shape [rows, *axes] (``model``: [*axes]); ``None`` for a mere view
        (`source`, `target`, `of_kind`, `of_graph`), whose rows are its argument's.
    op, args, constants : how it is made, from the quantities of these names.
    recorded : whether `values` came out of the model's own run (else they were recomputed
        from values that did).
    error : largest absolute difference between `values` and the recomputation in float64,
        ``None`` where there is nothing to compare.
    unit : the unit of the values; empty for the network's own dimensionless numbers.
    nodes : for rows that are nodes, after how many poolings: 0 where they are the graph's own.
    scaled : rows (as text) that were multiplied on purpose once they were made, and by what.
    """

    name: str
    symbol: str
    label: str
    per: Per
    axes: tuple[str, ...]
    values: NDArray[np.float32] | None
    op: Op = "recorded"
    args: tuple[str, ...] = ()
    constants: dict[str, float] = field(default_factory=dict)
    recorded: bool = True
    error: float | None = None
    unit: str = ""
    nodes: int = 0
    scaled: dict[str, float] = field(default_factory=dict)


def state_symbol(rounds: int) -> str:
    """The letter of an atom's state after so many rounds: ``h⁰_i``, ``h¹_i``, ..."""
    return "h" + str(rounds).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) + "_i"
