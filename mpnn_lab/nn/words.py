"""A specification in plain words."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.entry import LayerEntry
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.spec import ModelSpec

DEGREES = "its state, weighted down by both atoms' numbers of neighbours"
ATTENTION = "its state, weighted by attention"
MATRIX = "its state times a matrix"
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
    "GINConv": "its state",
    "SAGEConv": "its state",
    "GraphConv": "its state",
    "SimpleConv": "its state",
    "GatedGraphConv": MATRIX,
    "MFConv": "its state, to be met by the matrix of the atom's number of neighbours",
    "EdgeConv": "what a network makes of the atom's state and the difference to its own",
    "RGCNConv": TYPED,
    "FastRGCNConv": TYPED,
    "FiLMConv": f"{TYPED}, scaled and shifted as the receiving atom says",
}
"""What an atom sends its neighbour; other layers are described by what they read."""

READS = {
    "edge_attr": "the bond's features",
    "edge_weight": "the bond's order",
    "edge_type": "the bond's type",
    "x_0": "the first states",
    "batch": "all atoms of the molecule",
    "pos": "where the atoms are",
}
PUTS_TOGETHER = {
    "sum": "summed",
    "mean": "averaged",
    "max": "reduced to the largest in each channel",
    "min": "reduced to the smallest in each channel",
    "mul": "multiplied",
    "var": "reduced to their variance",
    "std": "reduced to their standard deviation",
    "softmax": "averaged with softmax weights",
    "median": "reduced to the median of each channel",
}
UPDATES = {
    "none": "the result is the atom's new state",
    "residual": "the result is added to the atom's state",
    "gru": "a GRU mixes the result into the atom's state",
    "mlp": "a small network makes the atom's new state of its state and the result",
}
ACTIVATIONS = {"relu": "a ReLU", "elu": "an ELU", "silu": "a SiLU", "tanh": "a tanh"}
TOLD = {"name", "width", "aggr", "activation", "rounds", "tied", "update", "readout", "head"}
"""Fields that the sentences have words for; any other is named where it is not the default."""
TOLD |= {"targets", "hydrogens"}


def describe(spec: ModelSpec) -> str:
    """What the network does, in a few sentences."""
    atoms = "Every atom, hydrogens too," if spec.hydrogens else "Every heavy atom"
    groups = [list(same) for _, same in groupby(spec.rounds)]
    sentences = [
        f"{atoms} starts with {_channels(spec.width)} made from its features.",
        *(_rounds(group, spec, again=k > 0) for k, group in enumerate(groups)),
        _readout(spec),
    ]
    if spec.tied and len(spec.rounds) > 1:
        sentences.append("All rounds share one set of weights.")
    if rest := _others(spec):
        sentences.append(f"With {rest}.")
    return " ".join(sentences)


def _rounds(group: list[Layer], spec: ModelSpec, again: bool) -> str:
    layer, count = group[0], len(group)
    entry = layer_entry(layer.name)
    start = "Then, in" if again else "In"
    times = f"each of {count} rounds" if count > 1 else "one round"
    aggr = layer.aggr or entry.aggr
    together = (
        "put together in the layer's own way" if aggr is None else PUTS_TOGETHER.get(aggr)
    ) or f"put together by {aggr}"
    through = ""
    if layer.activation != "none":
        through = f", go through {ACTIVATIONS.get(layer.activation, layer.activation)}"
    update = UPDATES.get(spec.update, f"the update {spec.update!r} gives the atom's new state")
    extras = _others(layer)
    return (
        f"{start} {times} of {layer.name} ({_channels(layer.width)}{', ' * bool(extras)}{extras}) "
        f"each neighbour sends {_sends(entry)}; the messages are {together}{through}, and {update}."
    )


def _sends(entry: LayerEntry) -> str:
    if entry.name in SENDS:
        return SENDS[entry.name]
    read = [READS.get(need, need) for need in entry.reads]
    return "what the layer makes of its state" + "".join(f" and {r}" for r in read)


def _readout(spec: ModelSpec) -> str:
    known = PUTS_TOGETHER.get(spec.readout)
    entry = AGGREGATORS.get(spec.readout)
    what = (
        f"The last states of all atoms are {known}"
        if known
        else f"The last states of all atoms are put together by {spec.readout}"
    )
    order = ", which depends on the order of the atoms" if entry is not None and entry.order else ""
    hidden = " and ".join(str(width) for width in spec.head)
    through = (
        f"a network with {'hidden layers' if len(spec.head) > 1 else 'a hidden layer'} of {hidden}"
        if spec.head
        else "a single linear layer"
    )
    gives = "the prediction" if spec.targets == 1 else f"{spec.targets} predictions"
    return f"{what}{order}; {through} gives {gives}."


def _others(part: ModelSpec | Layer) -> str:
    """What is set beside the fields that have words of their own."""
    said = []
    for name, field in type(part).model_fields.items():
        value: Any = getattr(part, name)
        default = field.get_default(call_default_factory=True)
        if name in TOLD or value == default:
            continue
        if isinstance(value, dict):
            said += [_named(option, given) for option, given in value.items()]
        else:
            said.append(_named(name, value))
    return ", ".join(said)


def _named(name: str, value: Any) -> str:
    label = name.replace("_", " ")
    if isinstance(value, bool):
        return label if value else f"no {label}"
    return f"{label} {value}"


def _channels(width: int) -> str:
    return "1 channel" if width == 1 else f"{width:,} channels"
