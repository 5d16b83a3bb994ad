"""Layers that sort the bonds first: into polar and other ones, or into sets of atoms."""

from __future__ import annotations

from typing import Any

from torch_geometric import nn as pyg

from mpnn_lab.errors import SpecError
from mpnn_lab.nn.entry import LayerEntry, Shape

ATTENTION = (
    "its attention reads features of the sets, as wide as the states, which a molecule has not"
)


def _signed(shape: Shape, options: dict[str, Any]) -> dict[str, Any]:
    width_in = shape.width_in
    if not options["first_aggr"]:
        if width_in % 2:
            raise SpecError(
                f"width: states come {width_in} wide, but SignedConv reads two halves of them",
                mend="Give the round before an even width, or set first_aggr.",
            )
        width_in //= 2
    return {"in_channels": width_in, "out_channels": shape.width // 2}


ENTRIES = (
    LayerEntry(
        "SignedConv",
        pyg.SignedConv,
        "m_ij = h_j;   h_i' = [mean of m_ij over non-polar bonds · W⁺ + h_i · V⁺ + b⁺, "
        "mean of m_ij over polar bonds · W⁻ + h_i · V⁻ + b⁻];   later, first_aggr off, each half "
        "hears its like along non-polar and the other half along polar bonds",
        "Derr et al. 2018, Signed Graph Convolutional Network, arXiv:1808.06354",
        arguments=_signed,
        reads=("pos_edge_index", "neg_edge_index"),
        aggr="mean",
        multiple_of=2,
        ours={"first_aggr": True},
    ),
    LayerEntry(
        "HypergraphConv",
        pyg.HypergraphConv,
        "m_ej = (h_j · W)/|e|,  a_e = Σ_j m_ej,  for each bond and each ring system e;   "
        "m_ie = a_e/d_i,  d_i the sets that hold i;   h_i' = Σ_e m_ie + b",
        "Bai et al. 2021, Hypergraph Convolution and Hypergraph Attention, arXiv:1901.08150",
        reads=("hyperedge_index",),
        fixed=dict.fromkeys(
            ("use_attention", "attention_mode", "heads", "concat", "negative_slope", "dropout"),
            ATTENTION,
        ),
    ),
)
