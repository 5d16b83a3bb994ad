"""The networks that Gilmer et al. 2017 (arXiv:1704.01212) try themselves, section 5.

All begin with the GG-NN: messages that a GRU, the same in every round, mixes into the state.
"""

from __future__ import annotations

from typing import Any

from mpnn_lab.errors import SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn.presets.entry import PresetEntry, repeated
from mpnn_lab.nn.spec import ModelSpec

PAPER = "Gilmer et al. 2017, Neural Message Passing for Quantum Chemistry, arXiv:1704.01212"
BARE: dict[str, Any] = {"root_weight": False, "bias": False}
"""The edge network as the paper has it: the message alone."""


def _network(layers: Any, width: int, **fields: Any) -> ModelSpec:
    """Tied rounds, a GRU, set2set over (h, x), a network of one hidden layer."""
    kept = {"update": "gru", "readout": "set2set with x", "head": (width,), **fields}
    return ModelSpec(rounds=layers, tied=True, **kept)


def _gated(layers: Any, **fields: Any) -> ModelSpec:
    """Tied rounds, a GRU, the gated readout: GG-NN."""
    return ModelSpec(rounds=layers, tied=True, update="gru", readout="gated", head=(), **fields)


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


def _two_channels(width: int, rounds: int) -> ModelSpec:
    """Section 5: a channel for incoming and one for outgoing edges.

    M_t = (A^in_{e_vw} h_w, A^out_{e_wv} h_w), side by side
    U_t = GRU(h_v, m_v), the same in every round; m_v is twice as wide as h_v
    R = a network of set2set({(h_v^T, x_v)})

    Chosen here: every bond is an edge both ways, so that both channels hear every neighbour.
    """
    layers = repeated(rounds, "MatrixMultiplicationConv", width)
    return _network(layers, width, both_directions=True)


def _virtual_edges(width: int, rounds: int) -> ModelSpec:
    """Section 5.2, virtual edges.

    M_t = A_{e_vw} h_w, e_vw the bond's type or "no bond": every pair of atoms is joined
    U_t = GRU(h_v, m_v), the same in every round
    R = Σ_v σ(i(h_v^T, h_v^0)) ⊙ j(h_v^T)

    Chosen here: as for GG-NN.
    """
    return _gated(repeated(rounds, "MatrixMultiplicationConv", width), virtual_edges=True)


def _master_node(width: int, rounds: int) -> ModelSpec:
    """Section 5.2, master node: joined to every atom by edges of a type of its own.

    M_t = A_{e_vw} h_w; from the master A_read s, to the master A_write h_v
    U_t = GRU(h_v, m_v) of the atoms; s' = GRU_master(s, Σ_v A_write h_v)
    R = Σ_v σ(i(h_v^T, h_v^0)) ⊙ j(h_v^T), v the atoms

    Chosen here: the master is twice as wide as the atoms and begins with zeros.
    """
    layers = repeated(rounds, "MatrixMultiplicationConv", width)
    return _gated(layers, master_node=min(2 * width, LIMITS.width))


def _towers(width: int, rounds: int) -> ModelSpec:
    """Section 5.4, towers.

    M_t, U_t as in the edge network, but by k towers, each on d / k of the d channels
    (h_v^1, ..., h_v^k) = g(h̃_v^1, ..., h̃_v^k), a network shared by all atoms, after every round
    R = a network of set2set({(h_v^T, x_v)})

    Chosen here: k = 8, or the most that divides the width; g has one hidden layer.
    """
    towers = next((k for k in (8, 7, 6, 5, 4, 3, 2) if width % k == 0), None)
    if towers is None:
        raise SpecError(
            f"width: {width} channels cannot be divided among towers, of which there are 2 to 8",
            mend=f"Give a multiple of 2, 3, 5 or 7, such as {max(2, width - width % 8)}.",
        )
    return _network(repeated(rounds, "NNConv", width, **BARE), width, towers=towers)


def _distances(width: int, rounds: int) -> ModelSpec:
    """Section 6, enn-s2s as the paper's best has it.

    M_t = A(e_vw) h_w over all pairs of atoms; e_vw holds their distance
    U_t = GRU(h_v, m_v), the same in every round
    R = a network of set2set({(h_v^T, x_v)})

    Chosen here: hydrogens are atoms, as in the paper; positions are RDKit's (ETKDG and a force
    field), where the paper's are those of quantum chemistry.
    """
    layers = repeated(rounds, "NNConv", width, **BARE)
    return _network(layers, width, edges="complete", distances="raw", hydrogens=True)


def _distance_bins(width: int, rounds: int) -> ModelSpec:
    """Section 6, distances in bins: for messages that need a label for every edge.

    M_t = A_{e_vw} h_w over all pairs of atoms; e_vw is the bond's type, else one of ten bins of
    the distance
    U_t = GRU(h_v, m_v), the same in every round
    R = Σ_v σ(i(h_v^T, h_v^0)) ⊙ j(h_v^T)

    Chosen here: positions are RDKit's (ETKDG and a force field).
    """
    layers = repeated(rounds, "MatrixMultiplicationConv", width)
    return _gated(layers, edges="complete", distances="binned")


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
    PresetEntry(
        "two-channels",
        "Channels for in and out",
        "Each type of bond has two matrices, for messages along the edges and against them, and "
        "the GRU hears both side by side.",
        PAPER,
        _two_channels,
    ),
    PresetEntry(
        "virtual-edges",
        "Virtual edges",
        "Atoms without a bond between them are joined, too, by edges of a type of their own, so "
        "that news crosses the molecule in one round.",
        PAPER,
        _virtual_edges,
    ),
    PresetEntry(
        "master-node",
        "Master node",
        "A node joined to every atom keeps notes for the whole molecule: all atoms write to it and "
        "read from it in every round.",
        PAPER,
        _master_node,
    ),
    PresetEntry(
        "towers",
        "Towers",
        "The state is cut into parts that pass messages by themselves, each with smaller matrices, "
        "and a network mixes them after every round.",
        PAPER,
        _towers,
    ),
    PresetEntry(
        "enn-s2s-distances",
        "Edge network with distances (the paper's best)",
        "Every pair of atoms, hydrogens too, is joined, and a network makes a matrix of the bond "
        "and the distance between them.",
        PAPER,
        _distances,
    ),
    PresetEntry(
        "distance-bins",
        "Distances in bins",
        "Every pair of atoms is joined: bonds have a matrix for each type, other pairs one for "
        "each range of distances.",
        PAPER,
        _distance_bins,
    ),
)
