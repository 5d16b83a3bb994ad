"""Layers that read positions: against loops by hand, and under motions of the molecule."""

import copy
import math

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.nn import LAYERS
from tests.molecules import ASPIRIN

NAMES = ("PointNetConv", "PPFConv", "PointTransformerConv", "PointGNNConv")


def model_of(name, **options):
    return ml.ModelSpec(rounds=[ml.Layer(name, 8)], **options).build(seed=4).eval().double()


def double(data):
    return data.apply(lambda t: t.double() if t.is_floating_point() else t)


def heard(edge_index, node, loops):
    senders = [s for s, t in edge_index.T.tolist() if t == node]
    return [*senders, node] if loops else senders


def angle(a, b):
    """In radians, from the law of cosines; 0 where a side has no length."""
    if a.norm() == 0 or b.norm() == 0:
        return 0.0
    return math.acos(max(-1.0, min(1.0, float(a @ b / (a.norm() * b.norm())))))


def normals(pos):
    return torch.nn.functional.normalize(pos - pos.mean(0), dim=1)


def message(name, conv, h, pos, j, i):
    """One message, or for the transformer its logit and value, from the papers' equations."""
    gap = pos[j] - pos[i]
    if name == "PointNetConv":
        return conv.local_nn(torch.cat([h[j], gap]))
    if name == "PPFConv":
        n = normals(pos)
        pair = [gap.norm().item(), angle(n[i], gap), angle(n[j], gap), angle(n[i], n[j])]
        return conv.local_nn(torch.cat([h[j], h.new_tensor(pair)]))
    if name == "PointGNNConv":
        return conv.mlp_f(torch.cat([gap + conv.mlp_h(h[i]), h[j]]))
    delta = conv.pos_nn(-gap)
    logit = conv.attn_nn(conv.lin_dst(h[i]) - conv.lin_src(h[j]) + delta)
    return torch.stack([logit, conv.lin(h[j]) + delta])


@pytest.mark.parametrize("options", [{}, {"edges": "radius", "cutoff": 3.0}], ids=str)
@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_against_a_loop_over_atoms_and_their_neighbours(name, options):
    model = model_of(name, **options)
    data = double(model.spec.featurize(ASPIRIN))
    trace = ml.trace(model, data)
    r, conv = trace.rounds[0], model.rounds[0].conv
    h = r.state_in
    for i in range(data.num_nodes):
        senders = heard(data.edge_index, i, loops=name != "PointGNNConv")
        messages = torch.stack([message(name, conv, h, data.pos, j, i) for j in senders])
        if name == "PointTransformerConv":
            shares = messages[:, 0].exp() / messages[:, 0].exp().sum(0)
            expected = (shares * messages[:, 1]).sum(0)
        elif name == "PointGNNConv":
            expected = h[i] + conv.mlp_g(messages.max(0).values)
        else:
            expected = conv.global_nn(messages.max(0).values)
        torch.testing.assert_close(r.output[i], expected, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", NAMES)
@torch.no_grad()
def test_motions_of_the_molecule(name):
    """None minds being moved; those that look at directions mind being turned, and say so."""
    model = model_of(name)
    data = double(model.spec.featurize(ASPIRIN))
    moved, turned = copy.copy(data), copy.copy(data)
    moved.pos = data.pos + torch.tensor([3.0, -1.0, 7.0]).double()
    turned.pos = data.pos @ torch.linalg.qr(torch.randn(3, 3).double()).Q
    out = model(data)
    torch.testing.assert_close(model(moved), out, rtol=1e-9, atol=1e-9)
    assert torch.allclose(model(turned), out, rtol=1e-9, atol=1e-9) == (not LAYERS[name].turns)


def test_those_that_read_positions_are_these():
    assert {name for name, entry in LAYERS.items() if entry.positions} == set(NAMES)
    assert {name for name, entry in LAYERS.items() if entry.turns} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_what_they_read_decides_what_comes_out(name):
    """Other positions, another answer: they are not merely handed over."""
    model = model_of(name)
    data = double(model.spec.featurize(ASPIRIN))
    before = model(data)
    data.pos = data.pos * 1.5
    assert not torch.allclose(model(data), before)
