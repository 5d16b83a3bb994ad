"""Every aggregation a specification can name: within layers, and as a readout over the atoms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import nn
from torch_geometric.nn import Aggregation, aggr

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.by_size import BySize
from mpnn_lab.nn.nearest import did_you_mean
from mpnn_lab.nn.sorting import SortAggregation

DEGREES = (3, 1788, 2545, 1164, 100)
"""How many atoms of the bundled FreeSolv have 0, 1, 2, ... neighbours."""
LARGEST = 128
"""Atoms that aggregations with a fixed number of places make room for."""


@dataclass(frozen=True)
class AggregatorEntry:
    """One aggregation of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    build : channels in -> module.
    formula : what it makes of the rows x_j, and where it comes from.
    in_layers : whether layers may aggregate their messages with it, whatever their width.
    learned : whether layers whose messages are plain rows may, too: it is built for their width
        and keeps it.
    widens : how many times wider what it gives is.
    order : whether it depends on the order of the atoms, which means nothing in a molecule.
    """

    name: str
    build: Callable[[int], Aggregation]
    formula: str
    in_layers: bool = False
    learned: bool = False
    widens: int = 1
    order: bool = False


def _plain(cls: type[Aggregation]) -> Callable[[int], Aggregation]:
    return lambda width: cls()


def _mlp(width: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, out))


def _degree_scaler(width: int) -> Aggregation:
    """PyG's module reads numbers off its histogram, also where the rest is made without any."""
    with torch.device("cpu"):
        return aggr.DegreeScalerAggregation("mean", "amplification", torch.tensor(DEGREES))


def _heads(width: int) -> int:
    return 4 if width % 4 == 0 else 1


_ENTRIES = (
    AggregatorEntry("sum", _plain(aggr.SumAggregation), "Σ_j x_j", in_layers=True),
    AggregatorEntry("mean", _plain(aggr.MeanAggregation), "1/n Σ_j x_j", in_layers=True),
    AggregatorEntry("max", _plain(aggr.MaxAggregation), "max_j x_j", in_layers=True),
    AggregatorEntry("min", _plain(aggr.MinAggregation), "min_j x_j", in_layers=True),
    AggregatorEntry("mul", _plain(aggr.MulAggregation), "Π_j x_j", in_layers=True),
    AggregatorEntry(
        "var", _plain(aggr.VarAggregation), "mean_j x_j² − (mean_j x_j)²", in_layers=True
    ),
    AggregatorEntry(
        "std", _plain(aggr.StdAggregation), "√(mean_j x_j² − (mean_j x_j)²)", in_layers=True
    ),
    AggregatorEntry(
        "softmax",
        lambda width: aggr.SoftmaxAggregation(learn=True),
        "Σ_j s_j x_j,  s = softmax_j (t x_j),  t learned (Li et al. 2020, arXiv:2006.07739)",
        in_layers=True,
    ),
    AggregatorEntry(
        "powermean",
        lambda width: aggr.PowerMeanAggregation(learn=True),
        "(1/n Σ_j x_j^p)^(1/p),  p learned (Li et al. 2020, arXiv:2006.07739)",
        in_layers=True,
    ),
    AggregatorEntry(
        "variance preserving",
        _plain(aggr.VariancePreservingAggregation),
        "1/√n Σ_j x_j (Schneckenreiter et al. 2024, arXiv:2403.04747)",
        in_layers=True,
    ),
    AggregatorEntry(
        "median",
        lambda width: BySize(aggr.MedianAggregation()),
        "median_j x_j, the lower of two",
        learned=True,
    ),
    AggregatorEntry(
        "quantile",
        lambda width: aggr.QuantileAggregation([0.25, 0.5, 0.75]),
        "the quartiles of x_j, side by side",
        widens=3,
    ),
    AggregatorEntry(
        "several",
        lambda width: aggr.MultiAggregation(["mean", "max", "std"]),
        "[mean_j x_j, max_j x_j, std_j x_j]",
        widens=3,
    ),
    AggregatorEntry(
        "several, added",
        lambda width: aggr.MultiAggregation(["mean", "max", "std"], mode="sum"),
        "mean_j x_j + max_j x_j + std_j x_j",
        learned=True,
    ),
    AggregatorEntry(
        "degree scaler",
        _degree_scaler,
        "log(n + 1)/δ · 1/n Σ_j x_j,  δ the mean of log(d + 1) over FreeSolv's atoms "
        "(Corso et al. 2020, arXiv:2004.05718)",
        learned=True,
    ),
    AggregatorEntry(
        "attentional",
        lambda width: aggr.AttentionalAggregation(_mlp(width, 1)),
        "Σ_j s_j x_j,  s = softmax_j MLP(x_j) (Li et al. 2019, arXiv:1904.12787)",
        learned=True,
    ),
    AggregatorEntry(
        "set2set",
        lambda width: aggr.Set2Set(width, processing_steps=3),
        "three questions of an LSTM, each answered by attention over x_j "
        "(Vinyals et al. 2015, arXiv:1511.06391)",
        widens=2,
    ),
    AggregatorEntry(
        "deep sets",
        lambda width: aggr.DeepSetsAggregation(_mlp(width, width), _mlp(width, width)),
        "MLP(Σ_j MLP(x_j)) (Zaheer et al. 2017, arXiv:1703.06114)",
        learned=True,
    ),
    AggregatorEntry(
        "set transformer",
        lambda width: BySize(aggr.SetTransformerAggregation(width, heads=_heads(width))),
        "attention among the x_j, then of one seed to them (Lee et al. 2019, arXiv:1810.00825)",
        learned=True,
    ),
    AggregatorEntry(
        "multiset transformer",
        lambda width: BySize(aggr.GraphMultisetTransformer(width, k=8, heads=_heads(width))),
        "attention of 8 seeds to x_j, among them, of one to them "
        "(Baek et al. 2021, arXiv:2102.11533)",
        learned=True,
    ),
    AggregatorEntry(
        "equilibrium",
        lambda width: BySize(
            aggr.EquilibriumAggregation(width, width, num_layers=[width]), alone=True
        ),
        "the y that minimises a learned potential of all x_j (Bartunov et al. 2022, "
        "arXiv:2202.12795)",
        learned=True,
    ),
    AggregatorEntry(
        "lstm",
        lambda width: BySize(aggr.LSTMAggregation(width, width)),
        "the last state of an LSTM over x_1, x_2, ... (Hamilton et al. 2017, arXiv:1706.02216)",
        order=True,
        learned=True,
    ),
    AggregatorEntry(
        "gru",
        lambda width: BySize(aggr.GRUAggregation(width, width)),
        "the last state of a GRU over x_1, x_2, ... (Buterez et al. 2022, arXiv:2211.04952)",
        order=True,
        learned=True,
    ),
    AggregatorEntry(
        "sort",
        lambda width: SortAggregation(k=4),
        "the four x_j with the largest last channel, end to end; of equal ones, such as the zeros "
        "of a ReLU, as the atoms stand (Zhang et al. 2018, AAAI)",
        widens=4,
        order=True,
    ),
    AggregatorEntry(
        "mlp",
        lambda width: BySize(aggr.MLPAggregation(width, width, LARGEST, num_layers=1)),
        f"MLP([x_1, x_2, ...]), room for {LARGEST} atoms",
        order=True,
        learned=True,
    ),
    AggregatorEntry(
        "lcm",
        lambda width: BySize(aggr.LCMAggregation(width, width)),
        "pairs of x_j put together by a learned commutative operation, as in a tree "
        "(Ong and Veličković 2022, arXiv:2212.08541)",
        order=True,
        learned=True,
    ),
    AggregatorEntry(
        "patch transformer",
        lambda width: BySize(aggr.PatchTransformerAggregation(width, width, 2, width)),
        "attention among patches of two x_j, then their mean",
        order=True,
        learned=True,
    ),
)

AGGREGATORS: dict[str, AggregatorEntry] = {entry.name: entry for entry in _ENTRIES}
IN_LAYERS = tuple(name for name, entry in AGGREGATORS.items() if entry.in_layers)
LEARNED = tuple(name for name, entry in AGGREGATORS.items() if entry.learned)


def aggregator_entry(name: str, field: str) -> AggregatorEntry:
    """The registry's entry; SpecError, led by the field, for a name that is not there."""
    if name not in AGGREGATORS:
        raise SpecError(
            f"{field}: there is no aggregation {name!r}",
            mend=did_you_mean(name, AGGREGATORS, "The aggregations are"),
        )
    return AGGREGATORS[name]
