"""Aggregations with weights of their own: recomputed, and a run that was tampered with is found."""

import re

import pytest
import torch
from torch import nn
from torch_geometric.nn import MLP, aggr
from torch_geometric.utils import sort_edge_index

import mpnn_lab as ml
from mpnn_lab.nn import AGGREGATORS
from mpnn_lab.nn.by_size import BySize
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE
from tests.tracing.test_aggregations import Small

LEARNED = (
    "attentional", "set2set", "deep sets", "quantile", "lstm", "gru", "mlp", "lcm", "sort",
    "set transformer", "multiset transformer", "patch transformer", "equilibrium",
)  # fmt: skip
WIDTH = 12


def nets(out=6):
    """A network whose normalisation has seen something."""
    net = MLP([6, 5, out], act="elu")
    net.norms[0].module.running_mean.uniform_(-1, 1)
    net.norms[0].module.running_var.uniform_(0.5, 2)
    return net


WAYS = {
    "quantiles": lambda: aggr.QuantileAggregation([0.2, 0.5, 0.9], interpolation="midpoint"),
    "attentional": lambda: aggr.AttentionalAggregation(nn.Linear(6, 1)),
    "attentional, by channel": lambda: aggr.AttentionalAggregation(nets(), nets()),
    "deep sets, bare": aggr.DeepSetsAggregation,
    "deep sets, local": lambda: aggr.DeepSetsAggregation(nets()),
    "deep sets": lambda: aggr.DeepSetsAggregation(nn.Linear(6, 4), MLP([4, 5, 6], norm=None)),
}


SORTED = {
    "lstm": lambda: aggr.LSTMAggregation(6, 6),
    "gru": lambda: aggr.GRUAggregation(6, 6),
    "mlp": lambda: aggr.MLPAggregation(6, 6, 9, num_layers=1),
    "mlp, cut short": lambda: aggr.MLPAggregation(
        6, 6, 2, num_layers=3, hidden_channels=5, act_first=True
    ),
    "lcm": lambda: aggr.LCMAggregation(6, 6),
    "lcm, not lifted": lambda: aggr.LCMAggregation(6, 6, project=False),
    "set transformer": lambda: aggr.SetTransformerAggregation(
        6, heads=3, num_seed_points=2, num_encoder_blocks=2, layer_norm=True, concat=False
    ),
    "multiset transformer": lambda: aggr.GraphMultisetTransformer(6, k=3, layer_norm=True),
    "patch transformer": lambda: aggr.PatchTransformerAggregation(
        6, 6, 2, 4, heads=2, num_transformer_blocks=2, aggr=["sum", "mean"]
    ),
    "patch transformer, cut short": lambda: aggr.PatchTransformerAggregation(6, 6, 3, 4),
    "equilibrium": lambda: aggr.EquilibriumAggregation(6, 6, num_layers=[5, 4], grad_iter=3),
}
"""PyG's own, which want rows sorted by group, and go on over the padding of the shorter ones.

Those cut short have fewer places than aspirin has atoms."""


@pytest.mark.parametrize(
    ("way", "sized"),
    [
        (way, sized)
        for way in SORTED
        for sized in (False, True)
        if way != "patch transformer, cut short" or not sized
    ],
)
def test_with_padding_and_without(way, sized):
    torch.manual_seed(1)
    alone = way == "equilibrium"  # of several groups PyG's makes one mean
    model = Small(lambda: BySize(SORTED[way](), alone=alone) if sized else SORTED[way]())
    for smiles in (ASPIRIN, SODIUM_CHLORIDE if sized else "CCO"):
        data = ml.featurize(smiles)
        data.edge_index = sort_edge_index(data.edge_index, sort_by_row=False)
        report = ml.trace(model, data).verify()
        assert not report.failed, str(report)
        assert {"round 1/aggregate", "readout/readout"} <= {c.name for c in report.passed}


def test_the_steps_of_a_network_share_its_weights():
    model = ml.ModelSpec(rounds=[ml.Layer("GCNConv", WIDTH)], readout="lstm").build()
    names = [e.quantity.name for e in ml.trace(model, ASPIRIN).books[-2].ledger.entries]
    assert sum(name.endswith("weight") for name in names) == 8
    assert sum(bool(re.fullmatch(r"readout/readout s\d+", name)) for name in names) == 14
    assert not any("none" in name for name in names)  # one molecule: no place is missing


@pytest.mark.parametrize("way", WAYS)
def test_as_pyg_makes_it(way):
    torch.manual_seed(1)
    report = ml.trace(Small(WAYS[way]), ml.featurize(ASPIRIN)).verify()
    assert not report.failed, str(report)
    assert {"round 1/aggregate", "readout/readout"} <= {c.name for c in report.passed}


@pytest.mark.parametrize("name", LEARNED)
@pytest.mark.parametrize("smiles", [METHANE, "CC(=O)O"])
def test_a_readout_that_gives_something_else_is_found(name, smiles):
    model = ml.ModelSpec(rounds=[ml.Layer("GCNConv", WIDTH)], readout=name).build(seed=1)
    assert "readout/readout" in {c.name for c in ml.trace(model, smiles).verify().passed}
    model.readout.register_forward_hook(lambda m, a, out: out + 1e-3 * out.abs().max())
    report = ml.trace(model, smiles).verify()
    assert [c.name for c in report.failed] == ["readout/readout"]


@pytest.mark.parametrize("name", [name for name in LEARNED if AGGREGATORS[name].learned])
def test_an_aggregate_that_is_something_else_is_found(name):
    model = ml.ModelSpec(rounds=[ml.Layer("GraphConv", WIDTH, aggr=name)]).build(seed=1)
    assert "round 1/aggregate" in {c.name for c in ml.trace(model, ASPIRIN).verify().passed}
    own = model.rounds[0].conv.aggr_module
    own.register_forward_hook(lambda m, a, out: out + 1e-3 * out.abs().max())
    report = ml.trace(model, ASPIRIN).verify()
    assert [c.name for c in report.failed] == ["round 1/aggregate"]


def test_a_network_that_is_not_known_makes_it_one_step_that_cannot_be_checked():
    class Odd(nn.Module):
        def forward(self, x):
            return x.sin()

    report = ml.trace(Small(lambda: aggr.DeepSetsAggregation(Odd())), ml.featurize("CC")).verify()
    reasons = {c.name: c.reason for c in report.unchecked}
    assert reasons["round 1/aggregate"].endswith("for DeepSetsAggregation")
    assert reasons["readout/readout"] == reasons["round 1/aggregate"]
