"""PyG's convolutions that no specification can name, each with the reason and the mend."""

CLUSTER = (
    "needs pyg-lib's search for nearest neighbours, which mpnn_lab does not bring: without it PyG "
    "refuses to build the layer."
)
GPU = (
    "needs NVIDIA's cugraph-ops, which mpnn_lab does not bring. The layer without CuGraph in its "
    "name has the same formula."
)

UNAVAILABLE: dict[str, str] = {
    "CuGraphGATConv": GPU,
    "CuGraphRGCNConv": GPU,
    "CuGraphSAGEConv": GPU,
    "FusedGATConv": "needs dgNN and a GPU. Take GATConv, which has the same formula.",
    "DynamicEdgeConv": CLUSTER + " Take EdgeConv, which sends the same along bonds.",
    "GravNetConv": CLUSTER,
    "XConv": CLUSTER,
    "SplineConv": "needs pyg-lib's splines, which mpnn_lab does not bring. Take GMMConv, whose "
    "kernels read the same features.",
    "PANConv": "needs torch-sparse, which mpnn_lab does not bring. Take TAGConv, which weighs "
    "paths by their length, too.",
    "MeshCNNConv": "reads the edges of a mesh of triangles, each with exactly four neighbours, "
    "which a molecule's atoms and bonds have not.",
    "WLConv": "refines colours, which are whole numbers: it has no weights, passes no gradient, "
    "and numbers its colours in the order in which it meets them. Take WLConvContinuous, or colour "
    "molecules with ml.wl_colours.",
}
