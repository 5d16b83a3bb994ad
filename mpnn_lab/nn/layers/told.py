"""What each layer does, in words: how messages are put together, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mpnn_lab.nn.entry import LayerEntry
from mpnn_lab.nn.layers.sends import SENDS

TOGETHER = {
    "PNAConv": "put together as their mean, smallest, largest and standard deviation, each as it "
    "is and scaled up and down by the number of neighbours",
    "GPSConv": "summed",
    "EGConv": "summed, for each base apart",
    "AntiSymmetricConv": "summed",
    "DirGNNConv": "averaged, along the edges and against them apart",
    "WLConvContinuous": "summed",
    "HGTConv": "summed",
    "HANConv": "summed, for each type of bond apart",
}
"""How layers put messages together that have a way of their own."""

Options = Mapping[str, Any]
Then = Callable[[Options], str]
ADDED = "the atom's own state, times a matrix, is added"
OTHER = "this goes through a matrix, and the atom's own state, times another, is added"


def _always(said: str) -> Then:
    return lambda options: said


def _if(option: str, said: str, otherwise: str = "") -> Then:
    return lambda options: said if options[option] else otherwise


def _times(count: int, once: str) -> str:
    return once if count == 1 else f"{once}; all this {count} times"


def _own_weight(option: str) -> Then:
    """(1 + ε) h_i of GIN and its kin, and the network after the sum."""

    def said(options: Options) -> str:
        learned = "learned, from" if options[option] else "="
        own = f"the atom's own state, times 1 + ε (ε {learned} {options['eps']:g})"
        return f"{own}, is added, and a small network follows"

    return said


def _gen(options: Options) -> str:
    lengthened = "this is made as long as the atom's own state, " * bool(options["msg_norm"])
    layers = options["num_layers"]
    network = "a linear layer" if layers == 1 else f"a network of {layers} layers"
    return f"{lengthened}the atom's own state is added, and {network} follows"


def _general(options: Options) -> str:
    length = ", and the whole is brought to length 1" * bool(options["l2_normalize"])
    matrix = "" if options["skip_linear"] else " where widths differ"
    return f"the atom's own state, times a matrix{matrix}, is added{length}"


def _transformer(options: Options) -> str:
    if not options["root_weight"]:
        return ""
    mixed = "a gate mixes this with the atom's own state, times a matrix"
    return mixed if options["beta"] else ADDED


def _arma(options: Options) -> str:
    once = "the atom's own state as it came, times a matrix, is added, and a ReLU follows"
    stacks = options["num_stacks"]
    several = f"; of {stacks} such stacks the mean is taken" if stacks > 1 else ""
    return _times(options["num_layers"], once) + several


def _sg(options: Options) -> str:
    again = f"all this {options['K']} times; " if options["K"] > 1 else ""
    return f"{again}a matrix follows"


def _ssg(options: Options) -> str:
    k, share = options["K"], f"{options['alpha']:g} times the atom's own state as it came"
    mean = f"all this {k} times, of which the mean is taken; " if k > 1 else ""
    return f"{mean}{1 - options['alpha']:g} times this and {share} are added up; a matrix follows"


def _hops(k: int, how: str = "") -> str:
    again = f"all this {k} times{how}" if k > 1 else f"all this once{how}"
    return f"{again}; the states before and after, each times a matrix of its own, are added up"


def _cheb(options: Options) -> str:
    k = options["K"]
    if k == 1:
        return "none of this counts: the atom's own state, times a matrix, is the result"
    return _hops(k - 1, ", by Chebyshev's polynomials")


def _gcn2(options: Options) -> str:
    share = options["alpha"]
    mixed = f"{1 - share:g} times this and {share:g} times the atom's first state are added up"
    if options["theta"] is None:
        return f"{mixed}; a matrix follows"
    return f"{mixed}; a matrix follows, itself mixed with the identity (β = log(θ/l + 1))"


def _antisymmetric(options: Options) -> str:
    once = (
        "the atom's own state, times an antisymmetric matrix, is added, a tanh follows, and "
        f"{options['epsilon']:g} times that is added to the atom's own state"
    )
    return _times(options["num_iters"], once)


def _sage(options: Options) -> str:
    length = ", and the whole is brought to length 1" * bool(options["normalize"])
    return (OTHER if options["root_weight"] else "this goes through a matrix") + length


def _types(options: Options) -> str:
    return "what the types of bond give is added up" + f"; {ADDED}" * bool(options["root_weight"])


def _directions(options: Options) -> str:
    out = options["alpha"]
    mixed = f"{1 - out:g} times the first and {out:g} times the second are added up"
    return f"each goes through a matrix; {mixed}" + f"; {ADDED}" * bool(options["root_weight"])


RESIDUAL = _if("residual", ADDED)
ROOT = _if("root_weight", ADDED)
OWN = "the atom's own state is added"
NETWORK = _always("a small network follows")
THEN: dict[str, Then] = {
    "NNConv": ROOT,
    "NNConv (PyG)": ROOT,
    "GINEConv": _own_weight("train_eps"),
    "CGConv": _if("batch_norm", f"this is normalised by batch, and {OWN}", OWN),
    "ResGatedGraphConv": ROOT,
    "GENConv": _gen,
    "GMMConv": _always(ADDED),
    "GeneralConv": _general,
    "PNAConv": _always("a network is given all this and the atom's own state"),
    "GPSConv": _always(
        "the atom's own state is added, and a small network follows; to that, and to what "
        "attention gives, the atom's own state is added, both are normalised and added up, and "
        "another network adds to that"
    ),
    "GATConv": RESIDUAL,
    "GATv2Conv": RESIDUAL,
    "TransformerConv": _transformer,
    "HEATConv": _if("root_weight", "the atom's own state, times its element's matrix, is added"),
    "SGConv": _sg,
    "SSGConv": _ssg,
    "TAGConv": lambda o: _hops(o["K"]),
    "APPNP": lambda o: _times(
        o["K"],
        f"{1 - o['alpha']:g} times this and {o['alpha']:g} times the atom's own state as it came "
        "are added up",
    ),
    "ARMAConv": _arma,
    "ChebConv": _cheb,
    "ClusterGCNConv": _always(OTHER),
    "GCN2Conv": _gcn2,
    "FAConv": lambda o: f"{o['eps']:g} times the atom's first state is added",
    "LEConv": _always("the atom's own state, times a third matrix, is added"),
    "MixHopConv": _always(
        "all this twice; the states before, between and after, each times a matrix of its own, "
        "stand side by side"
    ),
    "EGConv": _always("the atom's own state says how the bases are mixed, for each head"),
    "AntiSymmetricConv": _antisymmetric,
    "GINConv": _own_weight("train_eps"),
    "SAGEConv": _sage,
    "GraphConv": _always(OTHER),
    "GatedGraphConv": lambda o: _times(
        o["num_layers"], "a GRU of the layer's own mixes this into the atom's state"
    ),
    "MFConv": _always(
        "this and the atom's own state, each times a matrix for the atom's number of neighbours, "
        "are added"
    ),
    "DirGNNConv": _directions,
    "WLConvContinuous": _always("the mean of this and the atom's own state is taken"),
    "SignedConv": _always(
        "for polar and other bonds apart, this goes through a matrix and the atom's own state, "
        "times another, is added; both stand side by side"
    ),
    "HypergraphConv": _always(
        "each bond and ring system sends this on to its atoms, and each atom takes the mean"
    ),
    "RGCNConv": _types,
    "FastRGCNConv": _types,
    "FiLMConv": _always(
        "what the types of bond give is added up, and so is the atom's own state, times a matrix, "
        "scaled, shifted and cut off likewise"
    ),
    "HGTConv": _always(
        "this goes through a GELU and the matrix of the atom's family, and is mixed with the "
        "atom's own state where widths agree"
    ),
    "HANConv": _always("each goes through a ReLU, and attention to the types of bond mixes them"),
    "HeteroConv": _always(
        "what the types of bonds and atoms give, each times its matrix, is added up"
    ),
    "MetaLayer": _always("a network is given this, the atom's own state and the molecule's"),
    "PointNetConv": NETWORK,
    "PPFConv": NETWORK,
    "PointGNNConv": _always(f"a small network follows, and {OWN}"),
    "FingerprintConv": _always("a matrix for the atom's number of neighbours and a sigmoid follow"),
    "InteractionConv": _always("a network is given this, the atom's own state and its first state"),
    "WeaveConv": _always(
        "the atom's own state goes through a matrix and a ReLU and stands beside this; another "
        "matrix and a ReLU follow"
    ),
    "EdgeGINConv": _own_weight("learn_eps"),
}
"""What a layer does with what it has put together, where that is not yet what it gives."""


def with_words(entry: LayerEntry) -> LayerEntry:
    """The entry, with its words."""
    name = entry.name
    return replace(
        entry, sends=SENDS.get(name, ""), together=TOGETHER.get(name, ""), then=THEN.get(name)
    )
