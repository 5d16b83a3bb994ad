"""How wide messages are, where they are plain rows: what aggregations with weights want."""

from __future__ import annotations

from dataclasses import replace

from mpnn_lab.nn.aggregators import LEARNED
from mpnn_lab.nn.entry import LayerEntry

AS_STATES_COME = frozenset(
    {
        "GINEConv", "CGConv", "AGNNConv", "SGConv", "SSGConv", "TAGConv", "APPNP", "ChebConv",
        "ClusterGCNConv", "LGConv", "FAConv", "MixHopConv", "GINConv", "SAGEConv", "GraphConv",
        "SimpleConv", "GatedGraphConv", "MFConv", "RGCNConv", "PointGNNConv",
    }
)  # fmt: skip
AS_STATES_GO = frozenset(
    {
        "NNConv", "NNConv (PyG)", "ResGatedGraphConv", "GMMConv", "PDNConv", "FeaStConv", "GCNConv",
        "LEConv", "EdgeConv", "FiLMConv", "PointNetConv", "PPFConv", "PointTransformerConv",
    }
)  # fmt: skip


def with_learned(entry: LayerEntry) -> LayerEntry:
    """The entry, with the aggregations that have weights where its messages are plain rows."""
    if entry.name in AS_STATES_COME:
        return replace(entry, messages="in", aggrs=(*entry.aggrs, *LEARNED))
    if entry.name in AS_STATES_GO:
        return replace(entry, messages="out", aggrs=(*entry.aggrs, *LEARNED))
    return entry
