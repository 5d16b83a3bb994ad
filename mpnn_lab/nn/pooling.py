"""Every pooling a specification can name: between rounds, atoms drop out or merge."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn
from torch_geometric.nn import MessagePassing
from torch_geometric.nn import pool as pyg

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.by_type import Enclosing
from mpnn_lab.nn.nearest import did_you_mean
from mpnn_lab.nn.pool import OrderedEdgePooling, Pool

if TYPE_CHECKING:
    from mpnn_lab.nn.layer import Layer
    from mpnn_lab.nn.spec import ModelSpec

HALF = 0.5
TIES = "where two atoms have one score: which of them stays is a matter of their order"


@dataclass(frozen=True)
class PoolEntry:
    """One pooling of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    build : channels and ratio -> PyG's module.
    formula : what it makes of the states h_i.
    paper : where it comes from.
    merges : whether atoms merge; else those that do not stay drop out, and bonds between those
        that stay keep their features.
    ratio : whether it keeps a given share of the atoms (rounded up), or as many as it finds.
    order : when the result depends on the order of the atoms.
    """

    name: str
    build: Callable[[int, float], nn.Module]
    formula: str
    paper: str
    merges: bool
    ratio: bool
    order: str


def _asa(width: int, ratio: float) -> nn.Module:
    """PyG's module, which multiplies sparse matrices: torch warns of those once a process."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sparse", UserWarning)
        with torch.device("cpu"):  # also where the rest is made without any numbers
            torch.sparse_csr_tensor(torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1))
    asa: nn.Module = pyg.ASAPooling(width, ratio)
    return asa


_ENTRIES = (
    PoolEntry(
        "top k",
        lambda width, ratio: pyg.TopKPooling(width, ratio),
        "s_i = tanh(h_i · p/|p|);   the atoms with the largest s_i stay:  h_i' = s_i h_i",
        "Gao and Ji 2019, Graph U-Nets, arXiv:1905.05178",
        merges=False,
        ratio=True,
        order=TIES,
    ),
    PoolEntry(
        "sag",
        lambda width, ratio: pyg.SAGPooling(width, ratio),
        "y_i = Σ_j h_j · W_1 + h_i · W_2 + b,  s_i = tanh(± y_i);   the atoms with the largest s_i "
        "stay:  h_i' = s_i h_i",
        "Lee et al. 2019, Self-Attention Graph Pooling, arXiv:1904.08082",
        merges=False,
        ratio=True,
        order=TIES,
    ),
    # PyG's SelectTopK multiplies scores by a weight, of which the sign alone counts; no gradient
    # reaches it, so that the sign stays as it was drawn.
    PoolEntry(
        "asa",
        _asa,
        "x_i = Σ_j α_ij h_j over i and its neighbours,  α_ij = softmax_j LeakyReLU([max_k h_k · W, "
        "h_j] · a);   the clusters with the largest ± φ_i stay:  h_i' = φ_i x_i,  φ_i = σ(Σ_j (x_j "
        "w_1 − x_i w_2) + x_i w_3)",
        "Ranjan et al. 2020, ASAP: Adaptive Structure Aware Pooling, arXiv:1911.07979",
        merges=True,
        ratio=True,
        order=TIES,
    ),
    PoolEntry(
        "edge",
        lambda width, ratio: OrderedEdgePooling(width),
        "s_ij = ½ + softmax_j ([h_j, h_i] · w + b);   the largest s_ij first, two atoms that are "
        "still alone merge:  h' = s_ij (h_i + h_j);  the others stay",
        "Diehl 2019, Edge Contraction Pooling for Graph Neural Networks, arXiv:1905.10990",
        merges=True,
        ratio=False,
        order="where two bonds of an atom have one score, as those to atoms with no other bond "
        "always do: which of them is contracted is a matter of their order",
    ),
)

POOLS: dict[str, PoolEntry] = {entry.name: entry for entry in _ENTRIES}
UNAVAILABLE_POOLS: dict[str, str] = {
    "pan": "reads the matrix that PANConv leaves, which needs torch-sparse, and that is not "
    "installed. Take 'top k'.",
    "cluster": "makes a dense matrix of all bonds of a batch. Take 'edge'.",
}


def pool_entry(name: str) -> PoolEntry:
    """The registry's entry; SpecError for a name that is not there."""
    if name in UNAVAILABLE_POOLS:
        raise SpecError(f"pool: {name} {UNAVAILABLE_POOLS[name]}")
    if name not in POOLS:
        raise SpecError(
            f"pool: there is no pooling {name!r}",
            mend=did_you_mean(name, ("none", *POOLS), "The poolings are"),
        )
    return POOLS[name]


def check_pool(layer: Layer) -> None:
    """Refuse a pooling that is not there, and a ratio that would mean nothing: SpecError."""
    entry = None if layer.pool == "none" else pool_entry(layer.pool)
    if layer.pool_ratio is None:
        return
    if entry is None or not entry.ratio:
        raise SpecError(
            f"pool_ratio: {layer.pool_ratio}, but the pooling {layer.pool!r} keeps no given share",
            mend=f"Leave it out, or take one of {', '.join(p for p in POOLS if POOLS[p].ratio)}.",
        )


def build_pool(layer: Layer, width: int) -> Pool | None:
    """The pooling that ends this round with states of `width` channels; None for none."""
    if layer.pool == "none":
        return None
    ratio = HALF if layer.pool_ratio is None else layer.pool_ratio
    return Pool(layer.pool, POOLS[layer.pool].build(width, ratio))


def check_pools(spec: ModelSpec, compound: bool) -> None:
    """Refuse what cannot stand beside a pooling, or read what one does not leave: SpecError."""
    from mpnn_lab.nn.clusters import CLUSTERS
    from mpnn_lab.nn.readouts import readout_entry
    from mpnn_lab.nn.registry import layer_entry

    first = next((t for t, layer in enumerate(spec.rounds) if layer.pool != "none"), None)
    if first is None:
        return
    where = f"rounds.{first}.pool: {spec.rounds[first].pool!r}"
    if compound:
        raise SpecError(
            f"{where}, but towers, two directions and a master node go on with all atoms",
            mend="Leave one of the two out.",
        )
    reads = () if spec.readout in CLUSTERS else readout_entry(spec.readout, "readout").reads
    if reads:
        raise SpecError(
            f"readout: {spec.readout} reads {reads[0]} of all atoms, and after the pooling of "
            f"round {first + 1} some are missing",
            mend="Take another readout, or no pooling.",
        )
    merged: tuple[int, str] | None = None
    for t, layer in enumerate(spec.rounds):
        needs = [need for need in layer_entry(layer.name).reads if need != "batch"]
        if t > first and "history" in needs:
            raise SpecError(
                f"rounds.{t}.name: {layer.name} reads the states of former rounds, whose atoms "
                f"are not all there after the pooling of round {first + 1}"
            )
        if merged is not None and needs:
            raise SpecError(
                f"rounds.{t}.name: {layer.name} reads {needs[0]}, which merged atoms and the edges "
                f"between them do not have after the pooling {merged[1]!r} of "
                f"round {merged[0] + 1}",
                mend="Take a layer that reads states alone, such as GraphConv, or a pooling that "
                "keeps bonds as they are, such as 'top k'.",
            )
        seen = issubclass(layer_entry(layer.name).conv, (MessagePassing, Enclosing))
        if layer.pool != "none" and not seen:
            raise SpecError(
                f"rounds.{t}.pool: {layer.pool!r} after {layer.name}, which holds other layers: "
                "which atoms are left after it could not be followed",
                mend="Take a layer that passes messages by itself, such as GraphConv.",
            )
        if layer.pool != "none" and POOLS[layer.pool].merges:
            merged = (t, layer.pool)
