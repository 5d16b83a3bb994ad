"""What a layer can be asked for: every option does something, and only where it belongs."""

import math

import pytest
import torch
from torch_geometric import nn as pyg

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.nn import LAYERS
from mpnn_lab.nn.entry import Shape
from tests.molecules import ASPIRIN

HEADS = {"heads": 2}
WITH = {
    ("ARMAConv", "shared_weights"): {"num_layers": 3},
    ("GCN2Conv", "layer"): {"theta": 0.5},
    ("GCN2Conv", "theta"): {"layer": 1},
    ("GENConv", "learn_msg_scale"): {"msg_norm": True},
    ("GeneralConv", "attention_type"): {"attention": True},
    ("PNAConv", "act"): {"pre_layers": 2},
    ("PNAConv", "divide_input"): {"towers": 2},
    ("RGATConv", "dim"): {"attention_mode": "multiplicative-self-attention"},
    **{(name, "concat"): HEADS for name, e in LAYERS.items() if "concat" in e.options()},
}
"""Options that say something about another one, with that one."""
UNDER = {("GENConv", "p"): "powermean", ("GENConv", "learn_p"): "powermean"}


def made(name, aggr, options):
    """Weights by name and whether they learn, and what the network gives in training and in use."""
    spec = ModelSpec(rounds=[Layer(name, 12, aggr=aggr, options=options)] * 2)
    model, data = spec.build(seed=1), spec.featurize(ASPIRIN)
    weights = {(n, p.requires_grad): p.detach().clone() for n, p in model.named_parameters()}
    torch.manual_seed(2)
    trained = model.train()(data).detach()
    return weights, trained, model.eval()(data).detach()


def differ(one, other):
    if one[0].keys() != other[0].keys():
        return True
    pairs = [*zip(one[0].values(), other[0].values(), strict=True)]
    pairs += zip(one[1:], other[1:], strict=True)
    return any(a.shape != b.shape or not torch.equal(a, b) for a, b in pairs)


def values(option):
    """Some that the option takes, its default aside."""
    words = (*option.choices, True, False, 2, 3, 1, 0.5, 0.25, 0.0, 2.0)
    taken = (v for v in words if type(v) in option.types)
    return [v for v in taken if v != option.default and (isinstance(v, str) or v in option.range)]


@pytest.mark.parametrize("name", LAYERS)
def test_every_option_changes_something(name):
    for option in LAYERS[name].described().values():
        given = WITH.get((name, option.name), {})
        aggr = UNDER.get((name, option.name))
        changed = False
        for value in values(option):
            own = {option.name: value}
            others = given if option.name not in ("theta", "layer") else {"theta": 2.0, "layer": 5}
            changed |= differ(made(name, aggr, others), made(name, aggr, {**given, **own}))
            if changed:
                break
        assert changed, option.name


@pytest.mark.parametrize("option", ["neg_sample_ratio", "edge_sample_ratio", "is_undirected"])
def test_what_would_change_nothing_is_refused_with_a_reason(option):
    with pytest.raises(SpecError, match=f"options.{option}: it is for a loss of the attention"):
        Layer("SuperGATConv", 8, options={option: 1})


@pytest.mark.parametrize(
    ("aggr", "options", "plain"),
    [
        (None, {}, {"aggr": "softmax"}),
        ("softmax", {"t": 0.3, "learn_t": True}, {"aggr": "softmax", "t": 0.3, "learn_t": True}),
        ("powermean", {"p": 2.0}, {"aggr": "powermean", "p": 2.0}),
        ("powermean", {"learn_p": True}, {"aggr": "powermean", "learn_p": True}),
        ("sum", {}, {"aggr": "add"}),
        ("max", {}, {"aggr": "max"}),
        ("std", {}, {"aggr": "std"}),
    ],
)  # fmt: skip
def test_genconv_aggregates_as_pygs(aggr, options, plain):
    layer = Layer("GENConv", 8, aggr=aggr, options={**options, "norm": "layer"})
    ours = LAYERS["GENConv"].build(Shape(6, 8, 5, 1), layer)
    theirs = pyg.GENConv(6, 8, edge_dim=5, norm="layer", **plain)
    theirs.load_state_dict(ours.state_dict())
    x, e = torch.randn(4, 6), torch.randn(6, 5)
    edge_index = torch.tensor([[0, 1, 2, 3, 1, 2], [1, 0, 1, 1, 2, 3]])
    torch.testing.assert_close(ours(x, edge_index, e), theirs(x, edge_index, e))


@pytest.mark.parametrize("aggr", LAYERS["GENConv"].aggrs)
def test_genconv_is_recomputed_under_every_aggregation(aggr):
    spec = ModelSpec(rounds=[Layer("GENConv", 8, aggr=aggr, options={"norm": "layer"})] * 2)
    report = ml.trace(spec.build(seed=1), "CC(=O)NCC1CC1").verify()
    assert report
    assert not report.unchecked


@pytest.mark.parametrize(
    ("aggr", "option", "value", "belongs"),
    [("sum", "t", 0.5, "softmax"), ("powermean", "learn_t", True, "softmax"),
     (None, "p", 2.0, "powermean"), ("max", "learn_p", False, "powermean")],
)  # fmt: skip
def test_options_of_another_aggregation_are_refused(aggr, option, value, belongs):
    with pytest.raises(SpecError, match=f"options.{option}: it is for .*'{belongs}'") as caught:
        Layer("GENConv", 8, aggr=aggr, options={option: value})
    assert f"aggr='{belongs}'" in caught.value.mend


def test_the_aggregation_of_genconv_is_named():
    assert "GENConv × 14 · softmax · mean" in ml.preset("deeper-gcn").summary()
    assert "· powermean ·" in ModelSpec(rounds=[Layer("GENConv", 8, aggr="powermean")]).summary()


@pytest.mark.parametrize(("theta", "l"), [(0.5, 1), (0.5, 4), (0.0, 2)])
def test_identity_mapping_of_gcn2(theta, l):  # noqa: E741
    """((1 − α) P h + α h⁰) ((1 − β) I + β W), β = log(θ/l + 1), worked out with a dense P."""
    layer = Layer("GCN2Conv", 4, options={"theta": theta, "layer": l, "alpha": 0.2})
    conv = LAYERS["GCN2Conv"].build(Shape(4, 4, 5, 1), layer)
    h, h_0 = torch.randn(3, 4), torch.randn(3, 4)
    edge_index = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
    a = torch.tensor([[1.0, 1, 0], [1, 1, 1], [0, 1, 1]])
    d = a.sum(1).rsqrt()
    mixed = 0.8 * (d[:, None] * a * d) @ h + 0.2 * h_0
    beta = math.log(theta / l + 1)
    expected = mixed @ ((1 - beta) * torch.eye(4) + beta * conv.weight1)
    torch.testing.assert_close(conv(h, h_0, edge_index), expected)
    rounds = [layer.replace(options={**layer.options, "layer": t}) for t in (1, 2)]
    assert ml.trace(ModelSpec(rounds=rounds).build(), "CCO").verify()


@pytest.mark.parametrize("given", [{"theta": 0.5}, {"layer": 1}])
def test_theta_and_layer_go_together(given):
    with pytest.raises(SpecError, match=f"options.{next(iter(given))}: .* is not given") as caught:
        Layer("GCN2Conv", 4, options=given)
    assert "Give both" in caught.value.mend


def test_a_switch_is_a_switch_whatever_pyg_calls_it():
    assert LAYERS["GeneralConv"].described()["skip_linear"].types == (bool,)
    with pytest.raises(SpecError, match="skip_linear: 'yes'; expected True or False"):
        Layer("GeneralConv", 8, options={"skip_linear": "yes"})
    spec = ModelSpec(rounds=[Layer("GCNConv", 8), Layer("GeneralConv", 8)])
    with_one = spec.replace(
        rounds=[spec.rounds[0], spec.rounds[1].replace(options={"skip_linear": True})]
    )
    names = {n for n, _ in with_one.build().named_parameters()}
    assert names - {n for n, _ in spec.build().named_parameters()} == {
        "rounds.1.conv.lin_self.weight", "rounds.1.conv.lin_self.bias"
    }  # fmt: skip
