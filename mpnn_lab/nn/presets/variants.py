"""The networks that Gilmer et al. 2017 (arXiv:1704.01212) try themselves, section 5.

All begin with the GG-NN: messages that a GRU, the same in every round, mixes into the state.
"""

from __future__ import annotations

from typing import Any

from mpnn_lab.nn.presets.entry import PresetEntry, repeated
from mpnn_lab.nn.spec import ModelSpec

PAPER = "Gilmer et al. 2017, Neural Message Passing for Quantum Chemistry, arXiv:1704.01212"
BARE: dict[str, Any] = {"root_weight": False, "bias": False}
"""The edge network as the paper has it: the message alone."""


def _network(layers: Any, width: int, **fields: Any) -> ModelSpec:
    """Tied rounds, a GRU, set2set over (h, x), a network of one hidden layer."""
    kept = {"update": "gru", "readout": "set2set with x", "head": (width,), **fields}
    return ModelSpec(rounds=layers, tied=True, **kept)


def _matrix_multiplication(width: int, rounds: int) -> ModelSpec:
    """Section 5.1, matrix multiplication.

    M_t = A_{e_vw} h_w, one matrix A for each edge label
    U_t = GRU(h_v, m_v), the same in every round
    R = a network of set2set({(h_v^T, x_v)})

    Chosen here: the label is the type of the bond; the network of R has one hidden layer.
    """
    return _network(repeated(rounds, "MatrixMultiplicationConv", width), width)


def _edge_network(width: int, rounds: int) -> ModelSpec:
    """Section 5.1, edge network; with set2set, the paper's best: enn-s2s.

    M_t = A(e_vw) h_w, A a network that makes a matrix of the bond's features
    U_t = GRU(h_v, m_v), the same in every round
    R = a network of set2set({(h_v^T, x_v)})

    Chosen here: A has one hidden layer of 128. The paper's best has distances among the features
    and explicit hydrogens: ``hydrogens=True``.
    """
    return _network(repeated(rounds, "NNConv", width, **BARE), width)


def _pair_message(width: int, rounds: int) -> ModelSpec:
    """Section 5.1, pair message.

    M_t = f(h_w, h_v, e_vw), f a network
    U_t = GRU(h_v, m_v), the same in every round
    R = a network of set2set({(h_v^T, x_v)})

    Chosen here: f and the network of R have one hidden layer.
    """
    return _network(repeated(rounds, "PairMessageConv", width, hidden=width), width)


ENTRIES = (
    PresetEntry(
        "matrix-multiplication",
        "Matrix multiplication",
        "Each type of bond has a matrix for the states sent along it; an LSTM asks all atoms three "
        "questions in the end.",
        PAPER,
        _matrix_multiplication,
    ),
    PresetEntry(
        "enn-s2s",
        "Edge network (enn-s2s)",
        "A network makes a matrix of each bond's features, which the states sent along it are "
        "multiplied with; an LSTM asks all atoms three questions in the end.",
        PAPER,
        _edge_network,
    ),
    PresetEntry(
        "pair-message",
        "Pair message",
        "A network looks at both atoms and their bond to make each message, so that an atom can be "
        "told what it needs to know.",
        PAPER,
        _pair_message,
    ),
)
