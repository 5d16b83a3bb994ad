"""Every pooling of the registry: against a loop by hand, in batches, permuted; what it drops."""

import math

import pytest
import torch
from rdkit import Chem
from torch.nn.functional import leaky_relu
from torch_geometric.nn import pool as pyg

from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate, featurize
from mpnn_lab.nn.pooling import POOLS, UNAVAILABLE_POOLS, build_pool
from mpnn_lab.nn.supply import supply_of
from tests.molecules import ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE

NICOTINE = "CN1CCC[C@H]1c1cccnc1"
RING = "C1CCCCCCCCC1"
UNLIKE = (NICOTINE, "Clc1ncccc1", "Fc1cnc(Cl)o1", METHANE, SODIUM_CHLORIDE)
"""Molecules in which no atom has two neighbours that end a chain."""


def on_caffeine(name, ratio=0.4):
    """A pooling of random states, and what it makes of them.

    (No atom of caffeine has two neighbours that end a chain: bonds to such atoms score alike.)
    """
    data = featurize(CAFFEINE)
    h = torch.randn(data.num_nodes, 6).double()
    batch = torch.zeros(len(h), dtype=torch.long)
    shared = ratio if POOLS[name].ratio else None
    pool = build_pool(Layer("GCNConv", 6, pool=name, pool_ratio=shared), 6).double().eval()
    with torch.no_grad():
        for p in pool.parameters():
            p.uniform_(-1, 1)
    edges = [(int(s), int(t)) for s, t in data.edge_index.T]
    with torch.no_grad():
        return pool.module, h, edges, data, pool(h, supply_of(data, h, batch, ()))


def kept_by_hand(scores, states, ratio=0.4):
    """The best atoms' states times their scores, in the order of the scores."""
    count = math.ceil(ratio * len(scores))
    order = sorted(range(len(scores)), key=lambda i: -scores[i])[:count]
    return torch.stack([states[i] * scores[i] for i in order]), order


def softmaxed(values):
    e = torch.exp(torch.stack(values))
    return e / e.sum()


@torch.no_grad()
def test_top_k():
    module, h, edges, data, (out, supply, members, kept) = on_caffeine("top k")
    p = module.select.weight[0]
    by_hand, order = kept_by_hand([torch.tanh(row @ p / p.norm()) for row in h], h)
    torch.testing.assert_close(out, by_hand)
    assert kept.tolist() == order
    assert members.tolist() == [order, list(range(len(order)))]
    _check_bonds(edges, data, supply, order, h)


@torch.no_grad()
def test_sag():
    module, h, edges, data, (out, supply, _, kept) = on_caffeine("sag")
    gnn, sign = module.gnn, torch.sign(module.select.weight[0, 0])
    scores = []
    for i, row in enumerate(h):
        heard = sum((h[s] for s, t in edges if t == i), torch.zeros(6).double())
        raw = gnn.lin_rel.weight[0] @ heard + gnn.lin_rel.bias[0] + gnn.lin_root.weight[0] @ row
        scores.append(torch.tanh(sign * raw))
    by_hand, order = kept_by_hand(scores, h)
    torch.testing.assert_close(out, by_hand)
    assert kept.tolist() == order
    _check_bonds(edges, data, supply, order, h)


def _check_bonds(edges, data, supply, order, first):
    """The bonds between atoms that stay, with their own features."""
    left = {(order[int(s)], order[int(t)]) for s, t in supply.edge_index.T}
    assert left == {(s, t) for s, t in edges if s in order and t in order}
    table = dict(zip(edges, data.edge_attr.tolist(), strict=True))
    kind, attr = supply.kinds
    for (s, t), row, k in zip(supply.edge_index.T, supply.edge_attr, kind, strict=True):
        assert row.tolist() == table[order[int(s)], order[int(t)]] == attr[k].tolist()
    assert torch.equal(supply.x_0, first[order])


@torch.no_grad()
def test_asa():
    module, h, edges, _, (out, supply, members, kept) = on_caffeine("asa")
    hear = [[j for j, t in edges if t == i] + [i] for i in range(len(h))]
    clusters = []
    for own in hear:
        q = module.lin(torch.stack([h[j] for j in own]).amax(0))
        logits = [leaky_relu(module.att(torch.cat([q, h[j]])), 0.2)[0] for j in own]
        clusters.append(sum(a * h[j] for a, j in zip(softmaxed(logits), own, strict=True)))
    le, scores = module.gnn_score, []
    for i, own in enumerate(hear):
        gaps = sum(le.lin1(clusters[j]) - le.lin2(clusters[i]) for j in own)
        scores.append(torch.sigmoid(gaps + le.lin3(clusters[i]))[0])
    sign = torch.sign(module.select.weight[0, 0])
    _, order = kept_by_hand([sign * s for s in scores], clusters)
    by_hand = torch.stack([scores[i] * clusters[i] for i in order])
    torch.testing.assert_close(out, by_hand)
    assert kept.tolist() == order
    for new, centre in enumerate(order):
        assert set(members[0][members[1] == new].tolist()) == set(hear[centre])
    # Two clusters are joined where a bond, or an atom, leads from one to the other.
    near = {(s, t) for s, t in edges} | {(i, i) for i in range(len(h))}
    joined = {
        (a, b)
        for a, one in enumerate(order)
        for b, other in enumerate(order)
        if a != b and any((j, k) in near for j in hear[one] for k in hear[other])
    }
    assert {(int(s), int(t)) for s, t in supply.edge_index.T} == joined


@torch.no_grad()
def test_edge():
    module, h, edges, _, (out, supply, members, _) = on_caffeine("edge")
    raw = {(s, t): module.lin(torch.cat([h[s], h[t]]))[0] for s, t in edges}
    score = {}
    for s, t in edges:
        into = [raw[e] for e in edges if e[1] == t]
        score[s, t] = 0.5 + torch.exp(raw[s, t]) / sum(torch.exp(r) for r in into)
    alone, clusters = set(range(len(h))), {}
    for s, t in sorted(edges, key=lambda e: -score[e]):
        if {s, t} <= alone:
            alone -= {s, t}
            clusters[frozenset((s, t))] = score[s, t] * (h[s] + h[t])
    clusters.update({frozenset((i,)): h[i] for i in alone})
    found = [frozenset(members[0][members[1] == new].tolist()) for new in range(len(out))]
    assert set(found) == set(clusters)
    torch.testing.assert_close(out, torch.stack([clusters[own] for own in found]))
    place = {atom: new for new, own in enumerate(found) for atom in own}
    assert {(int(s), int(t)) for s, t in supply.edge_index.T} == {
        (place[s], place[t]) for s, t in edges
    }


def build(pool, rounds=2, pool_ratio=None, **fields):
    pooled = Layer("GraphConv", 8, pool=pool, pool_ratio=pool_ratio)
    layers = [Layer("GraphConv", 8), *[pooled] * rounds, Layer("GraphConv", 8)]
    return ModelSpec(rounds=layers, update="residual", **fields).build(seed=1)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("readout", ["sum", "set2set", "set transformer"])
def test_molecules_together_are_as_alone(pool, readout):
    # What a bond was contracted to may end a chain beside another such node, and so score alike.
    rounds = 1 if pool == "edge" else 2
    model = build(pool, rounds=rounds, readout=readout).double().eval()
    graphs = [model.spec.featurize(s) for s in UNLIKE]
    graphs = [g.apply(lambda t: t.double() if t.is_floating_point() else t) for g in graphs]
    alone = torch.cat([model(g) for g in graphs])
    torch.testing.assert_close(model(collate(graphs)), alone)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("smiles", [METHANE, "CO", SODIUM_CHLORIDE, ASPIRIN])
def test_one_step_of_training(pool, smiles):
    model = build(pool)
    model(model.spec.featurize(smiles)).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)
    scored = [p.grad for p in model.rounds[1].pool.parameters() if p.grad is not None]
    assert scored
    assert smiles != ASPIRIN or any(g.any() for g in scored)


@pytest.mark.parametrize("pool", POOLS)
def test_the_order_of_the_atoms_does_not_matter_where_no_two_are_alike(pool):
    layers = [Layer("GraphConv", 8)] * 3 + [Layer("GraphConv", 8, pool=pool), Layer("GraphConv", 8)]
    model = ModelSpec(rounds=layers).build(seed=1).double().eval()
    mol = Chem.MolFromSmiles(NICOTINE)
    out = []
    for seed in range(4):
        torch.manual_seed(seed)
        order = torch.randperm(mol.GetNumAtoms()).tolist()
        graph = model.spec.featurize(Chem.RenumberAtoms(mol, order))
        out.append(model(graph.apply(lambda t: t.double() if t.is_floating_point() else t)))
    torch.testing.assert_close(torch.cat(out), out[0].expand(4, 1))


@pytest.mark.parametrize("pool", ["top k", "sag", "asa"])
def test_where_atoms_are_alike_it_does(pool):
    """Of a ring of equal atoms some stay: which of them is a matter of their order."""
    assert POOLS[pool].order
    model = build(pool, rounds=1, pool_ratio=0.3).eval()
    mol = Chem.MolFromSmiles(RING)
    out = set()
    for seed in range(12):
        torch.manual_seed(seed)
        graph = model.spec.featurize(Chem.RenumberAtoms(mol, torch.randperm(10).tolist()))
        out.add(round(model(graph).item(), 4))
    assert len(out) > 1


def test_where_bonds_are_alike_it_does():
    """Bonds to end atoms all have one score: here, which of two is contracted is up to the text."""
    assert POOLS["edge"].order
    model = build("edge", rounds=1).eval()
    one, other = (model(model.spec.featurize(smiles)).item() for smiles in ("CC=O", "O=CC"))
    assert abs(one - other) > 1e-3


def test_what_merged_atoms_do_not_have():
    coarse = Layer("GraphConv", 8, pool="edge")
    for name, need in (("GINEConv", "edge_attr"), ("GCN2Conv", "x_0"), ("RGCNConv", "edge_type")):
        with pytest.raises(SpecError, match=rf"rounds\.2\.name: {name} reads {need}.*of round 1"):
            ModelSpec(rounds=[coarse, Layer("GraphConv", 8), Layer(name, 8)])
    kept = ModelSpec(rounds=[Layer("NNConv", 8, pool="top k"), Layer("GCN2Conv", 8)]).build()
    assert kept(kept.spec.featurize(CAFFEINE)).isfinite().all()


def test_matrices_shared_by_kind_stay_those_of_their_bonds():
    model = ModelSpec(rounds=[Layer("NNConv", 8, pool="top k")] * 2).build().eval()
    data = model.spec.featurize(CAFFEINE)
    shared = model(data)
    del data.edge_kind
    torch.testing.assert_close(model(data), shared)


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"pool": "typical"}, "pool: there is no pooling 'typical'"),
        ({"pool": "pan"}, "pool: pan .* torch-sparse"),
        ({"pool": "top k", "pool_ratio": 1.0}, "pool_ratio"),
        ({"pool": "top k", "pool_ratio": 0.0}, "pool_ratio"),
        ({"pool": "edge", "pool_ratio": 0.5}, "pool_ratio: 0.5, but the pooling 'edge'"),
        ({"pool_ratio": 0.5}, "pool_ratio: 0.5, but the pooling 'none'"),
    ],
)
def test_refused(fields, what):
    with pytest.raises(SpecError, match=what):
        Layer("GCNConv", 8, **fields)


@pytest.mark.parametrize("name", ["DirGNNConv", "GPSConv"])
def test_not_after_layers_that_hold_others(name):
    with pytest.raises(SpecError, match=rf"rounds\.0\.pool: 'sag' after {name}"):
        ModelSpec(rounds=[Layer(name, 8, pool="sag")])


def test_no_jumping_over_a_pooling():
    with pytest.raises(SpecError, match=r"rounds\.0\.pool: 'top k', but jumping='cat'"):
        ModelSpec(rounds=[Layer("GCNConv", 8, pool="top k")], jumping="cat")


def test_the_share_that_stays():
    for ratio, left in ((0.2, 3), (0.5, 7), (0.9, 12)):
        model = ModelSpec(rounds=[Layer("GCNConv", 8, pool="sag", pool_ratio=ratio)]).build()
        data = model.spec.featurize(ASPIRIN)
        supply = supply_of(data, data.x, torch.zeros(13, dtype=torch.long), model.bond_columns)
        assert len(model.rounds[0](model.project(data.x), supply)[0]) == left


def test_every_learned_pooling_of_pygs_is_there_or_says_why_not():
    built = {c.__name__ for entry in POOLS.values() for c in type(entry.build(8, 0.5)).mro()}
    modules = {
        n for n in pyg.__all__ if isinstance(getattr(pyg, n), type) and n.endswith("Pooling")
    }
    assert modules - built == {"PANPooling", "MemPooling", "ClusterPooling"}
    assert set(UNAVAILABLE_POOLS) == {"pan", "cluster"}
