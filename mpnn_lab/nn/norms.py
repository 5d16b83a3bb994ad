"""Every normalisation a specification can name: within a round, after its layer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn
from torch_geometric.nn import norm

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.nearest import did_you_mean
from mpnn_lab.nn.norm import Norm

GROUPS = 4
"""Into how many groups the group normalisation shares each atom."""


@dataclass(frozen=True)
class NormEntry:
    """One normalisation of the registry.

    Attributes
    ----------
    name : what a specification calls it.
    build : channels -> module.
    formula : what it makes of an atom's x_i, of the molecule of n atoms.
    paper : where it comes from.
    reads : what its module is given beside x: the atoms' molecules, or the states h that
        entered the round.
    """

    name: str
    build: Callable[[int], nn.Module]
    formula: str
    paper: str
    reads: str = ""


_ENTRIES = (
    NormEntry("none", lambda width: nn.Identity(), "x_i", "nothing is normalised"),
    NormEntry(
        "batch",
        lambda width: norm.BatchNorm(width),
        "γ (x_i − μ)/√(σ² + ε) + β,  μ and σ² of each channel over all atoms of the batch; "
        "in use, those that training left behind",
        "Ioffe and Szegedy 2015, Batch Normalization, arXiv:1502.03167",
    ),
    NormEntry(
        "instance",
        lambda width: norm.InstanceNorm(width),
        "(x_i − μ)/√(σ² + ε),  μ and σ² of each channel over the molecule's atoms",
        "Ulyanov et al. 2016, Instance Normalization, arXiv:1607.08022",
        reads="batch",
    ),
    NormEntry(
        "layer",
        lambda width: norm.LayerNorm(width, mode="node"),
        "γ (x_i − μ_i)/√(σ_i² + ε) + β,  μ_i and σ_i² over the channels of the atom",
        "Ba et al. 2016, Layer Normalization, arXiv:1607.06450",
    ),
    NormEntry(
        "layer (molecule)",
        lambda width: norm.LayerNorm(width, mode="graph"),
        "γ (x_i − μ)/√(σ² + ε) + β,  μ and σ² over all channels of all the molecule's atoms",
        "Ba et al. 2016, Layer Normalization, arXiv:1607.06450; PyG's default",
        reads="batch",
    ),
    NormEntry(
        "graph",
        lambda width: norm.GraphNorm(width),
        "γ (x_i − α μ)/√(σ² + ε) + β,  μ the mean of each channel over the molecule's atoms, "
        "α learned, σ² the mean of (x_j − α μ)²",
        "Cai et al. 2021, GraphNorm, arXiv:2009.03294",
        reads="batch",
    ),
    NormEntry(
        "graph size",
        lambda width: norm.GraphSizeNorm(),
        "x_i/√n",
        "Dwivedi et al. 2020, Benchmarking Graph Neural Networks, arXiv:2003.00982",
        reads="batch",
    ),
    NormEntry(
        "pair",
        lambda width: norm.PairNorm(),
        "(x_i − μ)/√(ε + 1/n Σ_j |x_j − μ|²),  μ the mean over the molecule's atoms",
        "Zhao and Akoglu 2020, PairNorm: Tackling Oversmoothing in GNNs, arXiv:1909.12223",
        reads="batch",
    ),
    NormEntry(
        "mean subtraction",
        lambda width: norm.MeanSubtractionNorm(),
        "x_i − 1/n Σ_j x_j",
        "Yang et al. 2020, Revisiting Over-smoothing in Deep GCNs, arXiv:2003.13663",
        reads="batch",
    ),
    NormEntry(
        "message",
        lambda width: norm.MessageNorm(learn_scale=True),
        "s |h_i| x_i/|x_i|,  h_i the state before the round, s learned",
        "Li et al. 2020, DeeperGCN: All You Need to Train Deeper GCNs, arXiv:2006.07739",
        reads="h",
    ),
    NormEntry(
        "diff group",
        lambda width: norm.DiffGroupNorm(width, GROUPS),
        f"x_i + λ Σ_g batch norm of s_ig x_i,  s_i = softmax_g (x_i W),  {GROUPS} groups, λ = 0.01",
        "Zhou et al. 2020, Towards Deeper Graph Neural Networks with Differentiable Group "
        "Normalization, arXiv:2006.06972",
    ),
)

NORMS: dict[str, NormEntry] = {entry.name: entry for entry in _ENTRIES}


def build_norm(name: str, width: int) -> Norm | None:
    """The normalisation of this name for `width` channels; None where there is none."""
    entry = norm_entry(name)
    return None if name == "none" else Norm(entry.build(width), entry.reads)


def norm_entry(name: str) -> NormEntry:
    """The registry's entry; SpecError for a name that is not there."""
    if name not in NORMS:
        raise SpecError(
            f"norm: there is no normalisation {name!r}",
            mend=did_you_mean(name, NORMS, "The normalisations are"),
        )
    return NORMS[name]
