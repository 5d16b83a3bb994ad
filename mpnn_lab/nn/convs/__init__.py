"""Layers of ours: the message and update functions of Gilmer et al. 2017, section 2 and 5, and GIN.

The paper writes the message from w to v as M_t(h_v, h_w, e_vw); here j sends and i receives, and
states are rows: m_ij = h_j @ W.
"""

from mpnn_lab.nn.convs.edge_gin import EdgeGINConv
from mpnn_lab.nn.convs.fingerprint import FingerprintConv
from mpnn_lab.nn.convs.interaction import InteractionConv
from mpnn_lab.nn.convs.matrix_multiplication import MatrixMultiplicationConv
from mpnn_lab.nn.convs.pair_message import PairMessageConv
from mpnn_lab.nn.convs.tensor import TensorConv
from mpnn_lab.nn.convs.weave import WeaveConv

__all__ = [
    "EdgeGINConv",
    "FingerprintConv",
    "InteractionConv",
    "MatrixMultiplicationConv",
    "PairMessageConv",
    "TensorConv",
    "WeaveConv",
]
