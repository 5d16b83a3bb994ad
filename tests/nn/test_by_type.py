"""Layers for several types of nodes and edges: against loops by hand, and alone as in a batch."""

import math

import pytest
import torch
from torch.nn import functional

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.nn.by_type import BondHAN, FamilyHetero, FamilyHGT
from mpnn_lab.nn.reading import COLUMNS, FAMILIES
from mpnn_lab.nn.supply import supply_of
from tests.molecules import ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE

MOLECULES = (ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE, "FC(F)(F)C#N", "C[Si](C)(C)OB(O)S")
RELATIONS, IN = 5, 8
NAMES = pytest.mark.parametrize("name", ["HGTConv", "HANConv", "HeteroConv"])
ONE_BY_ONE = pytest.mark.parametrize("smiles", MOLECULES)


def given(smiles):
    """States, edges, types, families and molecules of a molecule; and its edges one by one."""
    torch.manual_seed(4)
    model = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build()
    data = model.spec.featurize(smiles)
    batch = torch.zeros(data.num_nodes, dtype=torch.long)
    supply = supply_of(
        data, data.x, batch, model.bond_columns, atom_columns=model.atom_columns
    )  # fmt: skip
    x = torch.randn(data.num_nodes, IN, dtype=torch.float64)
    return x, data.edge_index, supply.edge_type, supply.family, batch, data.mol


def edges_into(i, edge_index, edge_type):
    return [(s, k) for (s, t), k in zip(edge_index.T.tolist(), edge_type.tolist(), strict=True)
            if t == i]  # fmt: skip


@ONE_BY_ONE
def test_families_are_columns_of_the_periodic_table(smiles):
    *_, family, _, mol = given(smiles)
    for atom, number in zip(mol.GetAtoms(), family.tolist(), strict=True):
        symbol = atom.GetSymbol()
        assert FAMILIES[number] == next(
            (FAMILIES[k] for k, names in enumerate(COLUMNS) if symbol in names), "other"
        )


@ONE_BY_ONE
@pytest.mark.parametrize("aggr", ["sum", "mean", "max"])
def test_hetero_by_hand(smiles, aggr):
    x, edge_index, edge_type, family, _, _ = given(smiles)
    layer = FamilyHetero(IN, 6, RELATIONS, aggr=aggr).double()
    out = layer(x, edge_index, edge_type, family)
    for i in range(len(x)):
        expected = torch.zeros(6, dtype=torch.float64)
        by_triple = {}
        for j, r in edges_into(i, edge_index, edge_type):
            key = (FAMILIES[family[j]], f"type {r}", FAMILIES[family[i]])
            by_triple.setdefault(key, []).append(x[j])
        for key, heard in by_triple.items():
            stacked = torch.stack(heard)
            whole = {"sum": stacked.sum(0), "mean": stacked.mean(0), "max": stacked.amax(0)}[aggr]
            expected += layer.conv.convs[key].lin_l.weight @ whole
        torch.testing.assert_close(out[i], expected)


@ONE_BY_ONE
@pytest.mark.parametrize("heads", [1, 3])
@pytest.mark.parametrize("width", [6, IN])
def test_hgt_by_hand(smiles, heads, width):
    """Hu et al. 2020, equations 3 to 5, atom by atom."""
    if width % heads:
        width = 9
    x, edge_index, edge_type, family, _, _ = given(smiles)
    layer = FamilyHGT(IN, width, RELATIONS, heads=heads).double()
    conv, d = layer.conv, width // heads
    with torch.no_grad():
        for p in conv.parameters():
            p.add_(torch.randn_like(p) / 10)
    out = layer(x, edge_index, edge_type, family)
    lins = conv.kqv_lin.lins
    k, q, v = (
        torch.stack([lins[FAMILIES[t]](h)[part * width : (part + 1) * width].view(heads, d)
                     for h, t in zip(x, family, strict=True)])
        for part in range(3)
    )  # fmt: skip
    for i in range(len(x)):
        logits, values = [], []
        for j, r in edges_into(i, edge_index, edge_type):
            triple = (FAMILIES[family[j]], f"type {r}", FAMILIES[family[i]])
            number = conv.edge_types_map[triple]
            prior = conv.p_rel["__".join(triple)][0]
            for into, part, rel in ((logits, k, conv.k_rel), (values, v, conv.v_rel)):
                rows = [part[j, h] @ rel.weight[h * len(conv.edge_types) + number]
                        for h in range(heads)]  # fmt: skip
                into.append(torch.stack(rows))
            logits[-1] = (logits[-1] * q[i]).sum(-1) * prior / math.sqrt(d)
        heard = torch.zeros(heads, d, dtype=torch.float64)
        if logits:
            alpha = torch.stack(logits).softmax(0)
            heard = (alpha[:, :, None] * torch.stack(values)).sum(0)
        name = FAMILIES[family[i]]
        expected = conv.out_lin.lins[name](functional.gelu(heard.flatten()))
        if width == IN:
            share = conv.skip[name].sigmoid()
            expected = share * expected + (1 - share) * x[i]
        torch.testing.assert_close(out[i], expected)


@ONE_BY_ONE
@pytest.mark.parametrize("heads", [1, 2])
def test_han_by_hand(smiles, heads):
    """Wang et al. 2019, equations 2 to 9, atom by atom, over the bond types that occur."""
    x, edge_index, edge_type, _, batch, _ = given(smiles)
    layer = BondHAN(IN, 6, RELATIONS, heads=heads).double()
    conv, d = layer.conv, 6 // heads
    out = layer(x, edge_index, edge_type, batch)
    z = conv.proj["atom"](x).view(-1, heads, d)
    by_path, scores = [], []
    for r in edge_type.unique().tolist():
        source, target = (
            getattr(conv, name)[f"atom__type {r}__atom"][0] for name in ("lin_src", "lin_dst")
        )
        heard = torch.zeros(len(x), heads, d, dtype=torch.float64)
        for i in range(len(x)):
            senders = [j for j, kind in edges_into(i, edge_index, edge_type) if kind == r]
            if senders:
                logit = (z[senders] * source).sum(-1) + (z[i] * target).sum(-1)
                alpha = functional.leaky_relu(logit, 0.2).softmax(0)
                heard[i] = (alpha[:, :, None] * z[senders]).sum(0)
        by_path.append(heard.flatten(1).relu())
        scores.append((conv.q * conv.k_lin(by_path[-1]).tanh().mean(0)).sum())
    expected = torch.zeros_like(out)
    if scores:
        beta = torch.stack(scores).softmax(0)
        expected = (beta[:, None, None] * torch.stack(by_path)).sum(0)
    torch.testing.assert_close(out, expected)


@NAMES
def test_a_prediction_does_not_depend_on_the_batch(name):
    model = ml.ModelSpec(rounds=[ml.Layer(name, 8)] * 2).build(seed=1).eval().double()
    graphs = [model.spec.featurize(s).apply(
        lambda t: t.double() if t.is_floating_point() else t) for s in MOLECULES]  # fmt: skip
    together = model(collate(graphs))
    torch.testing.assert_close(together, torch.cat([model(g) for g in graphs]))


@pytest.mark.parametrize(("name", "zero"), [("HGTConv", 0), ("HANConv", 1), ("HeteroConv", 1)])
def test_an_atom_that_hears_nothing(name, zero):
    """HeteroConv and HANConv give 0; HGTConv its family's bias and share of the state before."""
    model = ml.ModelSpec(rounds=[ml.Layer(name, 8)]).build(seed=1).eval()
    state = ml.trace(model, METHANE).rounds[0].output
    assert bool((state == 0).all()) == zero


@NAMES
def test_two_directions_and_towers(name):
    for fields in ({"both_directions": True, "towers": 2}, {"master_node": 4}):
        model = (
            ml.ModelSpec(rounds=[ml.Layer(name, 8)], update="gru", **fields).build(seed=1).eval()
        )
        for smiles in (METHANE, "CC(=O)N"):
            trace = ml.trace(model, smiles)
            assert torch.equal(trace.output, model(model.spec.featurize(smiles)))
            report = trace.verify()
            assert report.passed
            assert not report.failed, str(report)
