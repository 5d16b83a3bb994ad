"""A specification in plain words."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from mpnn_lab.nn.aggregators import AGGREGATORS
from mpnn_lab.nn.entry import LayerEntry
from mpnn_lab.nn.layer import Layer
from mpnn_lab.nn.pooling import POOLS
from mpnn_lab.nn.registry import layer_entry
from mpnn_lab.nn.spec import ModelSpec

READS = {
    "edge_attr": "the bond's features",
    "edge_weight": "the bond's order",
    "edge_type": "the bond's type",
    "x_0": "the first states",
    "batch": "all atoms of the molecule",
    "pos": "where the atoms are",
    "normal": "the direction outwards",
}
PUTS_TOGETHER = {
    "sum": "summed",
    "mean": "averaged",
    "max": "reduced to the largest in each channel",
    "min": "reduced to the smallest in each channel",
    "mul": "multiplied",
    "var": "reduced to their variance",
    "std": "reduced to their standard deviation",
    "softmax": "averaged with softmax weights, whose inverse temperature t is learned",
    "powermean": "reduced to their power mean, whose power p is learned",
    "median": "reduced to the median of each channel",
    "gated": "summed, each as far as a gate lets it count",
    "set2set with x": "put together with the features by set2set, which asks all atoms three times",
    "fingerprint": "written into one fingerprint, as are those of all rounds before",
    "atomwise": "taken through a network each, and summed",
}
UPDATES = {
    "none": "the result is the atom's new state",
    "residual": "the result is added to the atom's state",
    "gru": "a GRU mixes the result into the atom's state",
    "mlp": "a small network makes the atom's new state of its state and the result",
}
BLOCKS = {
    "plain": UPDATES["none"],
    "res": UPDATES["residual"],
    "res+": UPDATES["residual"],
    "dense": "the result stands beside the atom's state, which grows by it",
}
JUMPS = {
    "none": "The last states of all atoms",
    "cat": "The states of all atoms after every round, end to end,",
    "max": "The states of all atoms, the largest of all rounds in each channel,",
    "lstm": "The states of all atoms after every round, weighted by attention,",
}
"""What the readout is given."""
ACTIVATIONS = {"relu": "a ReLU", "elu": "an ELU", "silu": "a SiLU", "tanh": "a tanh"}
TOLD = {"name", "width", "aggr", "activation", "rounds", "tied", "update", "readout", "head"}
"""Fields that the sentences have words for; any other is named where it is not the default."""
TOLD |= {"targets", "hydrogens", "edges", "cutoff", "virtual_edges", "distances"}
TOLD |= {"towers", "master_node", "both_directions", "pad_input", "geometry", "jumping"}
TOLD |= {"tied_update", "readout_options", "norm", "pool", "pool_ratio", "block"}


def describe(spec: ModelSpec) -> str:
    """What the network does, in a few sentences."""
    atoms = "Every atom, hydrogens too," if spec.hydrogens else "Every heavy atom"
    groups = [list(same) for _, same in groupby(spec.rounds)]
    sentences = [
        f"{atoms} starts with {_channels(spec.width)} {_start(spec)}.",
        *_edges(spec),
        *(_rounds(group, spec, again=k > 0) for k, group in enumerate(groups)),
        *_aside(spec),
        _readout(spec),
    ]
    if spec.tied and len(spec.rounds) > 1:
        sentences.append("All rounds share one set of weights.")
    if spec.tied_update:
        sentences.append("All rounds share the weights of the update.")
    if rest := _others(spec):
        sentences.append(f"With {rest}.")
    return " ".join(sentences)


def _start(spec: ModelSpec) -> str:
    return "that are its features and zeros" if spec.pad_input else "made from its features"


def _aside(spec: ModelSpec) -> list[str]:
    """What goes on in every round beside the messages between neighbours."""
    said = []
    if spec.both_directions:
        said.append("Messages along the edges and against them have layers of their own.")
    if spec.towers > 1:
        said.append(
            f"Each state is cut into {spec.towers} towers that pass messages by themselves, and "
            "are mixed after every round."
        )
    if spec.master_node:
        said.append(
            f"A master node of {_channels(spec.master_node)} hears every atom, and is heard by "
            "all, in every round."
        )
    return said


def _edges(spec: ModelSpec) -> list[str]:
    """What joins atoms beside bonds, and what the edges tell of distances."""
    said = ["The graph has the atoms' positions."] if spec.geometry else []
    if spec.edges == "radius":
        said.append(
            f"Its neighbours are the atoms bonded to it and those within {spec.cutoff:g} Å."
        )
    elif spec.edges == "complete":
        said.append("All other atoms are its neighbours, bonded or not.")
    elif spec.virtual_edges:
        said.append("Atoms that no bond joins are neighbours by a virtual edge.")
    if spec.distances == "raw":
        said.append("Every edge tells the distance of its atoms.")
    elif spec.distances == "binned":
        said.append("An edge that is no bond tells in which of ten bins its length lies.")
    return said


def _rounds(group: list[Layer], spec: ModelSpec, again: bool) -> str:
    layer, count = group[0], len(group)
    entry = layer_entry(layer.name)
    start = "Then, in" if again else "In"
    times = f"each of {count} rounds" if count > 1 else "one round"
    before, through = "", ""
    if layer.block == "res+":
        before = _made(layer, "the atom's state is normalised by ", "goes through")
        before = before and f"{before.removeprefix(', ')}, and then "
    else:
        through = _made(layer, "normalised by ", "go through")
    if then := entry.words(layer.options):
        made = [part for part in through.removeprefix(", ").split(", ") if part]
        made = [f"is {p}" if p.startswith("norm") else p.replace("go ", "goes ") for p in made]
        through = f"; {then}" + f"; that {', '.join(made)}" * bool(made)
    update = UPDATES.get(spec.update, f"the update {spec.update!r} gives the atom's new state")
    update = BLOCKS.get(layer.block, update)
    extras = _others(layer)
    return (
        f"{start} {times} of {layer.name} ({_channels(layer.width)}{', ' * bool(extras)}{extras}) "
        f"{before}each neighbour sends {_sends(entry)}; the messages are {_together(layer, entry)}"
        f"{through}, and {update}.{_pool(layer, count)}"
    )


def _together(layer: Layer, entry: LayerEntry) -> str:
    """How the messages become one."""
    aggr = layer.aggr or entry.aggr
    if aggr is None:
        return entry.together or "put together in the layer's own way"
    said = PUTS_TOGETHER.get(aggr, f"put together by {aggr}")
    if aggr not in entry.own_aggrs:
        return said
    first, learns = entry.own_aggrs[aggr]
    options = {**entry.options(), **layer.options}
    start = f"{options[first]:g}"
    return said.replace("learned", f"learned, from {start}" if options[learns] else start)


def _made(layer: Layer, normalised: str, goes: str) -> str:
    """The normalisation and the activation of a round, each led by a comma."""
    said = "" if layer.norm == "none" else f", {normalised}{layer.norm}"
    if layer.activation == "none":
        return said
    if not said and goes == "goes through":
        goes = "the atom's state goes through"
    return f"{said}, {goes} {ACTIVATIONS.get(layer.activation, layer.activation)}"


def _pool(layer: Layer, count: int) -> str:
    """How atoms drop out or merge after a round."""
    if layer.pool == "none":
        return ""
    entry = POOLS[layer.pool]
    after, share = "After each" if count > 1 else "After it", f"{layer.pool_ratio or 0.5:.3g}"
    share = f"{100 * float(share):g}%"
    if not entry.merges:
        return f" {after} {share} of the atoms stay, chosen by {layer.pool}."
    into = f" into {share} of their number" if entry.ratio else ""
    return f" {after} atoms merge by {layer.pool} pooling{into}."


def _sends(entry: LayerEntry) -> str:
    if entry.sends:
        return entry.sends
    read = [READS.get(need, need) for need in entry.reads]
    return "what the layer makes of its state" + "".join(f" and {r}" for r in read)


def _readout(spec: ModelSpec) -> str:
    known = PUTS_TOGETHER.get(spec.readout)
    entry = AGGREGATORS.get(spec.readout)
    given = ", ".join(_named(option, value) for option, value in spec.readout_options.items())
    what = f"{JUMPS[spec.jumping]} are {known or f'put together by {spec.readout}'}"
    what += f" ({given})" * bool(given)
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
