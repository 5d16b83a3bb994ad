"""Readouts by clusters: against their formulas on one molecule, in batches, in training."""

import pytest
import torch
from torch.nn.functional import leaky_relu, selu

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn.clusters import CLUSTERS, DENSE
from mpnn_lab.nn.mpnn import MPNN
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, DRUGS, METHANE, SODIUM_CHLORIDE

DENSE_ONES = [name for name, entry in CLUSTERS.items() if "layer" in entry.options]


def build(readout, **options):
    spec = ModelSpec(rounds=[Layer("GCNConv", 8)], readout=readout, readout_options=options)
    return spec.build(seed=1)


@pytest.mark.parametrize("name", CLUSTERS)
@torch.no_grad()
def test_its_formula(name):
    model = build(name).double()
    trace = ml.trace(model, ASPIRIN)
    h, readout = trace.readout.state, model.readout
    bonds = torch.zeros(13, 13).double()
    for s, t in trace.data.edge_index.T.tolist():
        bonds[s, t] = 1
    q = {"mem pooling": _mem, "diff pooling": _diff, "mincut pooling": _mincut,
         "dmon pooling": _dmon}[name](readout, h, bonds)  # fmt: skip
    torch.testing.assert_close(trace.readout.output[0], q)


def _remember(module, x):
    """One memory layer (Khasahmadi et al. 2020, eq. 3, 4, 6)."""
    heads = []
    for keys in module.k:
        near = torch.stack([1 / (1 + ((x - k) ** 2).sum(1)) for k in keys], dim=1)
        heads.append(near / near.sum(1, keepdim=True))
    weights = module.conv.weight.flatten()
    shares = sum(w * c for w, c in zip(weights, heads, strict=True)).softmax(1)
    return shares.T @ x @ module.lin.weight.T


def _mem(readout, h, bonds):
    return _remember(readout.last, leaky_relu(_remember(readout.first, h)))[0]


def _sage(conv, x, bonds):
    heard = bonds @ x / bonds.sum(1, keepdim=True).clamp(min=1)
    return conv.lin_rel(heard) + conv.lin_root(x)


def _diff(readout, h, bonds):
    pool = readout.pool
    shares = _sage(pool.share, h, bonds).softmax(1)
    clusters = shares.T @ _sage(pool.embed, h, bonds).relu()
    return _sage(readout.conv, clusters, shares.T @ bonds @ shares).relu().mean(0)


def _between(shares, bonds):
    joined = shares.T @ bonds @ shares
    joined.fill_diagonal_(0)
    root = joined.sum(1).sqrt()
    return joined / root / root[:, None]


def _mincut(readout, h, bonds):
    shares = readout.pool.share(h).softmax(1)
    clusters, conv = shares.T @ h, readout.conv
    heard = conv.lin_rel(_between(shares, bonds) @ clusters)
    return (heard + conv.lin_root(clusters)).relu().mean(0)


def _dmon(readout, h, bonds):
    shares = readout.pool.module.mlp(h).softmax(1)
    clusters, conv = selu(shares.T @ h), readout.conv
    joined = _between(shares, bonds)
    joined.fill_diagonal_(1)
    root = joined.sum(1).rsqrt()
    heard = (joined * root * root[:, None]) @ conv.lin(clusters) + conv.bias
    return heard.relu().mean(0)


@pytest.mark.parametrize("name", CLUSTERS)
@pytest.mark.parametrize("smiles", [METHANE, "CO", SODIUM_CHLORIDE, ASPIRIN])
def test_trained_for_a_step_and_traced(name, smiles):
    model = build(name)
    data = model.spec.featurize(smiles)
    for graph in (data, collate([data, model.spec.featurize(DRUGS[1])])):
        model.train().zero_grad()
        (model(graph).sum() + model.aux_loss).backward()
        assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
        assert model.aux_loss.isfinite()
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model.eval()(data))
    assert model.aux_loss == 0
    report = trace.verify()
    assert report, str(report)
    view = stage_view(trace)
    encode(view)
    shares = next(q for q in view.quantities if q.name == "readout/share")
    assert shares.values.shape == (data.num_nodes, 4)
    assert shares.values.sum(1) == pytest.approx(1)
    assert next(c for c in view.chapters if c.kind == "readout").caption == name


@pytest.mark.parametrize("name", DENSE_ONES)
@pytest.mark.parametrize("layer", DENSE)
def test_every_dense_layer_and_molecules_together_as_alone(name, layer):
    model = build(name, layer=layer, clusters=3).double().eval()
    assert DENSE[layer](8, 8).__class__ is model.readout.conv.__class__
    graphs = [model.spec.featurize(s) for s in (*DRUGS, METHANE, SODIUM_CHLORIDE)]
    graphs = [g.apply(lambda t: t.double() if t.is_floating_point() else t) for g in graphs]
    alone = torch.cat([model(g) for g in graphs])
    torch.testing.assert_close(model(collate(graphs)), alone)
    torch.testing.assert_close(model(collate(graphs[:2])), alone[:2])


def test_after_a_pooling_and_with_jumping():
    pooled = ModelSpec(rounds=[Layer("GCNConv", 8, pool="top k")] * 2, readout="diff pooling")
    jumped = ModelSpec(rounds=[Layer("GCNConv", 8)] * 2, readout="mem pooling", jumping="cat")
    for spec in (pooled, jumped):
        assert ml.trace(spec.build(), ASPIRIN).verify()


def test_training_adds_what_the_paper_adds(monkeypatch):
    spec = ModelSpec(rounds=[Layer("GCNConv", 4)], readout="dmon pooling", head=(4,))
    weights = []
    for patched in (False, False, True):
        if patched:
            monkeypatch.setattr(MPNN, "aux_loss", 0.0)
        run = ml.train(spec, "freesolv", epochs=1, seed=0, batch_size=128)
        run.wait()
        weights.append(run.model.readout.pool.module.mlp.state_dict())
    same, apart = (
        all(torch.equal(weights[0][name], other[name]) for name in other) for other in weights[1:]
    )
    assert same
    assert not apart


@pytest.mark.parametrize(
    ("readout", "options", "what"),
    [
        ("diff pooling", {"clusters": 1}, "readout_options.clusters: 1; expected .* 2 to 128"),
        ("diff pooling", {"clusters": 2.0}, "readout_options.clusters: 2.0"),
        ("mem pooling", {"heads": 0}, "readout_options.heads: 0; expected .* 1 to 128"),
        ("mem pooling", {"layer": "DenseGCNConv"}, "readout_options.layer: mem pooling has no"),
        (
            "mincut pooling",
            {"layer": "GCNConv"},
            "readout_options.layer: 'GCNConv'; expected one",
        ),
        ("sum", {"clusters": 4}, "readout_options.clusters: sum has no such option"),
    ],
)
def test_options_refused(readout, options, what):
    with pytest.raises(SpecError, match=what):
        build(readout, **options)
