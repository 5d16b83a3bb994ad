"""Readouts by clusters that a specification can name, with their options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch_geometric import nn as pyg

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.clustering import (
    ClusterReadout,
    Dense,
    DenseReadout,
    DiffPool,
    DMoNPool,
    MemReadout,
    MinCutPool,
)
from mpnn_lab.nn.ranges import Option, Range

MOST = 128
"""Clusters, or heads, at most."""


def _gin(width_in: int, width: int) -> nn.Module:
    network = nn.Sequential(nn.Linear(width_in, width), nn.ReLU(), nn.Linear(width, width))
    layer: nn.Module = pyg.DenseGINConv(network)
    return layer


DENSE: dict[str, Dense] = {
    "DenseGCNConv": pyg.DenseGCNConv,
    "DenseSAGEConv": pyg.DenseSAGEConv,
    "DenseGraphConv": pyg.DenseGraphConv,
    "DenseGINConv": _gin,
    "DenseGATConv": pyg.DenseGATConv,
}
"""PyG's dense layers."""


@dataclass(frozen=True)
class ClusterEntry:
    """One readout of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    build : channels and options -> module.
    formula : what it makes of the atoms' states H, of the bonds A.
    paper : where it comes from.
    options : their names and defaults.
    """

    name: str
    build: Callable[[int, dict[str, Any]], ClusterReadout]
    formula: str
    paper: str
    options: dict[str, int | str]
    widens: int = 1
    order: bool = False

    def described(self) -> dict[str, Option]:
        """The options with their ranges, by name."""
        return {
            name: Option(
                name,
                default,
                (type(default),),
                # Between fewer than two clusters nothing is normalised.
                Range(2 if name == "clusters" else 1, MOST),
                tuple(DENSE) if name == "layer" else (),
            )
            for name, default in self.options.items()
        }


def _dense(name: str, width: int) -> nn.Module:
    return DENSE[name](width, width)


def _diff(width: int, options: dict[str, Any]) -> ClusterReadout:
    states = _dense(options["layer"], width)
    share = DENSE[options["layer"]](width, options["clusters"])
    return DenseReadout(DiffPool(states, share), _dense(options["layer"], width))


def _mincut(width: int, options: dict[str, Any]) -> ClusterReadout:
    pool = MinCutPool(nn.Linear(width, options["clusters"]))
    return DenseReadout(pool, _dense(options["layer"], width))


def _dmon(width: int, options: dict[str, Any]) -> ClusterReadout:
    pool = DMoNPool(pyg.DMoNPooling(width, options["clusters"]))
    return DenseReadout(pool, _dense(options["layer"], width))


_ENTRIES = (
    ClusterEntry(
        "mem pooling",
        lambda width, options: MemReadout(width, options["clusters"], options["heads"]),
        "Sᵀ H W twice, K clusters and then one;  S = softmax over the clusters of 1/(1 + |h_i − "
        "k|²) for the keys k, of several heads",
        "Khasahmadi et al. 2020, Memory-Based Graph Networks, arXiv:2002.09518",
        {"clusters": 4, "heads": 4},
    ),
    ClusterEntry(
        "diff pooling",
        _diff,
        "S = softmax GNN(H, A),  Z = GNN(H, A);   mean over the clusters of GNN(Sᵀ Z, Sᵀ A S)",
        "Ying et al. 2018, Hierarchical Graph Representation Learning, arXiv:1806.08804",
        {"clusters": 4, "layer": "DenseSAGEConv"},
    ),
    ClusterEntry(
        "mincut pooling",
        _mincut,
        "S = softmax (H W);   mean over the clusters of GNN(Sᵀ H, Sᵀ A S), the bonds between "
        "clusters normalised",
        "Bianchi et al. 2020, Spectral Clustering with GNNs for Graph Pooling, arXiv:1907.00481",
        {"clusters": 4, "layer": "DenseGraphConv"},
    ),
    ClusterEntry(
        "dmon pooling",
        _dmon,
        "S = softmax (H W);   mean over the clusters of GNN(SELU(Sᵀ H), Sᵀ A S), the bonds "
        "between clusters normalised",
        "Tsitsulin et al. 2020, Graph Clustering with Graph Neural Networks, arXiv:2006.16904",
        {"clusters": 4, "layer": "DenseGCNConv"},
    ),
)

CLUSTERS: dict[str, ClusterEntry] = {entry.name: entry for entry in _ENTRIES}


def check_readout_options(readout: str, options: Mapping[str, Any]) -> None:
    """Refuse options that this readout does not have: SpecError."""
    entry = CLUSTERS.get(readout)
    known = entry.described() if entry is not None else {}
    for name, value in options.items():
        if name not in known:
            raise SpecError(
                f"readout_options.{name}: {readout} has no such option",
                mend=f"Its options are {', '.join(known) or 'none'}.",
            )
        known[name].check(value, "readout_options")


def build_clusters(entry: ClusterEntry, width: int, options: Mapping[str, Any]) -> ClusterReadout:
    """The readout with these options, its defaults for the rest."""
    return entry.build(width, {**entry.options, **options})
