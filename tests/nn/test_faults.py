"""What is refused is said in words of our own, with how to mend it."""

import pytest

from mpnn_lab import Layer, ModelSpec, featurize, preset, trace
from mpnn_lab.errors import SpecError, TraceError
from mpnn_lab.nn import LAYERS

ONE = (Layer("GCNConv", 8),)


@pytest.mark.parametrize(
    ("make", "path", "what", "mend"),
    [
        (lambda: Layer("GATConv", 16, heads=3), "heads", "Layer has no field 'heads'",
         "GATConv's own options go in options={'heads': 3}."),
        (lambda: Layer("GATConv", 16, heads=3), "heads", "", "Its fields are name, width, aggr"),
        (lambda: Layer("GCNConv", 16, aggregator="sum"), "aggregator", "no field", "mean 'aggr'?"),
        (lambda: Layer("GCNConv", 16, zzz=1), "zzz", "no field 'zzz'", "Its fields are name"),
        (lambda: ModelSpec(rounds=ONE, updates="gru"), "updates", "ModelSpec has no field",
         "Did you mean 'update'?"),
        (lambda: preset("gg-nn", hydrogen=True), "hydrogen", "no field", "mean 'hydrogens'?"),
        (lambda: ModelSpec(rounds=ONE[0]), "rounds", "expected a list of layers", "rounds=[ml."),
        (lambda: ModelSpec(rounds=[]), "rounds", "at least one round", "rounds=[ml."),
        (lambda: ModelSpec(), "rounds", "at least one round", "rounds=[ml."),
        (lambda: ModelSpec(rounds=["GCNConv"]), "rounds.0", "expected a Layer", ""),
        (lambda: ModelSpec(list(ONE)), "", "without a field's name", "Give rounds by name"),
        (lambda: Layer("GCNConv", 0), "width", "expected a whole number from 1 to 2048", ""),
        (lambda: Layer("GCNConv", 8, dropout=1.0), "dropout", "a number from 0 to below 1", ""),
        (lambda: Layer("GCNConv", 8, pool="top k", pool_ratio=1.0), "pool_ratio",
         "a number above 0 and below 1", ""),
        (lambda: ModelSpec(rounds=ONE, cutoff=0.0), "cutoff", "above 0 and up to 1000", ""),
        (lambda: ModelSpec(rounds=ONE, tied=1), "tied", "expected True or False", ""),
        (lambda: Layer("GCNConv", 8, options={"bias": None}), "options.bias", "a number or a word",
         ""),
        (lambda: Layer("GCNConv", 8, options=3), "options", "options by name", ""),
        (lambda: ModelSpec.from_json("{"), "", "no JSON", ""),
        (lambda: Layer("gcnconv", 8), "name", "no layer", "Did you mean 'GCNConv'?"),
        (lambda: Layer("Quux", 8), "name", "no layer", "The layers are "),
        (lambda: Layer("GCNConv", 8, aggr="men"), "aggr", "no aggregation", "mean 'mean'?"),
        (lambda: Layer("GCNConv", 8, norm="Batch"), "norm", "no normalisation", "mean 'batch'?"),
        (lambda: ModelSpec(rounds=ONE, readout="set2sett"), "readout", "", "mean 'set2set'?"),
        (lambda: preset("ggnn"), "name", "no preset", "Did you mean 'gg-nn'?"),
    ],
)  # fmt: skip
def test_each_fault_is_in_plain_words(make, path, what, mend):
    with pytest.raises(SpecError) as caught:
        make()
    (fault,) = caught.value.faults
    assert fault.path == path
    assert what in fault.what
    assert mend in fault.mend
    assert "nput" not in str(caught.value)


@pytest.mark.parametrize(
    ("word", "meant"),
    [("GCN", "GCNConv"), ("gcn", "GCNConv"), ("nn", "NNConv"), ("mf", "MFConv"),
     ("gat", "GATConv"), ("GIN", "GINConv"), ("gine", "GINEConv"), ("gatv2", "GATv2Conv"),
     ("graph", "GraphConv"), ("res", "ResGatedGraphConv"), ("Trans", "TransformerConv"),
     ("gated", "GatedGraphConv"), ("gcnconv", "GCNConv"), ("GCNCov", "GCNConv"),
     ("SAGEconvs", "SAGEConv"), ("fingerprint", "FingerprintConv")],
)  # fmt: skip
def test_a_layer_by_a_short_name(word, meant):
    with pytest.raises(SpecError) as caught:
        Layer(word)
    assert caught.value.mend == f"Did you mean {meant!r}?"


def test_every_layer_is_found_without_its_ending():
    for name in LAYERS:
        if (short := name.removesuffix("Conv")) not in LAYERS:
            with pytest.raises(SpecError) as caught:
                Layer(short.lower())
            assert caught.value.mend == f"Did you mean {name!r}?"


def test_a_specification_is_no_network_yet():
    with pytest.raises(TraceError, match="a specification is no network yet") as caught:
        trace(ModelSpec(rounds=ONE), featurize("CCO"))
    assert "spec.build()" in caught.value.mend


def divided(layer, before=16):
    return ModelSpec(rounds=[Layer("GCNConv", before), layer]).build()


@pytest.mark.parametrize(
    ("name", "width", "options", "path", "what"),
    [
        (
            "PNAConv",
            16,
            {"towers": 3},
            "towers",
            "16 channels of PNAConv cannot be divided among 3",
        ),
        ("RGCNConv", 16, {"num_blocks": 3}, "num_blocks", "among 3 blocks"),
        ("RGCNConv", 16, {"num_blocks": 2, "num_bases": 2}, "num_blocks", "not of both"),
        ("FastRGCNConv", 16, {"num_blocks": 3}, "num_blocks", "among 3 blocks"),
        ("RGATConv", 16, {"num_blocks": 5}, "num_blocks", "among 5 blocks"),
        ("EGConv", 16, {"num_heads": 3}, "num_heads", "among 3 heads"),
        ("DNAConv", 12, {"heads": 2, "groups": 3}, "groups", "one is a multiple of the other"),
        ("DNAConv", 12, {"groups": 5}, "groups", "among 5 groups"),
    ],
)
def test_channels_that_cannot_be_cut_are_refused_at_the_option(name, width, options, path, what):
    with pytest.raises(SpecError) as caught:
        Layer(name, width, options=options)
    (fault,) = caught.value.faults
    assert fault.path == f"options.{path}"
    assert what in fault.what


def test_channels_that_come_to_a_layer_are_cut_too():
    for layer in (
        Layer("RGCNConv", 16, options={"num_blocks": 4}),
        Layer("PNAConv", 16, options={"towers": 4, "divide_input": True}),
    ):
        divided(layer)
        with pytest.raises(SpecError) as caught:
            divided(layer, before=6)
        assert caught.value.faults[0].path.startswith("rounds.1.options.")
        assert "6 channels that come to" in caught.value.faults[0].what
    divided(Layer("PNAConv", 16, options={"towers": 4}), before=6)


def test_towers_are_never_one_in_silence():
    assert preset("towers", width=21).towers == 7
    with pytest.raises(SpecError, match="cannot be divided among towers") as caught:
        preset("towers", width=17)
    assert caught.value.faults[0].path == "width"
    assert "such as 16" in caught.value.mend
