"""Networks that came after Gilmer et al. 2017."""

from __future__ import annotations

from mpnn_lab.nn.layer import Layer
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


def _deeper_gcn(width: int, rounds: int) -> ModelSpec:
    """Li et al. 2020: blocks res+ (norm, ReLU, layer, sum), so that the sum comes last.

    M_t = ReLU(g_w + W_e e_vw) + ε, g = ReLU(norm(h))
    U_t = h_v + MLP(g_v + Σ_w softmax_w(t M_t) ⊙ M_t), t learned, one for each round
    R = a linear map of the mean of h_v^T

    Chosen here: the layer norm before the ReLU and within each MLP, which an atom alone survives
    and which is the same in training and use. The first block is like the others, and nothing
    follows the last one. The paper's networks of molecules read out the mean, as here.
    """
    layer = Layer(
        "GENConv", width, norm="layer", block="res+", options={"learn_t": True, "norm": "layer"}
    )
    return ModelSpec(rounds=(layer,) * rounds, readout="mean", head=())


ENTRIES = (
    PresetEntry(
        "gin",
        "Graph isomorphism network (GIN)",
        "Neighbours, each with its bond added, are summed, and a small network looks at the sum "
        "and the atom itself.",
        "Xu et al. 2019, How Powerful are Graph Neural Networks?, arXiv:1810.00826",
        _gin,
    ),
    PresetEntry(
        "deeper-gcn",
        "DeeperGCN",
        "Fourteen rounds that each add a little to the states; neighbours with large messages "
        "count for more, and how much more is learned.",
        "Li et al. 2020, DeeperGCN: All You Need to Train Deeper GCNs, arXiv:2006.07739",
        _deeper_gcn,
        rounds=14,
    ),
)
