"""PyG's convolutions that no specification can name, each with the reason and the mend."""

HETERO = "made for graphs with several types of nodes; a molecule's atoms are one. Take RGCNConv."
CLUSTER = "needs a package beside PyG (torch-cluster or pyg-lib) that is not installed."
GPU = "needs NVIDIA's cugraph-ops. The layer without CuGraph in its name has the same formula."

UNAVAILABLE: dict[str, str] = {
    "CuGraphGATConv": GPU,
    "CuGraphRGCNConv": GPU,
    "CuGraphSAGEConv": GPU,
    "FusedGATConv": "needs dgNN and a GPU. Take GATConv, which has the same formula.",
    "HANConv": HETERO,
    "HGTConv": HETERO,
    "HeteroConv": HETERO,
    "HEATConv": "reads types of nodes, which are not supplied yet. Take RGATConv.",
    "DNAConv": "reads the states of all former rounds at once, which are not supplied yet.",
    "DynamicEdgeConv": CLUSTER + " Take EdgeConv.",
    "GravNetConv": CLUSTER,
    "XConv": CLUSTER,
    "SplineConv": "needs pyg-lib, which is not installed. Take GMMConv.",
    "PANConv": "needs torch-sparse, which is not installed.",
    "MeshCNNConv": "reads the edges of a mesh of triangles, which a molecule is not.",
    "HypergraphConv": "sends between atoms and bonds as nodes of two kinds; not supplied yet.",
    "SignedConv": "reads edges of two signs, which bonds have not.",
    "WLConv": "refines colours, which are whole numbers, and sends no messages.",
}
