"""Layers whose messages are weighted by the atoms' degrees, Kipf and Welling's GCN and its kin."""

from __future__ import annotations

from typing import Any

from torch_geometric import nn as pyg

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.aggregators import IN_LAYERS
from mpnn_lab.nn.entry import CACHE, LayerEntry, Shape, nothing, same_width

WORKED_ON = ("max", "min", "mul", "powermean")
"""GCN2Conv scales the aggregate in place, which loses the gradients of these."""


def _appnp(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    if options.get("dropout") and not options.get("normalize", True):
        raise SpecError(
            f"options.dropout: {options['dropout']} of the edges' weights, but with normalize off "
            "PyG's layer has none",
            mend="Leave one of the two out.",
        )
    return nothing(shape, options)


ENTRIES = (
    LayerEntry(
        "GCNConv",
        pyg.GCNConv,
        "m_ij = c_ij · (h_j · W),  c_ij = 1/√(d_i d_j);   h_i' = Σ_j m_ij + b",
        "Kipf and Welling 2017, Semi-Supervised Classification with GCNs, arXiv:1609.02907",
        fixed={
            "cached": CACHE,
            "improved": "it changes nothing: PyG gives loops their weight 2 only beside edge "
            "weights, and these networks have none",
        },
    ),
    LayerEntry(
        "SGConv",
        pyg.SGConv,
        "K times m_ij = c_ij · h_j,  h_i ← Σ_j m_ij;   then h_i' = h_i · W + b",
        "Wu et al. 2019, Simplifying Graph Convolutional Networks, arXiv:1902.07153",
        fixed={"cached": CACHE},
    ),
    LayerEntry(
        "SSGConv",
        pyg.SSGConv,
        "h_i' = (1/K Σ_k ((1 − α) (Ĉ^k h)_i + α h_i)) · W + b",
        "Zhu and Koniusz 2021, Simple Spectral Graph Convolution, OpenReview CYO5T-YjWZV",
        ours={"alpha": 0.1},
        fixed={"cached": CACHE},
    ),
    LayerEntry(
        "TAGConv",
        pyg.TAGConv,
        "h_i' = Σ_k (Ĉ^k h)_i · W_k + b,  k = 0 .. K",
        "Du et al. 2017, Topology Adaptive Graph Convolutional Networks, arXiv:1710.10370",
    ),
    LayerEntry(
        "APPNP",
        pyg.APPNP,
        "K times h_i ← (1 − α) Σ_j c_ij · h_j + α h_i⁰",
        "Gasteiger et al. 2019, Predict then Propagate, arXiv:1810.05997",
        arguments=_appnp,
        keeps_width=True,
        ours={"K": 3, "alpha": 0.1},
        fixed={"cached": CACHE},
    ),
    LayerEntry(
        "ARMAConv",
        pyg.ARMAConv,
        "h_i' = mean over k stacks of ReLU(Σ_j c_ij · (h_j · W_k) + h_i⁰ · V_k)",
        "Bianchi et al. 2021, GNNs with Convolutional ARMA Filters, arXiv:1901.01343",
    ),
    LayerEntry(
        "ChebConv",
        pyg.ChebConv,
        "h_i' = Σ_k Z_k · W_k + b,  Z_0 = h, Z_1 = L̂ h, Z_k = 2 L̂ Z_{k−1} − Z_{k−2}",
        "Defferrard et al. 2016, Convolutional Neural Networks on Graphs, arXiv:1606.09375",
        ours={"K": 3},
    ),
    LayerEntry(
        "ClusterGCNConv",
        pyg.ClusterGCNConv,
        "m_ij = h_j / d_i;   h_i' = Σ_j m_ij · W + h_i · W_r + b",
        "Chiang et al. 2019, Cluster-GCN, arXiv:1905.07953",
        fixed={"add_self_loops": "PyG's layer expects one loop an atom all the same"},
    ),
    LayerEntry(
        "LGConv",
        pyg.LGConv,
        "m_ij = h_j/√(d_i d_j);   h_i' = Σ_j m_ij",
        "He et al. 2020, LightGCN, arXiv:2002.02126",
        arguments=nothing,
        keeps_width=True,
    ),
    LayerEntry(
        "GCN2Conv",
        pyg.GCN2Conv,
        "h_i' = ((1 − α) Σ_j c_ij h_j + α h_i⁰) · ((1 − β) I + β W),  β = log(θ/l + 1) in layer l, "
        "1 where no θ is given",
        "Chen et al. 2020, Simple and Deep Graph Convolutional Networks, arXiv:2007.02133",
        arguments=same_width,
        reads=("x_0",),
        aggrs=tuple(a for a in IN_LAYERS if a not in WORKED_ON),
        keeps_width=True,
        ours={"alpha": 0.1},
        fixed={"cached": CACHE},
    ),
    LayerEntry(
        "FAConv",
        pyg.FAConv,
        "m_ij = α_ij/√(d_i d_j) · h_j,  α_ij = tanh(a_l · h_j + a_r · h_i);   "
        "h_i' = ε h_i⁰ + Σ_j m_ij",
        "Bo et al. 2021, Beyond Low-Frequency Information, arXiv:2101.00797",
        arguments=same_width,
        reads=("x_0",),
        keeps_width=True,
        fixed={"cached": CACHE, "normalize": "without it PyG's layer wants weights of the edges"},
    ),
    LayerEntry(
        "LEConv",
        pyg.LEConv,
        "m_ij = h_j · W_1 − h_i · W_2;   h_i' = Σ_j m_ij + h_i · W_3 + b",
        "Ranjan et al. 2020, ASAP: Adaptive Structure Aware Pooling, arXiv:1911.07979",
    ),
    LayerEntry(
        "MixHopConv",
        pyg.MixHopConv,
        "h_i' = [h_i · W_0, (Ĉ h)_i · W_1, (Ĉ² h)_i · W_2] + b",
        "Abu-El-Haija et al. 2019, MixHop, arXiv:1905.00067",
        arguments=lambda s, options: {"in_channels": s.width_in, "out_channels": s.width // 3},
        multiple_of=3,
        fixed={"powers": "0, 1 and 2, as in the paper"},
    ),
    LayerEntry(
        "EGConv",
        pyg.EGConv,
        "m_ij = c_ij · (h_j · Θ_b);   h_i' = Σ_b w_b(h_i) · Σ_j m_ij,  b over bases, for each head",
        "Tailor et al. 2022, Do We Need Anisotropic Graph Neural Networks?, arXiv:2104.01481",
        aggr=None,
        multiple_of=4,
        ours={"num_heads": 4},
        fixed={"aggregators": "its symmetric normalisation alone", "cached": CACHE},
    ),
    LayerEntry(
        "AntiSymmetricConv",
        pyg.AntiSymmetricConv,
        "h_i' = h_i + ε tanh(h_i · (W − Wᵀ − γ I) + GCN(h)_i + b)",
        "Gravina et al. 2023, Anti-Symmetric DGN, arXiv:2210.09789",
        arguments=lambda shape, options: {"in_channels": shape.width},
        aggr=None,
        keeps_width=True,
        fixed={"act": "tanh, as in the paper"},
    ),
)
