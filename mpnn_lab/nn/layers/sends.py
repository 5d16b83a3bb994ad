"""What an atom sends its neighbour, in words."""

from __future__ import annotations

DEGREES = "its state, weighted down by both atoms' numbers of neighbours"
ATTENTION = "its state, weighted by attention"
MATRIX = "its state times a matrix"
PLACED = "what a network makes of its state and"
TYPED = "its state times the matrix of the bond's type"
SENDS = {
    "NNConv": "its state times a matrix that a small network makes from the bond",
    "NNConv (PyG)": "its state times a matrix that a small network makes from the bond",
    "GINEConv": "its state plus a vector made from the bond, cut off at zero",
    "CGConv": "what both atoms and the bond make together, through a gate",
    "ResGatedGraphConv": "its state through a gate that both atoms and the bond set",
    "GENConv": "its state plus a vector made from the bond, kept above zero",
    "GMMConv": "its state times several matrices, mixed by the bond's features",
    "GeneralConv": "its state and the bond, each times a matrix, added",
    "PNAConv": "what a network makes of both atoms and the bond",
    "GPSConv": "its state plus a vector made from the bond, while every atom attends to all others",
    "PDNConv": "its state, weighted by the bond and by both atoms' numbers of neighbours",
    "RGATConv": f"{TYPED}, weighted by attention",
    "GATConv": ATTENTION,
    "GATv2Conv": ATTENTION,
    "TransformerConv": f"{ATTENTION} between query and key",
    "SuperGATConv": ATTENTION,
    "AGNNConv": "its state, weighted by how alike both atoms are",
    "FeaStConv": "its state times several matrices, shared out by how both atoms differ",
    "GCNConv": DEGREES,
    "SGConv": DEGREES,
    "SSGConv": DEGREES,
    "TAGConv": DEGREES,
    "APPNP": DEGREES,
    "ARMAConv": DEGREES,
    "ChebConv": DEGREES,
    "LGConv": DEGREES,
    "GCN2Conv": DEGREES,
    "MixHopConv": DEGREES,
    "ClusterGCNConv": "its state, divided by the number of neighbours",
    "WLConvContinuous": "its state, divided by the number of neighbours",
    "FAConv": "its state, weighted by a gate between −1 and 1",
    "LEConv": "its state times a matrix, minus the atom's own times another",
    "MatrixMultiplicationConv": TYPED,
    "PairMessageConv": "what a network makes of both atoms and the bond",
    "InteractionConv": "what a network makes of both atoms and the bond",
    "FingerprintConv": "its state and the bond's features",
    "WeaveConv": "the state of the bond between them, which hears both its atoms in turn",
    "TensorConv": "its state and the bond, multiplied channel by channel, through a tanh",
    "EdgeGINConv": "its state plus a vector made from the bond, cut off at zero",
    "GINConv": "its state",
    "SAGEConv": "its state",
    "GraphConv": "its state",
    "SimpleConv": "its state",
    "DirGNNConv": "its state",
    "HypergraphConv": f"{MATRIX}, over the number of atoms there, to each bond and ring system it "
    "is in",
    "SignedConv": "its state",
    "EGConv": DEGREES,
    "AntiSymmetricConv": DEGREES,
    "HEATConv": f"{ATTENTION}, and the bond, times a matrix",
    "DNAConv": "its states of all rounds so far, weighted by attention and by both atoms' numbers "
    "of neighbours",
    "GatedGraphConv": MATRIX,
    "MFConv": "its state, to be met by the matrix of the atom's number of neighbours",
    "EdgeConv": "what a network makes of the atom's state and the difference to its own",
    "RGCNConv": TYPED,
    "FastRGCNConv": TYPED,
    "FiLMConv": f"{TYPED}, scaled and shifted as the receiving atom says",
    "MetaLayer": "what a network makes of its state and the bond, which hears both its atoms and "
    "the molecule first",
    "HGTConv": f"{ATTENTION}, times a matrix of the types of both atoms and the bond",
    "HANConv": f"{ATTENTION} among the bonds of one type",
    "HeteroConv": "its state, to be met by the matrix of the types of both atoms and the bond",
    "PointNetConv": f"{PLACED} where it lies from the atom",
    "PPFConv": f"{PLACED} its distance and three angles to the directions outwards",
    "PointTransformerConv": "its state plus a vector made from where it lies, channels weighted by "
    "attention",
    "PointGNNConv": f"{PLACED} where it lies from the atom, shifted as the atom says",
}
"""What an atom sends its neighbour; other layers are described by what they read."""
