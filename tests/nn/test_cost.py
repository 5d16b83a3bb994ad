"""Costs: weights against the network's own, products against a hand count and torch's counter."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.limits import LIMITS
from mpnn_lab.nn import AGGREGATORS, LAYERS
from mpnn_lab.nn.cost import cost, count_parameters
from tests.molecules import ACETIC_ACID, ASPIRIN

F, ATOMS, EDGES = 12, 13, 26
FUSED = {"NNConv", "GPSConv"}
"""torch's counter makes NNConv go the long way, and knows no attention on the CPU."""
UNSEEN = {"set2set", "lstm", "set transformer", "multiset transformer", "patch transformer"}
UNSEEN |= {"equilibrium"}
"""It neither knows LSTMs on the CPU, nor can it look into a gradient."""


def of(spec):
    return cost(spec, spec.featurize(ASPIRIN))


def named(found, name):
    (part,) = (p for p in found.parts if p.name == name)
    return part


def by_torch(spec):
    """Multiply-adds as torch counts them."""
    counter = FlopCounterMode(display=False)
    with counter:
        spec.build().eval()(spec.featurize(ASPIRIN))
    return counter.get_total_flops() / 2


@pytest.mark.parametrize("name", LAYERS)
def test_every_layer_is_counted_as_torch_counts_it(name):
    spec = ModelSpec(rounds=[Layer(name, F)] * 2)
    found = of(spec)
    assert found.complete
    assert found.parameters == sum(p.numel() for p in spec.build().parameters())
    assert found.parameters == sum(p.parameters for p in found.parts) == count_parameters(spec)
    if name not in FUSED:
        assert found.multiply_adds == by_torch(spec)


@pytest.mark.parametrize("name", AGGREGATORS)
def test_every_readout_is_counted_as_torch_counts_it(name):
    spec = ModelSpec(rounds=[Layer("GCNConv", F)], readout=name)
    found = of(spec)
    assert found.parameters == sum(p.numel() for p in spec.build().parameters())
    if name not in UNSEEN:
        assert found.multiply_adds == by_torch(spec)


def test_an_edge_network_counted_by_hand():
    spec = ModelSpec(
        rounds=[Layer("NNConv", F, options={"hidden": 5})] * 2,
        update="gru", readout="set2set", head=(7,), targets=3,
    )  # fmt: skip
    data = spec.featurize(ASPIRIN)
    atom, bond, kinds = data.x.shape[1], data.edge_attr.shape[1], len(data.kind_attr)
    found = cost(spec, data)
    matrices = kinds * (bond * 5 + 5 * F * F)
    layer = matrices + EDGES * F * F + ATOMS * F * F
    gru = 6 * ATOMS * F * F
    assert named(found, "project").multiply_adds == ATOMS * atom * F
    assert [r.multiply_adds for r in found.rounds] == [layer + gru] * 2
    assert [r.messages for r in found.rounds] == [EDGES] * 2
    # Three steps of an LSTM that reads [2F] and remembers [F]; its sums over atoms are no products.
    assert named(found, "readout").multiply_adds == 3 * 4 * (2 * F * F + F * F)
    assert named(found, "head").multiply_adds == 2 * F * 7 + 7 * 3


def test_attention_counted_by_hand():
    spec = ModelSpec(rounds=[Layer("GPSConv", F)])
    plain = ModelSpec(rounds=[Layer("GINEConv", F)])
    bond = spec.featurize(ASPIRIN).edge_attr.shape[1]
    gine = EDGES * bond * F + 2 * ATOMS * F * F
    assert of(plain).rounds[0].multiply_adds == gine
    attention = 4 * ATOMS * F * F + 2 * ATOMS * ATOMS * F
    mlp = 2 * ATOMS * F * 2 * F
    assert of(spec).rounds[0].multiply_adds == gine + attention + mlp


def test_tied_rounds_have_their_weights_once_and_their_products_each_time():
    apart, tied = (ModelSpec(rounds=[Layer("GCNConv", F)] * 3, tied=t) for t in (False, True))
    one, other = of(apart), of(tied)
    assert [r.multiply_adds for r in one.rounds] == [r.multiply_adds for r in other.rounds]
    size = one.rounds[0].parameters
    assert [r.parameters for r in one.rounds] == [size] * 3
    assert [r.parameters for r in other.rounds] == [size, 0, 0]


def test_messages_are_those_that_are_sent():
    found = of(ModelSpec(rounds=[Layer("GCNConv", F), Layer("ChebConv", F), Layer("GINConv", F)]))
    # GCN adds a loop an atom; Chebyshev's K = 3 propagates twice.
    assert [r.messages for r in found.rounds][::2] == [EDGES + ATOMS, EDGES]
    assert found.rounds[1].messages == 2 * (EDGES + ATOMS)


def test_what_is_too_large_is_never_built(monkeypatch):
    wide = ModelSpec(rounds=[Layer("NNConv", LIMITS.width)] * LIMITS.rounds)
    monkeypatch.setattr(ModelSpec, "build", lambda self: pytest.fail("it was built"))
    found = of(wide)
    assert not found.complete
    assert found.multiply_adds == 0
    f, hidden = LIMITS.width, 128
    bond = wide.featurize(ACETIC_ACID).edge_attr.shape[1]
    layer = (bond + 1) * hidden + (hidden + 1) * f * f + f * f + f
    assert found.rounds[0].parameters == layer
    assert found.parameters > LIMITS.rounds * layer


def test_the_count_breaks_off_before_the_product_that_would_be_too_much(monkeypatch):
    spec = ModelSpec(rounds=[Layer("GCNConv", F)] * 3)
    whole = of(spec)
    few = type(LIMITS)(multiply_adds=whole.multiply_adds - 1)
    monkeypatch.setattr("mpnn_lab.nn.cost.LIMITS", few)
    assert not of(spec).complete
    exact = type(LIMITS)(multiply_adds=whole.multiply_adds)
    monkeypatch.setattr("mpnn_lab.nn.cost.LIMITS", exact)
    assert of(spec) == whole


def test_counting_leaves_the_random_state_as_it_was():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    of(ModelSpec(rounds=[Layer("GATConv", F)]))
    assert torch.equal(torch.get_rng_state(), before)


def test_a_layer_that_does_not_fit_is_named_by_its_round():
    spec = ModelSpec(rounds=[Layer("GCNConv", 8), Layer("CGConv", 12)])
    with pytest.raises(SpecError, match=r"^rounds\.1\.width: 12, but CGConv") as caught:
        count_parameters(spec)
    (fault,) = caught.value.faults
    assert (fault.path, fault.mend) == ("rounds.1.width", "Give it the width of the round before.")


@pytest.mark.parametrize(
    "fields",
    [{"dropout": 0.5}, {"pool": "asa"}, {"pool": "edge"}, {"aggr": "degree scaler"}],
    ids=str,
)
def test_parts_that_draw_or_look_at_numbers_are_counted_too(fields):
    spec = ModelSpec(rounds=[Layer("GCNConv", F, **fields)] * 2)
    assert of(spec).parameters == sum(p.numel() for p in spec.build().parameters())
