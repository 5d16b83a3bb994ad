"""Readouts that read more than the atoms' last states: the R of Gilmer et al. (2017)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch_geometric.nn import Aggregation
from torch_geometric.nn.aggr import Set2Set

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.clusters import CLUSTERS
from mpnn_lab.nn.nearest import did_you_mean

Reads = Literal["h_0", "features", "states"]
"""The first states, the atoms' features, the states of all rounds (the first among them)."""


class GatedReadout(Aggregation):
    r"""Each atom says something, and how much of it counts.

    .. math:: R = \sum_i \sigma(i([h_i^T, h_i^0])) \odot j(h_i^T)

    (Li et al. 2016, arXiv:1511.05493, eq. 7; Gilmer et al. 2017, eq. 4.) The papers leave the
    networks i and j open; here both are two linear layers with a ReLU.

    Parameters
    ----------
    width, first : widths of h^T and h^0.
    """

    def __init__(self, width: int, first: int) -> None:
        super().__init__()
        self.gate_nn = _two_layers(width + first, width)
        self.value_nn = _two_layers(width, width)

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2, h_0: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Last states [N, F] and first states [N, F_0] to [graphs, F]."""
        assert h_0 is not None
        shares = self.gate_nn(torch.cat([x, h_0], dim=-1)).sigmoid()
        out: Tensor = self.reduce(shares * self.value_nn(x), index, ptr, dim_size, dim)
        return out


class InputSet2Set(Aggregation):
    r"""Set2set over states and features, projected together.

    .. math:: R = set2set(\{[h_i^T, x_i] W\})

    (Gilmer et al. 2017, section 5.3; set2set: Vinyals et al. 2015, arXiv:1511.06391.)

    Parameters
    ----------
    width, columns : widths of h^T and of the features x.
    """

    def __init__(self, width: int, columns: int, processing_steps: int = 3) -> None:
        super().__init__()
        self.lin = nn.Linear(width + columns, width)
        self.set2set = Set2Set(width, processing_steps=processing_steps)

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2, features: Tensor | None = None,
    ) -> Tensor:  # fmt: skip
        """Last states [N, F] and features [N, D] to [graphs, 2 F]."""
        assert features is not None
        tuples = self.lin(torch.cat([x, features], dim=-1))
        out: Tensor = self.set2set(tuples, index, ptr, dim_size, dim)
        return out


class FingerprintReadout(Aggregation):
    r"""Every atom writes into the fingerprint after every round, softly.

    .. math:: R = \sum_t \sum_i softmax(h_i^t W_t)

    (Duvenaud et al. 2015, arXiv:1509.09292, algorithm 2; Gilmer et al. 2017, section 2.) The first
    states, t = 0, write too, as in Duvenaud et al.'s own program.

    Parameters
    ----------
    widths : widths of h^0, ..., h^T.
    out_channels : length of the fingerprint.
    """

    def __init__(self, widths: Sequence[int], out_channels: int) -> None:
        super().__init__()
        self.lins = nn.ModuleList(nn.Linear(width, out_channels, bias=False) for width in widths)

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2, states: tuple[Tensor, ...] = (),
    ) -> Tensor:  # fmt: skip
        """States [N, F_t] of all rounds, the last of them also as `x`, to [graphs, out]."""
        written = [lin(h).softmax(-1) for lin, h in zip(self.lins, states, strict=True)]
        out: Tensor = self.reduce(torch.stack(written).sum(0), index, ptr, dim_size, dim)
        return out


class AtomwiseReadout(Aggregation):
    r"""Each atom's own network, summed.

    .. math:: R = \sum_i NN(h_i^T)

    (Schütt et al. 2017, arXiv:1609.08259, eq. 5; Gilmer et al. 2017, section 2.) One hidden layer,
    bent by tanh.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.nn = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, width))

    def forward(
        self, x: Tensor, index: Tensor | None = None, ptr: Tensor | None = None,
        dim_size: int | None = None, dim: int = -2,
    ) -> Tensor:  # fmt: skip
        """Last states [N, F] to [graphs, F]."""
        out: Tensor = self.reduce(self.nn(x), index, ptr, dim_size, dim)
        return out


def _two_layers(width_in: int, width: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width_in, width), nn.ReLU(), nn.Linear(width, width))


@dataclass(frozen=True)
class ReadoutEntry:
    """One readout of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    build : widths of the states h^0, ..., h^T and of the features -> module.
    formula : what it makes of the atoms, and where it comes from.
    reads : what it reads beside the last states.
    widens : how many times wider than the last states what it gives is.
    """

    name: str
    build: Callable[[Sequence[int], int], Aggregation]
    formula: str
    reads: tuple[Reads, ...] = ()
    widens: int = 1


_ENTRIES = (
    ReadoutEntry(
        "gated",
        lambda widths, columns: GatedReadout(widths[-1], widths[0]),
        "Σ_i σ(MLP([h_i, h⁰_i])) ⊙ MLP(h_i) (Li et al. 2016, arXiv:1511.05493)",
        reads=("h_0",),
    ),
    ReadoutEntry(
        "set2set with x",
        lambda widths, columns: InputSet2Set(widths[-1], columns),
        "set2set over [h_i, x_i] W (Gilmer et al. 2017, arXiv:1704.01212)",
        reads=("features",),
        widens=2,
    ),
    ReadoutEntry(
        "fingerprint",
        lambda widths, columns: FingerprintReadout(widths, widths[-1]),
        "Σ_t Σ_i softmax(hᵗ_i W_t), over all rounds t (Duvenaud et al. 2015, arXiv:1509.09292)",
        reads=("states",),
    ),
    ReadoutEntry(
        "atomwise",
        lambda widths, columns: AtomwiseReadout(widths[-1]),
        "Σ_i MLP(h_i) (Schütt et al. 2017, arXiv:1609.08259)",
    ),
)

READOUTS: dict[str, ReadoutEntry] = {entry.name: entry for entry in _ENTRIES}
"""Those that are no plain aggregations; every name in `AGGREGATORS` is a readout, too."""


def readout_entry(name: str, field: str) -> ReadoutEntry:
    """The registry's entry; SpecError, led by the field, for a name that is not there."""
    if name in READOUTS:
        return READOUTS[name]
    if name not in AGGREGATORS:
        raise SpecError(
            f"{field}: there is no readout {name!r}",
            mend=did_you_mean(name, (*AGGREGATORS, *READOUTS, *CLUSTERS), "The readouts are"),
        )
    plain = AGGREGATORS[name]
    return ReadoutEntry(
        name, lambda widths, columns: plain.build(widths[-1]), plain.formula, (), plain.widens
    )
