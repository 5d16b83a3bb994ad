"""What else is in `torch_geometric.nn`: why it has no use on a molecule, or what does its job here.

Layers, aggregations and those layers that are not available stand in their registries.
"""

from __future__ import annotations

from typing import Literal

Status = Literal["whole model", "done otherwise", "no use"]

WHOLE = "a whole model: bring it to `trace`"
ONE_GRAPH = "for one large graph, whose nodes it knows by number; molecules have atoms of their own"
LINKS = "predicts edges that are missing; a molecule's bonds are known"
TRIPLES = "embeds the entities of a knowledge graph; a molecule has none"
TYPES = "for several types of nodes; a molecule's atoms are one"
POINTS = "for point clouds, and needs pyg-lib; edges within a radius come from `featurize`"
NEIGHBOURS = "searches millions of vectors for the nearest, and needs faiss"
DENSE = "a layer of the readouts `diff pooling`, `mincut pooling` and `dmon pooling`"
PART = "a part of PyG's poolings, not called by itself"
POOLING = "`Layer(pool=...)`, in the registry of poolings"
NORM = "`Layer(norm=...)`, in the registry of norms"

WHOLE_MODELS: dict[str, str] = {
    **dict.fromkeys(
        (
            "AttentiveFP", "GCN", "GraphSAGE", "GIN", "GAT", "PNA", "EdgeCNN", "GraphUNet",
            "NeuralFingerprint", "SGFormer", "Polynormer", "Sequential",
        ),
        WHOLE,
    ),
    "SchNet": f"{WHOLE}; its pairs within the cutoff come from pyg-lib, or from `nn.stand_ins()`",
    "ViSNet": f"{WHOLE}; its pairs within the cutoff come from pyg-lib, or from `nn.stand_ins()`",
    "DimeNet": f"{WHOLE}, which shows the states of its blocks alone; with `nn.stand_ins()`",
    "DimeNetPlusPlus": f"{WHOLE}, which shows the states of its blocks alone; with "
    "`nn.stand_ins()`",
    "GNNFF": f"{WHOLE}, which shows the states of its blocks alone; with `nn.stand_ins()`",
    "GAE": "bring it, or its encoder, to `trace`; what it decodes are bonds, which are known",
    "VGAE": "bring it, or its encoder, to `trace`; what it decodes are bonds, which are known",
    "ARGA": "bring it, or its encoder, to `trace`; what it decodes are bonds, which are known",
    "ARGVA": "bring it, or its encoder, to `trace`; what it decodes are bonds, which are known",
    "DeepGraphInfomax": "bring its encoder to `trace`; brought itself, the corrupted graph's "
    "rounds follow the graph's",
    "PMLP": "a whole model that passes messages in eval mode alone, which is how `trace` runs it",
    "RECT_L": "one GCNConv and a linear layer: bring it to `trace`",
    "GPSE": "a pretrained encoder of positions whose `forward` also reads its training targets",
}  # fmt: skip

DONE_OTHERWISE: dict[str, str] = {
    "Aggregation": "what all aggregations derive from; `trace` takes any for a readout",
    "MessagePassing": "what all layers derive from; `trace` takes any",
    "global_add_pool": "the readout `sum`",
    "global_mean_pool": "the readout `mean`",
    "global_max_pool": "the readout `max`",
    "global_sort_pool": "the readout `sort`",
    "GlobalAttention": "the readout `attentional`, by its former name",
    "MLP": "the head and the networks within layers are torch's own Sequential",
    "Linear": "the projection and the head are torch's own; `trace` takes PyG's too",
    "Reshape": "torch's own reshape",
    "DataParallel": "splits lists of graphs over several GPUs; a molecule is one graph",
    "summary": "`print(model)` lists its parts; the stage shows what each round takes and gives",
    "to_captum_model": "wraps a model for captum; `trace` takes the model itself",
    "to_captum_input": "wraps a graph for captum; `trace` takes the graph itself",
    "captum_output_to_dicts": "unwraps what captum gave; `trace` needs no wrapping",
    "to_fixed_size": "fixes the number of graphs in a batch; batches say how many they hold",
    "radius_graph": "edges in a radius come from `featurize`; PyG's models take `nn.stand_ins()`",
    "radius": POINTS,
    "PositionalEncoding": "of places in a sequence or of times; atoms have neither",
    "bro": "a penalty on atoms' states (Henderson et al. 2021, arXiv:2105.04854), for one's loss",
    "gini": "a penalty on weights (Henderson et al. 2021, arXiv:2105.04854), for one's loss",
    "fx": "rewrites models as graphs of operations; traces are taken by hooks, on any model",
    "inits": "weights are initialised by the layers themselves, from the seed of `spec.build`",
    "resolver": "the registries turn names into layers, aggregations and activations",
    "lr_scheduler": "schedulers of torch's kind, for a training loop of one's own",
    "model_hub": "sends models to a hub and fetches them; a fetched one can be brought to `trace`",
    "module_dict": "a container for modules whose names torch's own refuses",
    "parameter_dict": "a container for parameters whose names torch's own refuses",
    "GroupAddRev": "saves memory in very deep networks; a molecule's states are small",
    "deprecated": "a decorator of PyG's own",
    **dict.fromkeys(
        (
            "BatchNorm", "InstanceNorm", "LayerNorm", "GraphNorm", "GraphSizeNorm", "PairNorm",
            "MeanSubtractionNorm", "MessageNorm", "DiffGroupNorm",
        ),
        NORM,
    ),
    **dict.fromkeys(("TopKPooling", "SAGPooling", "ASAPooling", "EdgePooling"), POOLING),
    "PANPooling": "`Layer(pool=...)` says why it cannot run",
    "ClusterPooling": "`Layer(pool=...)` says why it is left out",
    "MemPooling": "the readout `mem pooling`",
    "dense_diff_pool": "the readout `diff pooling`",
    "dense_mincut_pool": "the readout `mincut pooling`",
    "DMoNPooling": "the readout `dmon pooling`",
    **dict.fromkeys(
        ("DenseGCNConv", "DenseGINConv", "DenseGraphConv", "DenseSAGEConv", "DenseGATConv"), DENSE
    ),
    "JumpingKnowledge": "`ModelSpec(jumping=...)`",
    "DeepGCNLayer": "`Layer(block=...)` about any layer",
}  # fmt: skip

NO_USE: dict[str, str] = {
    "knn_interpolate": "unpooling: carries features back to points that were left out, in space",
    "Node2Vec": f"{ONE_GRAPH}; random walks for embeddings",
    "MetaPath2Vec": f"{ONE_GRAPH}; random walks over {TYPES.removeprefix('for ')}",
    "LabelPropagation": "spreads the known labels of some nodes to the others of one graph; "
    "molecules are labelled as wholes",
    "CorrectAndSmooth": "mends predictions by the known labels of neighbours in one graph; "
    "molecules are labelled as wholes",
    "MaskLabel": "mixes the known labels of some nodes into their features; molecules are labelled "
    "as wholes",
    "SignedGCN": "for edges of two signs, such as trust and distrust; bonds have none",
    "LightGCN": f"{ONE_GRAPH}; recommends items to users",
    "LINKX": f"{ONE_GRAPH}; its weights have a row for each",
    "LPFormer": LINKS,
    "ARLinkPredictor": LINKS,
    "InnerProductDecoder": LINKS,
    "TGNMemory": f"{ONE_GRAPH}, and for events in time",
    "RENet": "for events in time between entities of a knowledge graph",
    "TemporalEncoding": "of times; a molecule has none",
    "GPSENodeEncoder": "mixes the encodings of a pretrained GPSE into features",
    **dict.fromkeys(("KGEModel", "TransE", "ComplEx", "DistMult", "RotatE"), TRIPLES),
    **dict.fromkeys(
        (
            "HeteroLinear", "HeteroDictLinear", "HeteroBatchNorm", "HeteroLayerNorm",
            "HeteroJumpingKnowledge", "to_hetero", "to_hetero_with_bases", "to_hetero_module",
        ),
        TYPES,
    ),
    **dict.fromkeys(
        ("KNNIndex", "L2KNNIndex", "MIPSKNNIndex", "ApproxL2KNNIndex", "ApproxMIPSKNNIndex"),
        NEIGHBOURS,
    ),
    **dict.fromkeys(
        ("fps", "knn", "knn_graph", "approx_knn", "approx_knn_graph", "nearest", "voxel_grid"),
        POINTS.removesuffix("; edges within a radius come from `featurize`"),
    ),
    "graclus": "matches nodes for poolings of meshes and images, and needs pyg-lib",
    **dict.fromkeys(
        (
            "max_pool", "avg_pool", "max_pool_x", "avg_pool_x", "max_pool_neighbor_x",
            "avg_pool_neighbor_x",
        ),
        "pools clusters that were found before, as of a mesh",
    ),
    **dict.fromkeys(("Select", "SelectOutput", "SelectTopK"), PART),
    **dict.fromkeys(("Connect", "ConnectOutput", "FilterEdges"), PART),
    "QFormer": "queries of a language model to an image; a readout by queries is `set transformer`",
    **dict.fromkeys(
        ("PerformerAttention", "SGFormerAttention", "PolynormerAttention"),
        "attention among all nodes at less than the square of their number; molecules are small, "
        "and GPSConv attends among all atoms",
    ),
}  # fmt: skip

ELSEWHERE: dict[str, tuple[Status, str]] = {
    **{name: ("whole model", reason) for name, reason in WHOLE_MODELS.items()},
    **{name: ("done otherwise", reason) for name, reason in DONE_OTHERWISE.items()},
    **{name: ("no use", reason) for name, reason in NO_USE.items()},
}
"""Every public name of `torch_geometric.nn` that no registry holds: its status, and the reason."""
