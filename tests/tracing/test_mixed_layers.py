"""Mixtures, towers, stacks, relations, steps: all messages, aggregates and the layer recomputed."""

import pytest
import torch
from torch import nn
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab.tracing import numbered
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, METHANE, SODIUM_CHLORIDE

X, E, TYPES, OUT = 30, 10, 4, 6
DEGREES = torch.tensor([1, 5, 5, 3])
SCALERS = ["identity", "amplification", "attenuation", "linear", "inverse_linear"]
ALL = ["sum", "mean", "min", "max", "var", "std"]
BONDS = {
    "GMM": lambda: pyg.GMMConv(X, OUT, dim=E, kernel_size=4),
    "GMM, sum, bare": lambda: pyg.GMMConv(
        X, OUT, dim=E, kernel_size=1, aggr="add", bias=False
    ),
    "GMM, against the edges": lambda: pyg.GMMConv(
        X, OUT, dim=E, kernel_size=3, flow="target_to_source"
    ),
    "PNA": lambda: pyg.PNAConv(X, OUT, ALL, SCALERS, DEGREES, edge_dim=E),
    "PNA, towers": lambda: pyg.PNAConv(
        X, OUT, ["mean", "std"], SCALERS[:3], DEGREES, edge_dim=E, towers=2, divide_input=True
    ),
    "PNA, towers of all, deep": lambda: pyg.PNAConv(
        X, OUT, ["max"], ["attenuation"], DEGREES, edge_dim=E, towers=3, pre_layers=2,
        post_layers=3, act="leaky_relu", train_norm=True,
    ),
    "PDN": lambda: pyg.PDNConv(X, OUT, E, 8),
    "PDN, no loops": lambda: pyg.PDNConv(X, OUT, E, 8, add_self_loops=False, bias=False),
    "PDN, not normalised": lambda: pyg.PDNConv(X, OUT, E, 8, normalize=False),
    "PDN, against the edges": lambda: pyg.PDNConv(X, OUT, E, 8, flow="target_to_source"),
}  # fmt: skip
PLAIN = {
    "PNA without bonds": lambda: pyg.PNAConv(
        X, OUT, ["mean", "sum"], ["linear"], DEGREES, towers=2
    ),
    "PDN without bonds": lambda: pyg.PDNConv(X, OUT, E, 8),
    "EG": lambda: pyg.EGConv(X, 8, num_heads=4, num_bases=3),
    "EG, several": lambda: pyg.EGConv(
        X, 8, ["symnorm", "max", "std", "var", "min", "mean", "sum"], num_heads=2, num_bases=2
    ),
    "EG, no loops, bare": lambda: pyg.EGConv(
        X, 8, ["mean", "std"], add_self_loops=False, bias=False
    ),
    "EG, against the edges": lambda: pyg.EGConv(X, 8, flow="target_to_source"),
    "ARMA": lambda: pyg.ARMAConv(X, OUT),
    "ARMA, stacks and steps": lambda: pyg.ARMAConv(X, OUT, num_stacks=3, num_layers=3),
    "ARMA, shared, tanh": lambda: pyg.ARMAConv(
        X, X, num_stacks=2, num_layers=3, shared_weights=True, act=nn.Tanh(), bias=False
    ),
    "ARMA, no activation": lambda: pyg.ARMAConv(X, OUT, 2, 2, act=None, dropout=0.5),
    "WL": lambda: pyg.WLConvContinuous(),
    "SAGE, projected": lambda: pyg.SAGEConv(X, OUT, project=True),
    "SAGE, of length one": lambda: pyg.SAGEConv(X, OUT, normalize=True, aggr="max"),
    "gated, steps": lambda: pyg.GatedGraphConv(X + 2, 3),
    "gated, steps, mean": lambda: pyg.GatedGraphConv(X, 2, aggr="mean", bias=False),
    "FeaSt": lambda: pyg.FeaStConv(X, OUT, heads=3),
    "variance preserving": lambda: pyg.GraphConv(
        X, OUT, aggr=pyg.aggr.VariancePreservingAggregation()
    ),
}
RELATIONS = {
    "FiLM": lambda: pyg.FiLMConv(X, OUT, TYPES),
    "FiLM, sum, tanh": lambda: pyg.FiLMConv(X, OUT, TYPES, act=nn.Tanh(), aggr="add"),
    "FiLM, no activation": lambda: pyg.FiLMConv(X, OUT, TYPES, act=None, aggr="max"),
    "FiLM, one relation": lambda: pyg.FiLMConv(X, OUT),
    "RGCN": lambda: pyg.RGCNConv(X, OUT, TYPES),
    "RGCN, bases": lambda: pyg.RGCNConv(X, OUT, TYPES, num_bases=2, aggr="add"),
    "RGCN, blocks, bare": lambda: pyg.RGCNConv(
        X, OUT, TYPES, num_blocks=3, aggr="max", root_weight=False, bias=False
    ),
}
EVERY = {**BONDS, **PLAIN, **RELATIONS}


def layer_of(name):
    """The layer, its biases and temperatures not those that it starts from."""
    torch.manual_seed(3)
    layer = EVERY[name]()
    with torch.no_grad():
        for key, values in layer.named_parameters():
            if "sigma" in key:
                values.uniform_(0.5, 2.0)
            elif values.dim() < 2 or "bias" in key:
                values.add_(torch.rand(values.shape) * 0.3)
    return layer


def run(layer, smiles, name):
    data = ml.featurize(smiles)
    given = {}
    if name in BONDS:
        given["edge_attr"] = data.edge_attr
    if name in RELATIONS:
        given["edge_type"] = data.edge_bond % TYPES
    return ml.trace(layer, data, forward=lambda m, d: m(d.x, d.edge_index, **given))


def parts(trace):
    places = range(len(trace.rounds[0].propagations))
    numbers = [numbered(what, place) for what in ("message", "aggregate") for place in places]
    return {f"round 1/{what}" for what in (*numbers, "layer")}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("smiles", [METHANE, SODIUM_CHLORIDE, ASPIRIN])
def test_recomputed(name, smiles):
    trace = run(layer_of(name), smiles, name)
    report = trace.verify()
    assert not report.failed, str(report)
    assert {c.name for c in report.passed} >= parts(trace)
    assert {c.name.partition("/")[0] for c in report.unchecked} <= {"input", "prediction"}
    encode(stage_view(trace))


@pytest.mark.parametrize("name", EVERY)
def test_a_wrong_message_and_a_wrong_aggregate_are_found(name):
    for hook in ("message", "aggregate"):
        layer = layer_of(name)
        register = getattr(layer, f"register_{hook}_forward_hook")
        register(lambda m, i, out: out * 1.01)
        failed = {c.name.partition("/")[2] for c in run(layer, ASPIRIN, name).verify().failed}
        assert hook in failed


@pytest.mark.parametrize("name", EVERY)
def test_a_wrong_output_is_found(name):
    layer = layer_of(name)
    layer.register_forward_hook(lambda m, i, out: out + 1e-3)
    failed = {c.name for c in run(layer, ASPIRIN, name).verify().failed}
    assert failed == {"round 1/layer"}


@pytest.mark.parametrize("update", ["none", "residual", "gru"])
@pytest.mark.parametrize(
    "name",
    [
        *("GMMConv", "PNAConv", "PDNConv", "EGConv", "ARMAConv", "WLConvContinuous", "CGConv"),
        *("RGCNConv", "FiLMConv", "GatedGraphConv", "AntiSymmetricConv", "DirGNNConv"),
    ],
)
def test_nothing_is_left_unchecked_in_a_network(name, update):
    options = {"num_layers": 2} if name in ("GatedGraphConv", "ARMAConv") else {}
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8, options=options)] * 2, update=update)
    report = ml.trace(spec.build(seed=1), ASPIRIN).verify()
    assert not report.failed, str(report)
    assert not report.unchecked, str(report)


def test_kernels_for_every_pair_of_channels_are_said_not_to_be_checked_one_by_one():
    layer = pyg.GMMConv(X, OUT, dim=E, kernel_size=3, separate_gaussians=True)
    data = ml.featurize(ASPIRIN)
    trace = ml.trace(layer, data, forward=lambda m, d: m(d.x, d.edge_index, d.edge_attr))
    report = trace.verify()
    assert not report.failed, str(report)
    assert {c.name for c in report.passed} >= parts(trace)
    assert "round 1/kernels" in {c.name for c in report.unchecked}


def test_loops_among_the_given_edges_are_not_guessed_at():
    data = ml.featurize("CO")
    edges = torch.cat([data.edge_index, torch.tensor([[0], [0]])], 1)
    bonds = torch.rand(3, E)
    trace = ml.trace(pyg.PDNConv(X, OUT, E, 8), data, forward=lambda m, d: m(d.x, edges, bonds))
    report = trace.verify()
    assert not report.failed, str(report)
    assert {c.name for c in report.unchecked} == {"round 1/c_ij", "prediction/prediction"}


@pytest.mark.parametrize(
    "layer",
    [
        pyg.WLConvContinuous(flow="target_to_source"),
        pyg.ARMAConv(X, OUT, act=nn.Softplus()),
        pyg.PNAConv(X, OUT, ["max"], ["linear"], DEGREES, pre_layers=2, act="softplus"),
        pyg.FiLMConv(X, OUT, act=nn.Softplus()),
        pyg.FiLMConv(X, OUT, nn=nn.Sequential(nn.Linear(X, 2 * OUT))),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_what_is_not_written_down_is_not_claimed(layer):
    trace = ml.trace(layer, ml.featurize(ASPIRIN), forward=lambda m, d: m(d.x, d.edge_index))
    report = trace.verify()
    assert not report.failed, str(report)
    assert "round 1/layer" in {c.name for c in report.unchecked}


@pytest.mark.parametrize("name", ["AntiSymmetricConv", "DirGNNConv"])
def test_a_wrong_result_of_a_layer_that_holds_layers_is_found(name):
    model = ml.ModelSpec(rounds=[ml.Layer(name, 8, activation="none")] * 2, update="none").build()
    model.rounds[0].conv.register_forward_hook(lambda m, i, out: out + 1e-3)
    report = ml.trace(model, ASPIRIN).verify()
    (wrong,) = {c.name for c in report.failed}
    assert wrong.endswith("/state")


@pytest.mark.parametrize(
    ("name", "options", "why"),
    [
        ("GPSConv", {}, "attention among all atoms"),
        ("AntiSymmetricConv", {"num_iters": 2}, "several steps"),
    ],
)
def test_what_a_layer_makes_of_its_layers_is_recomputed_or_said_not_to_be(name, options, why):
    spec = ml.ModelSpec(rounds=[ml.Layer(name, 8, options=options)] * 2)
    report = ml.trace(spec.build(), ASPIRIN).verify()
    assert not report.failed
    assert {c.name.split("/")[1] for c in report.unchecked} == {"state"}
    assert all(why in c.reason for c in report.unchecked)
