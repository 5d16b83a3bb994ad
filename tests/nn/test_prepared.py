"""What is worked out once for several calls, and when it is not used any more."""

import pytest
import torch
from torch import nn
from torch.overrides import TorchFunctionMode

import mpnn_lab as ml
from tests.nn.edge_networks import WAYS, assert_same, complete, graph, taking, twins


class Calls(TorchFunctionMode):
    """Counts linear layers that were run with this weight."""

    def __init__(self, weight):
        super().__init__()
        self.weight, self.count = weight, 0

    def __torch_function__(self, func, types, args=(), kwargs=None):
        if func is nn.functional.linear and args[1] is self.weight:
            self.count += 1
        return func(*args, **(kwargs or {}))


class Rounds(nn.Module):
    """Three rounds of one layer, with what was prepared for them or without."""

    def __init__(self, conv, ahead):
        super().__init__()
        self.conv, self.ahead, self.forwards = conv, ahead, 0

    def forward(self, x, edge_index, edge_attr):
        more = {}
        if self.ahead:
            more["prepared"] = self.conv.prepare(x, edge_index, edge_attr)
        for _ in range(3):
            x = self.conv(x, edge_index, edge_attr, **more).tanh()
        return x


@pytest.mark.parametrize("way", WAYS)
def test_one_evaluation_for_three_rounds_with_the_same_gradients(way):
    theirs, ours = twins(6, 6)
    with taking(way):
        assert_same(Rounds(theirs, False), Rounds(ours, True), *complete(4, 6))
        for ahead, count in ((False, 3), (True, 1)):
            with Calls(ours.nn[0].weight) as calls:
                Rounds(ours, ahead)(*complete(4, 6))
            assert calls.count == count


@pytest.mark.parametrize("inner", [nn.BatchNorm1d(12), nn.Dropout(0.5)])
def test_batch_statistics_and_dropout_are_drawn_in_every_round(inner):
    theirs, ours = twins(6, 6, inner=(inner,))
    torch.manual_seed(3)
    expected = Rounds(theirs, False)(*complete(4, 6))
    torch.manual_seed(3)
    torch.testing.assert_close(Rounds(ours, True)(*complete(4, 6)), expected)


def _weights(ours, given):
    with torch.no_grad():
        ours.nn[0].weight.mul_(1.5)


def _features(ours, given):
    given[2][3] += 1


def _edges(ours, given):
    given[1][0, 3] = (given[1][0, 3] + 1) % 4


def _other_features(ours, given):
    given[2] = given[2] * 2


def _other_edges(ours, given):
    given[1] = given[1].flip(1)


def _other_weights(ours, given):
    ours.nn[2].weight = nn.Parameter(ours.nn[2].weight * 2)


def _hook(ours, given):
    ours.nn.register_forward_hook(lambda m, i, out: out * 2)


def _more_states(ours, given):
    given[0] = torch.cat([given[0], given[0]])


CHANGES = [
    _weights, _features, _edges, _other_features, _other_edges, _other_weights, _hook, _more_states,
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("change", CHANGES)
def test_what_no_longer_fits_is_worked_out_anew(way, change):
    _, ours = twins()
    given = [*complete(4, 6)]
    with taking(way):
        prepared = ours.prepare(*given)
        before = ours(*given, prepared=prepared)
        change(ours, given)
        got, expected = ours(*given, prepared=prepared), ours(*given)
    assert torch.equal(got, expected)
    assert not torch.equal(got[:10], before) or change is _more_states


@pytest.mark.parametrize("way", WAYS)
def test_prepared_without_gradients_or_in_inference_mode_loses_none(way):
    _, ours = twins()
    given = complete(4, 6)
    with taking(way):
        for mode in (torch.no_grad, torch.inference_mode):
            with mode():
                prepared = ours.prepare(*given)
                assert torch.equal(ours(*given, prepared=prepared), ours(*given))
            ours.zero_grad()
            ours(*given, prepared=prepared).square().sum().backward()
            assert ours.nn[0].weight.grad.abs().sum() > 0


def test_prepared_under_autocast_is_not_used_outside():
    _, ours = twins()
    given = complete(4, 6)
    with taking("kinds"):
        with torch.autocast("cpu", torch.bfloat16):
            prepared = ours.prepare(*given)
            assert ours(*given, prepared=prepared).isfinite().all()
        assert torch.equal(ours(*given, prepared=prepared), ours(*given))


def test_prepared_for_another_layer():
    _, ours = twins()
    _, other = twins(seed=1)
    given = complete(4, 6)
    prepared = other.prepare(*given)
    assert torch.equal(ours(*given, prepared=prepared), ours(*given))


@pytest.mark.parametrize("tied", [True, False])
def test_tied_networks_ask_once_a_forward(tied):
    spec = ml.ModelSpec(rounds=[ml.Layer(name="NNConv", width=8)] * 3, tied=tied)
    model = spec.build(seed=0)
    data = ml.featurize("CC(=O)Oc1ccccc1C(=O)O")
    networks = {id(r.conv.nn): r.conv.nn for r in model.rounds}
    assert len(networks) == (1 if tied else 3)
    for network in networks.values():
        for way in ("each", "kinds", "senders"):
            model.zero_grad()
            with taking(way), Calls(network[0].weight) as calls:
                model(data).sum().backward()
            assert calls.count == 1
            assert network[0].weight.grad.abs().sum() > 0


def test_a_tied_network_gives_what_its_rounds_give_one_by_one():
    spec = ml.ModelSpec(rounds=[ml.Layer(name="NNConv", width=8)] * 3, tied=True)
    model = spec.build(seed=0)
    data = ml.featurize("CC(=O)Oc1ccccc1C(=O)O")
    for way in WAYS:
        with taking(way):
            got = model(data)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(type(model.rounds[0]), "prepare", lambda self, h, supply: supply)
                torch.testing.assert_close(got, model(data), rtol=1e-5, atol=1e-5)


def test_origins_compare_tensors_themselves():
    _, ours = twins()
    given = graph()
    one, same, other = (ours.prepare(*g).origin for g in (given, given, graph()))
    assert one.same(same)
    assert not one.same(other)
