"""PyG's convolutions that no specification can name, each with the reason and the mend."""

HETERO = "made for graphs with several types of nodes; a molecule's atoms are one. Take RGCNConv."
POINTS = "reads positions, and molecules are featurized without them."
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
    "DynamicEdgeConv": CLUSTER + " Take EdgeConv.",
    "GravNetConv": CLUSTER,
    "XConv": CLUSTER,
    "SplineConv": "needs pyg-lib, which is not installed. Take GMMConv.",
    "PANConv": "needs torch-sparse, which is not installed.",
    "MeshCNNConv": "reads the edges of a mesh of triangles, which a molecule is not.",
    "WLConv": "refines colours, which are whole numbers, and sends no messages.",
    "PointNetConv": POINTS,
    "PointGNNConv": POINTS,
    "PointTransformerConv": POINTS,
    "PPFConv": POINTS,
}
