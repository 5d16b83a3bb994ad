"""Specifications, the registry of layers, the edge network, and the networks built from them."""

from mpnn_lab.nn.aggregators import AGGREGATORS, AggregatorEntry
from mpnn_lab.nn.copying import copied
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.network import Network
from mpnn_lab.nn.record import TrainingRecord, fingerprint
from mpnn_lab.nn.registry import LAYERS, UNAVAILABLE, LayerEntry, layer_entry
from mpnn_lab.nn.round import Round
from mpnn_lab.nn.spec import ModelSpec
from mpnn_lab.nn.stand_ins import stand_ins

__all__ = [
    "AGGREGATORS",
    "LAYERS",
    "UNAVAILABLE",
    "AggregatorEntry",
    "Dropout",
    "EdgeNetworkConv",
    "Layer",
    "LayerEntry",
    "ModelSpec",
    "Network",
    "Round",
    "TrainingRecord",
    "copied",
    "fingerprint",
    "layer_entry",
    "stand_ins",
]
