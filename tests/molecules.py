"""Molecules, and names of layers, that the tests share."""

ASPIRIN = "CC(=O)Oc1ccccc1C(=O)O"
ACETIC_ACID = "CC(=O)O"
CAFFEINE = "Cn1c(=O)c2c(ncn2C)n(C)c1=O"
MENTHONE = "CC(C)[C@@H]1CC[C@@H](C)CC1=O"
SODIUM_CHLORIDE = "[Na+].[Cl-]"
METHANE = "C"
DRUGS = (ASPIRIN, CAFFEINE, MENTHONE, "CC(C)Cc1ccc(cc1)C(C)C(=O)O", "CN1CCC[C@H]1c1cccnc1")

KNOWN_LAYERS = (
    "NNConv", "NNConv (PyG)", "GINEConv", "GCNConv", "GATv2Conv", "GINConv", "SAGEConv",
    "GraphConv", "SimpleConv",
)  # fmt: skip
"""Layers of the registry whose whole arithmetic is written down."""
