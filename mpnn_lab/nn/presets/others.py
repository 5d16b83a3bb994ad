"""Networks that came after Gilmer et al. 2017."""

from __future__ import annotations

from mpnn_lab.nn.presets.entry import PresetEntry, repeated
from mpnn_lab.nn.spec import ModelSpec


def _gin(width: int, rounds: int) -> ModelSpec:
    """Xu et al. 2019, with bonds as mlx_graphs' GINConv reads them.

    M_t = ReLU(h_w + W_e e_vw + b_e)
    U_t = MLP((1 + ε) h_v + m_v)
    R = a network of Σ_v h_v^T

    Chosen here: ε is learned, from 0; a ReLU stands between the rounds. Xu et al. read out the
    states of all rounds: ``jumping="cat"`` where a specification has it.
    """
    return ModelSpec(
        rounds=repeated(rounds, "EdgeGINConv", width, activation="relu", learn_eps=True),
        readout="sum", head=(width,),
    )  # fmt: skip


ENTRIES = (
    PresetEntry(
        "gin",
        "Graph isomorphism network (GIN)",
        "Neighbours, each with its bond added, are summed, and a small network looks at the sum "
        "and the atom itself.",
        "Xu et al. 2019, How Powerful are Graph Neural Networks?, arXiv:1810.00826",
        _gin,
    ),
)
