"""What the stage shows, as plain data: the one description that widget and export read.

The front end's types are generated from these classes (`mpnn_lab.views.typescript`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mpnn_lab.chem import Depiction
from mpnn_lab.tracing.arithmetic import Quantity
from mpnn_lab.views.run import RunView

SubStep = Literal[
    "features", "project", "gather", "edge matrix", "attention", "message", "aggregate",
    "norm", "update", "edge update", "pool", "jumping knowledge", "readout", "predict",
]  # fmt: skip
Training = Literal["trained", "untrained", "unknown"]
Role = Literal[
    "bond", "self-loop", "virtual", "master", "radius", "complete", "merged", "hyperedge", "other",
]  # fmt: skip


@dataclass(frozen=True)
class Prediction:
    """One target's value in the model's own unit ("" while it has none), and the measured one."""

    target: str
    value: float
    unit: str
    measured: float | None
    measured_note: str


@dataclass(frozen=True)
class HeaderView:
    """Who is on stage: molecule, model, what it was trained on, what it says.

    `training` is ``unknown`` for a model that was not made here.
    """

    title: str
    smiles: str
    model: str
    training: Training
    status: str
    predictions: tuple[Prediction, ...]


@dataclass(frozen=True)
class MatricesView:
    """The edge matrices of one propagation, one for each kind of edge.

    `caption` says in words what they are; `table` names the quantity that holds them
    ([kinds, in, out]); `counts` says how many edges (directed) share each, `bonds` how many bonds.
    `sigma`, [kinds, min(in, out)], holds its singular values, the largest first: by so much it
    lengthens states, each along a direction of its own.
    """

    caption: str
    table: str
    labels: tuple[str, ...]
    counts: NDArray[np.int32]
    bonds: NDArray[np.int32]
    sigma: NDArray[np.float32]
    exact: bool


@dataclass(frozen=True)
class PropagationView:
    """One call of propagate: its own edges, and the names of what was recorded on them.

    `label` says which of several it is, such as ``"single bonds"``; those of one `hop` run side by
    side, those of the next send what the last ones left. `source`, `target`, `bond`
    (-1: none) and `kind` (row of the matrices, -1: none) are int32 [edges]; `role` indexes
    `roles`. `aggregated` is None where it has no row for each atom or set; `ordered` says whether
    the aggregation depends on the order of the messages.
    `relation` says whether its edges are those of one type alone, `reads_sender` whether its
    messages are made of the senders' states, `scores` whether they are a pooling's scores of edges.
    """

    label: str
    hop: int
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    bond: NDArray[np.int32]
    kind: NDArray[np.int32]
    role: NDArray[np.uint8]
    roles: tuple[Role, ...]
    messages: str
    weights: str | None
    weights_label: str
    aggregated: str | None
    aggr: str
    ordered: bool
    matrices: MatricesView | None
    relation: bool = False
    reads_sender: bool = True
    scores: bool = False


@dataclass(frozen=True)
class PoolView:
    """How atoms drop out or merge at the end of a round.

    `members` is int32 [P, 2]: a node before, and the node after that it belongs to. `centres`
    is int32 [N', 2]: a node after, and the node before whose row it keeps (none where rows are
    added up). `scoring` is the number of the propagation along whose edges it scores (-1: none).
    """

    name: str
    formula: str
    merges: bool
    scoring: int
    members: NDArray[np.int32]
    centres: NDArray[np.int32]


@dataclass(frozen=True)
class RoundView:
    """One layer call, as the user counts rounds (from 1), and the pooling that ends it.

    A pooling that sends along edges has the last of the `propagations`. `undrawn` says in words
    where a layer's messages go that are none of them; empty where they are drawn.
    """

    number: int
    layer: str
    kind: str
    formula: str
    state_in: str
    state_out: str
    propagations: tuple[PropagationView, ...]
    pool: PoolView | None
    undrawn: str = ""


@dataclass(frozen=True)
class ChapterView:
    """A block of the timeline: Input, Round 1 .. T, Jumping knowledge, Readout, Prediction.

    `ordered` marks a readout that depends on the order of the atoms.
    """

    title: str
    kind: Literal["input", "round", "jumping", "readout", "prediction"]
    round: int
    caption: str
    ordered: bool = False


@dataclass(frozen=True)
class StepView:
    """One stop of the timeline: what the lens shows there, in order.

    `chapter` indexes the chapters, `round` the rounds (-1: none), `propagation` that round's
    propagations (-1: none). `state` names the node quantity that colours the atoms; `nodes` is
    the number of the set of nodes on stage.
    """

    chapter: int
    round: int
    propagation: int
    name: SubStep
    quantities: tuple[str, ...]
    state: str
    nodes: int


@dataclass(frozen=True)
class CheckView:
    """What was recomputed and agreed, and what could not be."""

    passed: int
    failed: tuple[str, ...]
    unchecked: tuple[str, ...]
    largest_error: float


@dataclass(frozen=True)
class AskedMatrixView:
    """The matrix from the sender's state to one message, where it was asked for.

    `round`, `propagation` and `edge` count from 0, as the rounds, their propagations and these
    ones' edges stand here; `values` is [in, out]; `exact` is False for a Jacobian; `start` says
    whose state h_j is, the ``layer``'s or the ``step``'s.
    """

    round: int
    propagation: int
    edge: int
    values: NDArray[np.float32]
    exact: bool
    start: Literal["layer", "step"]


@dataclass(frozen=True)
class StageView:
    """Everything the stage needs, sent once.

    Nodes are numbered once for all rounds: atoms first, then what poolings have merged
    (`members`, int32 [P, 2], says which atoms each of those is; its `node_atoms` is -1), then a
    master, then the sets of atoms that messages go through (`hyperedges` are their numbers, and
    `members` says their atoms, too).
    `node_sets` are those that are there after 0, 1, 2 ... poolings; a quantity of nodes has a row
    for every node, of which those of its set mean something, and so has one of hyperedges.
    `formulas` says how each quantity is made, in the paper's letters, by its name. `run` holds what
    is seen only when all rounds stand side by side, `asked` the matrices that a page without a
    kernel is given.
    """

    header: HeaderView
    molecule: Depiction
    node_atoms: NDArray[np.int32]
    node_labels: tuple[str, ...]
    node_sets: tuple[NDArray[np.int32], ...]
    members: NDArray[np.int32]
    hyperedges: NDArray[np.int32]
    feature_names: tuple[str, ...]
    edge_feature_names: tuple[str, ...]
    chapters: tuple[ChapterView, ...]
    steps: tuple[StepView, ...]
    rounds: tuple[RoundView, ...]
    quantities: tuple[Quantity, ...]
    formulas: dict[str, str]
    check: CheckView
    run: RunView
    asked: tuple[AskedMatrixView, ...] = ()
