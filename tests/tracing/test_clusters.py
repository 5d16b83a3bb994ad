"""Readouts by clusters: shares and result recomputed, and a run that was tampered with is found."""

import pytest
import torch
from torch import nn

import mpnn_lab as ml
from mpnn_lab.nn.clusters import CLUSTERS, DENSE
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE

NAMES = {"readout/share", "readout/readout"}
WAYS = [
    (name, layer)
    for name, entry in CLUSTERS.items()
    for layer in (DENSE if "layer" in entry.options else ("",))
]


def build(name, layer="", **options):
    options |= {"layer": layer} if layer else {}
    rounds = [ml.Layer("GCNConv", 8)]
    return ml.ModelSpec(rounds=rounds, readout=name, readout_options=options).build(seed=1)


def passed(report):
    assert not report.failed, str(report)
    return {c.name for c in report.passed}


@pytest.mark.parametrize(("name", "layer"), WAYS)
def test_as_pyg_makes_them(name, layer):
    model = build(name, layer, clusters=3)
    for smiles in (ASPIRIN, METHANE, SODIUM_CHLORIDE):
        assert passed(ml.trace(model, smiles).verify()) >= NAMES


@pytest.mark.parametrize("name", CLUSTERS)
def test_a_readout_that_gives_something_else_is_found(name):
    model = build(name)
    model.readout.register_forward_hook(lambda m, a, out: out + 1e-3 * out.abs().max())
    report = ml.trace(model, ASPIRIN).verify()
    assert [c.name for c in report.failed] == ["readout/readout"]


@pytest.mark.parametrize("name", CLUSTERS)
def test_shares_that_are_something_else_are_found(name):
    model = build(name)
    model.readout.assigned.register_forward_hook(lambda m, a, out: out * 1.001)
    report = ml.trace(model, ASPIRIN).verify()
    assert [c.name for c in report.failed] == ["readout/share", "readout/readout"]


def test_a_layer_that_is_not_known_is_said_to_be_so():
    class Odd(nn.Module):
        def forward(self, x, adj):
            return x + torch.sin(adj @ x)

    model = build("mincut pooling")
    model.readout.conv = Odd()
    reasons = {c.name: c.reason for c in ml.trace(model, ASPIRIN).verify().unchecked}
    assert reasons == {"readout/readout": "no arithmetic is written down for DenseReadout"}
