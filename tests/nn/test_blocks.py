"""Blocks of DeepGCN: against PyG's DeepGCNLayer, traced, verified, and refused where they clash."""

import pytest
import torch
from torch_geometric.nn import DeepGCNLayer

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn import LAYERS
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, METHANE

BLOCKS = ("plain", "res", "res+", "dense")
LIKELY = [n for n, e in LAYERS.items() if not e.positions and "history" not in e.reads]


def spec(block, name="GCNConv", rounds=3, **fields):
    return ModelSpec(rounds=[Layer(name, 12, block=block, **fields)] * rounds)


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("activation", ["relu", "elu"])
def test_each_round_is_pygs_block(block, activation):
    model = spec(block, activation=activation).build(seed=3).eval()
    data = model.spec.featurize(ASPIRIN)
    h = model.project(data.x)
    for round_ in model.rounds:
        theirs = DeepGCNLayer(round_.conv, None, round_.activation, block).eval()
        h = theirs(h, data.edge_index)
    pooled = model.readout(h, torch.zeros(len(h), dtype=torch.long), dim_size=1)
    torch.testing.assert_close(model(data), model.head(pooled))


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("activation", ["none", "silu"])
@pytest.mark.parametrize("smiles", [METHANE, ASPIRIN])
def test_traced_and_recomputed(block, activation, smiles):
    model = spec(block, activation=activation).build(seed=1).eval()
    data = model.spec.featurize(smiles)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model(data))
    report = trace.verify()
    assert report, str(report)
    assert not report.unchecked, str(report)
    encode(stage_view(trace))
    widths = [r.state_out.shape[1] for r in trace.rounds]
    assert widths == ([24, 36, 48] if block == "dense" else [12, 12, 12])


@pytest.mark.parametrize("name", LIKELY)
def test_any_layer_in_a_pre_activated_block_takes_a_step(name):
    model = spec("res+", name, rounds=2, dropout=0.2).build()
    data = collate([model.spec.featurize(s) for s in (ASPIRIN, METHANE)])
    model(data).sum().backward()
    report = ml.trace(model, ASPIRIN).verify()
    assert report, str(report)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"update": "gru", "rounds": [Layer("GCNConv", 8, block="res")]}, "rounds.0.block"),
        ({"tied": True, "rounds": [Layer("GCNConv", 8, block="dense")] * 2}, "rounds.0.block"),
        (
            {"rounds": [Layer("GCNConv", 8), Layer("GCNConv", 4, block="res+")]},
            "rounds.1.width: 4",
        ),
    ],
)
def test_what_clashes_is_refused_at_its_field(fields, words):
    with pytest.raises(SpecError) as caught:
        ModelSpec(**fields)
    assert str(caught.value).startswith(words)


def test_former_states_are_not_activated_before_a_layer_that_reads_them():
    with pytest.raises(SpecError, match=r"block: 'res\+' changes the states before DNAConv"):
        Layer("DNAConv", 8, block="res+")
