"""The networks that Gilmer et al. 2017 (arXiv:1704.01212) review in section 2.

Their letters: v hears w along the bond vw with features e_vw; M_t makes the messages that are
summed to m_v, U_t the new state, R the molecule's output.
"""

from __future__ import annotations

from mpnn_lab.nn.presets.entry import PresetEntry, repeated
from mpnn_lab.nn.spec import ModelSpec


def _neural_fingerprint(width: int, rounds: int) -> ModelSpec:
    """Duvenaud et al. 2015.

    M_t = (h_w, e_vw)
    U_t = σ(H_t^deg(v) m_v), σ the sigmoid, one matrix H for each round and degree
    R = f(Σ_{v,t} softmax(W_t h_v^t))

    Chosen here: t counts from 0, as "all previous hidden states" says; f has one hidden layer;
    atoms of degree 6 and more share the matrix of degree 5.
    """
    return ModelSpec(
        rounds=repeated(rounds, "FingerprintConv", width), readout="fingerprint", head=(width,)
    )


def _gg_nn(width: int, rounds: int) -> ModelSpec:
    """Li et al. 2016.

    M_t = A_{e_vw} h_w, one matrix A for each edge label
    U_t = GRU(h_v, m_v), the same in every round
    R = Σ_v σ(i(h_v^T, h_v^0)) ⊙ j(h_v^T), with networks i and j

    Chosen here: the label is the type of the bond; i and j have one hidden layer each; a linear
    layer takes R to the targets.
    """
    return ModelSpec(
        rounds=repeated(rounds, "MatrixMultiplicationConv", width), tied=True, update="gru",
        readout="gated", head=(),
    )  # fmt: skip


def _interaction_network(width: int, rounds: int) -> ModelSpec:
    """Battaglia et al. 2016.

    M = a network of (h_v, h_w, e_vw)
    U = a network of (h_v, x_v, m_v), x_v an outside effect on v
    R = f(Σ_v h_v^T)

    Chosen here: x_v is the first state h_v^0; all networks have one hidden layer. The original is
    defined for one round; more have networks of their own.
    """
    return ModelSpec(
        rounds=repeated(rounds, "InteractionConv", width, hidden=width), readout="sum",
        head=(width,),
    )  # fmt: skip


def _molecular_graph_convolutions(width: int, rounds: int) -> ModelSpec:
    """Kearnes et al. 2016.

    M_t = e_vw^t, the bond's state
    U_t = α(W_1 (α(W_0 h_v^t), m_v)), α the ReLU
    e_vw^{t+1} = α(W_4 (α(W_2 e_vw^t), α(W_3 (h_v^t, h_w^t))))

    Chosen here: R, which section 2 does not give, is a network of Σ_v h_v^T (Kearnes et al. count
    the values of each channel in soft bins); bonds' states are half as wide as atoms'.
    """
    edge_width = max(1, width // 2)
    return ModelSpec(
        rounds=repeated(rounds, "WeaveConv", width, edge_width=edge_width), readout="sum",
        head=(width,),
    )  # fmt: skip


def _deep_tensor_network(width: int, rounds: int) -> ModelSpec:
    """Schütt et al. 2017.

    M_t = tanh(W^fc ((W^cf h_w + b_1) ⊙ (W^df e_vw + b_2)))
    U_t = h_v + m_v
    R = Σ_v NN(h_v^T), NN of one hidden layer

    Chosen here: e_vw are the bond's features (in the original, distances in a complete graph: see
    `edges` and `distances` of `ModelSpec`); every round has weights of its own; a linear layer
    takes R to the targets.
    """
    return ModelSpec(
        rounds=repeated(rounds, "TensorConv", width, factors=width), update="residual",
        readout="atomwise", head=(),
    )  # fmt: skip


def _laplacian(width: int, rounds: int) -> ModelSpec:
    """Bruna et al. 2013; Defferrard et al. 2016.

    M_t = C_vw^t h_w, C^t made of the eigenvectors of the graph's Laplacian and learned parameters
    U_t = σ(m_v), σ a nonlinearity

    Chosen here: Defferrard et al.'s form, C^t = Σ_k T_k(L) W_k with Chebyshev's polynomials T_0 to
    T_2; σ is the ReLU. R, which section 2 does not give, is a network of Σ_v h_v^T.
    """
    return ModelSpec(
        rounds=repeated(rounds, "ChebConv", width, activation="relu", K=3), readout="sum",
        head=(width,),
    )  # fmt: skip


def _gcn(width: int, rounds: int) -> ModelSpec:
    """Kipf and Welling 2016.

    M_t = C_vw h_w, C_vw = (deg(v) deg(w))^-1/2 A_vw
    U_t = ReLU(W^t m_v)

    Chosen here: A holds self-loops and the degrees count them, as in Kipf and Welling; the layer
    takes states through W^t before they are sent, which gives the same sum, and has a bias. R,
    which section 2 does not give, is a network of Σ_v h_v^T.
    """
    return ModelSpec(
        rounds=repeated(rounds, "GCNConv", width, activation="relu"), readout="sum", head=(width,)
    )


ENTRIES = (
    PresetEntry(
        "neural-fingerprint",
        "Neural fingerprint (Duvenaud)",
        "Atoms add up their neighbours and bonds, through a matrix for their number of neighbours, "
        "and write into one fingerprint after every round.",
        "Duvenaud et al. 2015, Convolutional Networks on Graphs for Learning Molecular "
        "Fingerprints, arXiv:1509.09292",
        _neural_fingerprint,
    ),
    PresetEntry(
        "gg-nn",
        "Gated graph network (GG-NN)",
        "Each type of bond has a matrix for the states sent along it, a GRU mixes what comes in, "
        "and gates say how much each atom counts in the end.",
        "Li et al. 2016, Gated Graph Sequence Neural Networks, arXiv:1511.05493",
        _gg_nn,
    ),
    PresetEntry(
        "interaction-network",
        "Interaction network (Battaglia)",
        "A network looks at both atoms and their bond to make each message, another at the atom "
        "and all it heard.",
        "Battaglia et al. 2016, Interaction Networks for Learning about Objects, Relations and "
        "Physics, arXiv:1612.00222",
        _interaction_network,
        rounds=1,
    ),
    PresetEntry(
        "molecular-graph-convolutions",
        "Molecular graph convolutions (Kearnes)",
        "Atoms hear the states of their bonds, and bonds change their states by what their two "
        "atoms are.",
        "Kearnes et al. 2016, Molecular graph convolutions: moving beyond fingerprints, "
        "arXiv:1603.00856",
        _molecular_graph_convolutions,
    ),
    PresetEntry(
        "deep-tensor-network",
        "Deep tensor network (Schütt)",
        "State and bond are multiplied channel by channel to make a message, which is added to the "
        "atom's state; the atoms' contributions are summed.",
        "Schütt et al. 2017, Quantum-chemical insights from deep tensor neural networks, "
        "arXiv:1609.08259",
        _deep_tensor_network,
    ),
    PresetEntry(
        "laplacian",
        "Laplacian (Defferrard)",
        "States spread over the graph as polynomials of its Laplacian, which look up to two bonds "
        "away in one round.",
        "Defferrard et al. 2016, Convolutional Neural Networks on Graphs with Fast Localized "
        "Spectral Filtering, arXiv:1606.09375",
        _laplacian,
    ),
    PresetEntry(
        "gcn",
        "Graph convolutional network (Kipf)",
        "Atoms average over themselves and their neighbours, weighed by how many neighbours both "
        "have; bonds are all alike.",
        "Kipf and Welling 2016, Semi-Supervised Classification with Graph Convolutional Networks, "
        "arXiv:1609.02907",
        _gcn,
    ),
)  # fmt: skip
