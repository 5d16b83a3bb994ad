"""Specifications, the registry of layers, the edge network, and the networks built from them."""

from mpnn_lab.nn.aggregators import AGGREGATORS, AggregatorEntry
from mpnn_lab.nn.copying import copied
from mpnn_lab.nn.dropout import Dropout
from mpnn_lab.nn.edge_network import EdgeNetworkConv
from mpnn_lab.nn.ensemble import Ensemble
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.network import Network
from mpnn_lab.nn.presets import PRESETS, PresetEntry, preset
from mpnn_lab.nn.readouts import READOUTS, ReadoutEntry
from mpnn_lab.nn.record import TrainingRecord, fingerprint
from mpnn_lab.nn.registry import LAYERS, UNAVAILABLE, LayerEntry, layer_entry
from mpnn_lab.nn.round import Round
from mpnn_lab.nn.spec import ModelSpec
from mpnn_lab.nn.stand_ins import stand_ins

__all__ = [
    "AGGREGATORS",
    "LAYERS",
    "PRESETS",
    "READOUTS",
    "UNAVAILABLE",
    "AggregatorEntry",
    "Dropout",
    "EdgeNetworkConv",
    "Ensemble",
    "Layer",
    "LayerEntry",
    "ModelSpec",
    "Network",
    "PresetEntry",
    "ReadoutEntry",
    "Round",
    "TrainingRecord",
    "copied",
    "fingerprint",
    "layer_entry",
    "preset",
    "stand_ins",
]
