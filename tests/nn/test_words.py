"""What a network does, in words: true of the network, whatever it is made of."""

import pytest
import torch

from mpnn_lab import Layer, ModelSpec, trace
from mpnn_lab.nn import AGGREGATORS, LAYERS
from mpnn_lab.nn.layers.sends import SENDS
from mpnn_lab.nn.layers.told import THEN, TOGETHER
from mpnn_lab.nn.words import TOLD, describe
from tests.molecules import ASPIRIN


def test_a_small_edge_network():
    spec = ModelSpec(
        rounds=[Layer("NNConv", 16, activation="none", options={"hidden": 32})] * 3,
        update="gru", readout="set2set", head=(16,),
    )  # fmt: skip
    assert describe(spec) == (
        "Every heavy atom starts with 16 channels made from its features. In each of 3 rounds of "
        "NNConv (16 channels, hidden 32) each neighbour sends its state times a matrix that a "
        "small network makes from the bond; the messages are summed; the atom's own state, times "
        "a matrix, is added, and a GRU mixes the result into the atom's state. The last states of "
        "all atoms are put together by set2set; a network with a hidden layer of 16 gives the "
        "prediction."
    )


def test_what_is_set_is_said():
    spec = ModelSpec(
        rounds=[Layer("GCNConv", 8, dropout=0.25), Layer("SAGEConv", 1, aggr="std")],
        readout="lstm", head=(), targets=3, hydrogens=True, edges="radius", cutoff=4,
        distances="raw",
    )  # fmt: skip
    said = describe(spec)
    for words in (
        "Every atom, hydrogens too,", "4 Å", "GCNConv (8 channels, dropout 0.25)",
        "Then, in one round of SAGEConv (1 channel)", "reduced to their standard deviation",
        "go through a ReLU", "by lstm, which depends on the order of the atoms",
        "a single linear layer gives 3 predictions",
    ):  # fmt: skip
        assert words in said
    tied = ModelSpec(rounds=[Layer("GCNConv", 8)] * 2, tied=True)
    assert describe(tied).endswith("All rounds share one set of weights.")


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("pad_input", True, "starts with 32 channels that are its features and zeros."),
        ("towers", 2, "Each state is cut into 2 towers"),
        ("master_node", 5, "A master node of 5 channels hears every atom"),
        ("both_directions", True, "Messages along the edges and against them"),
        ("virtual_edges", True, "by a virtual edge"),
        ("geometry", True, "The graph has the atoms' positions."),
        ("tied_update", True, "All rounds share the weights of the update."),
        ("jumping", "cat", "The states of all atoms after every round, end to end, are summed"),
        ("jumping", "max", "the largest of all rounds in each channel, are summed"),
        ("jumping", "lstm", "after every round, weighted by attention, are summed"),
    ],
)
def test_each_part_of_the_family_has_words(field, value, words):
    plain = {"rounds": [Layer("NNConv", 32)], "update": "gru"}
    assert words in describe(ModelSpec(**plain, **{field: value}))
    assert words not in describe(ModelSpec(**plain))


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_has_a_sentence(name):
    said = describe(ModelSpec(rounds=[Layer(name, 12)]))
    assert f"one round of {name} (12 channels) each neighbour sends " in said


def test_words_are_of_layers_that_there_are():
    assert set(SENDS) | set(THEN) | set(TOGETHER) <= set(LAYERS)
    for name in SENDS | THEN | TOGETHER:
        assert (LAYERS[name].sends, LAYERS[name].together) == (
            SENDS.get(name, ""), TOGETHER.get(name, "")
        )  # fmt: skip


def is_its_aggregate(round_):
    """Whether a layer gives what it has put together, but for a bias, seen from a run."""
    if round_.layer != "rounds.0.conv":  # a layer within it
        return False
    if len(round_.propagations) != 1 or round_.propagations[0].aggregated is None:
        return False
    put = round_.propagations[0].aggregated.flatten(1)
    if put.shape != round_.output.shape:
        return False
    rest = round_.output - put
    return bool(torch.allclose(rest, rest[:1].expand_as(rest), atol=1e-5))


@pytest.mark.parametrize("name", LAYERS)
def test_what_a_layer_does_after_the_sum_is_said_if_it_does_anything(name):
    model = ModelSpec(rounds=[Layer(name, 12, activation="none")]).build(seed=1)
    with torch.no_grad():  # PyG starts with gates and biases of 0, and Cheb's loops with sums of 0
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    (round_, *_) = trace(model, ASPIRIN).rounds
    assert bool(LAYERS[name].words({})) != is_its_aggregate(round_)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (Layer("NNConv", 8), "summed; the atom's own state, times a matrix, is added; that goes "
         "through a ReLU, and the result is the atom's new state."),
        (Layer("NNConv", 8, options={"root_weight": False}), "summed, go through a ReLU, and"),
        (Layer("GINConv", 8), "the atom's own state, times 1 + ε (ε = 0), is added, and a small"),
        (Layer("GINConv", 8, options={"train_eps": True}), "(ε learned, from 0)"),
        (Layer("GINConv", 8, norm="layer"), "; that is normalised by layer, goes through a ReLU,"),
        (Layer("SAGEConv", 8), "averaged; this goes through a matrix, and the atom's own state, "
         "times another, is added; that goes"),
        (Layer("SAGEConv", 8, options={"root_weight": False}), "this goes through a matrix; that"),
        (Layer("GatedGraphConv", 8, activation="none"), "summed; a GRU of the layer's own mixes "
         "this into the atom's state, and the result"),
        (Layer("GatedGraphConv", 8, options={"num_layers": 3}), "atom's state; all this 3 times;"),
        (Layer("ChebConv", 8, options={"K": 4}), "all this 3 times, by Chebyshev's polynomials;"),
        (Layer("FingerprintConv", 8), "a matrix for the atom's number of neighbours and a sigmoid"),
        (Layer("InteractionConv", 8), "given this, the atom's own state and its first state"),
        (Layer("WeaveConv", 8), "own state goes through a matrix and a ReLU and stands beside"),
        (Layer("GENConv", 8), "softmax weights, whose inverse temperature t is 1; the atom's own"),
        (Layer("GENConv", 8, options={"learn_t": True, "t": 0.5}), "t is learned, from 0.5;"),
        (Layer("GENConv", 8, aggr="powermean"), "power mean, whose power p is 1;"),
        (Layer("GENConv", 8, aggr="sum"), "summed; the atom's own state is added, and a network "
         "of 2 layers follows"),
        (Layer("GraphConv", 8, aggr="softmax"), "whose inverse temperature t is learned;"),
        (Layer("PNAConv", 8), "put together as their mean, smallest, largest and standard"),
        (Layer("GCN2Conv", 8), "0.1 times the atom's first state are added up; a matrix follows"),
        (Layer("GCN2Conv", 8, options={"theta": 0.5, "layer": 2}), "β = log(θ/l + 1)"),
        (Layer("TransformerConv", 8, options={"beta": True}), "a gate mixes this with the atom's"),
        (Layer("GATConv", 8), "the messages are summed, go through a ReLU, and the result"),
    ],
    ids=lambda given: given.name if isinstance(given, Layer) else None,
)  # fmt: skip
def test_what_comes_after_the_sum(layer, words):
    assert words in describe(ModelSpec(rounds=[layer]))


@pytest.mark.parametrize("name", LAYERS)
def test_no_layer_puts_together_in_a_way_of_its_own_without_saying_which(name):
    said = describe(ModelSpec(rounds=[Layer(name, 12)]))
    assert "own way" not in said


@pytest.mark.parametrize("name", AGGREGATORS)
def test_every_readout_has_a_sentence(name):
    said = describe(ModelSpec(rounds=[Layer("GCNConv", 12)], readout=name))
    assert ("depends on the order" in said) == AGGREGATORS[name].order


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"edges": "radius", "cutoff": 4.5}, "the atoms bonded to it and those within 4.5 Å."),
        ({"edges": "complete"}, "All other atoms are its neighbours, bonded or not."),
        ({"virtual_edges": True}, "Atoms that no bond joins are neighbours by a virtual edge."),
        ({"distances": "raw"}, "Every edge tells the distance of its atoms."),
        (
            {"virtual_edges": True, "distances": "binned"},
            "An edge that is no bond tells in which of ten bins its length lies.",
        ),
    ],
)
def test_what_joins_atoms_beside_bonds(fields, words):
    rounds = [Layer("GINEConv", 8)]
    assert words in describe(ModelSpec(rounds=rounds, **fields))
    assert words not in describe(ModelSpec(rounds=rounds))


@pytest.mark.parametrize("name", [n for n, entry in LAYERS.items() if entry.positions])
def test_layers_that_read_positions_say_so(name):
    said = describe(ModelSpec(rounds=[Layer(name, 8)]))
    assert "lies" in said or "distance" in said


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"norm": "batch"}, "the messages are summed, normalised by batch, go through a ReLU, and"),
        ({"block": "plain"}, "and the result is the atom's new state."),
        ({"block": "res"}, "and the result is added to the atom's state."),
        ({"block": "dense"}, "and the result stands beside the atom's state, which grows by it."),
        ({"block": "res+", "norm": "layer"},
         "the atom's state is normalised by layer, goes through a ReLU, and then"),
        ({"pool": "top k"}, "After it 50% of the atoms stay, chosen by top k."),
        ({"pool": "sag", "pool_ratio": 0.25}, "After it 25% of the atoms stay, chosen by sag."),
        ({"pool": "edge"}, "After it atoms merge by edge pooling."),
        ({"pool": "asa", "pool_ratio": 0.3}, "After it atoms merge by asa pooling into 30% of"),
    ],
)  # fmt: skip
def test_what_follows_a_layer_is_said_in_sentences(fields, words):
    said = describe(ModelSpec(rounds=[Layer("GCNConv", 8, **fields)]))
    assert words in said
    assert "With " not in said
    assert not any(f"{name} {value}" in said for name, value in fields.items() if name != "pool")


def test_a_readouts_options_stand_with_it():
    spec = ModelSpec(
        rounds=[Layer("GCNConv", 8)], readout="diff pooling", readout_options={"clusters": 4}
    )
    assert "put together by diff pooling (clusters 4)" in describe(spec)


def test_every_field_has_words_of_its_own():
    assert set(ModelSpec.model_fields) <= TOLD
    assert set(Layer.model_fields) - TOLD == {"dropout", "options"}
