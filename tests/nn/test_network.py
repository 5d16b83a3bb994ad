"""Whole networks: against PyG's modules wired by hand, in batches, permuted, on tiny molecules."""

import itertools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from torch.nn.functional import relu
from torch_geometric.nn import NNConv
from torch_geometric.nn.aggr import Set2Set
from torch_geometric.utils import scatter

from mpnn_lab import InputError, Layer, ModelSpec
from mpnn_lab.graph import collate
from tests.molecules import ASPIRIN, DRUGS, KNOWN_LAYERS, METHANE, SODIUM_CHLORIDE

UPDATES, READOUTS, AGGRS = (
    ("none", "residual", "gru"),
    ("sum", "mean", "set2set"),
    ("sum", "mean", "max"),
)
ALL = list(itertools.product(KNOWN_LAYERS, AGGRS, UPDATES, READOUTS))


def build(name="NNConv", aggr=None, update="gru", readout="set2set", width=8, rounds=2):
    return ModelSpec(
        rounds=[Layer(name, width, aggr=aggr)] * rounds, update=update, readout=readout, head=(8,)
    ).build(seed=1)


def test_the_papers_network_wired_by_hand_from_pygs_parts():
    """PyG's example network on QM9: NNConv, ReLU, GRU, Set2Set, two linear layers."""
    model = build(width=8, rounds=3).eval()
    data = model.spec.featurize(ASPIRIN)
    state = model.state_dict()
    h = model.project(data.x)
    for t, round_ in enumerate(model.rounds):
        conv = NNConv(8, 8, round_.conv.nn, aggr="add")
        conv.lin.weight, conv.bias = round_.conv.lin.weight, round_.conv.bias
        m = relu(conv(h, data.edge_index, data.edge_attr))
        gru = torch.nn.GRU(8, 8)
        keys = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        gru.load_state_dict({f"{k}_l0": state[f"rounds.{t}.update.cell.{k}"] for k in keys})
        h = gru(m[None], h[None])[1][0]
    pool = Set2Set(8, processing_steps=3)
    pool.load_state_dict(model.readout.state_dict())
    q = pool(h, torch.zeros(len(h), dtype=torch.long))
    expected = model.head[2](relu(model.head[0](q)))
    torch.testing.assert_close(model(data), expected, rtol=1e-5, atol=1e-6)


def test_a_batch_gives_what_its_molecules_give():
    model = build().eval()
    graphs = [model.spec.featurize(s) for s in (*DRUGS, METHANE, SODIUM_CHLORIDE)]
    together = model(collate(graphs))
    alone = torch.cat([model(g) for g in graphs])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "aggr", "update", "readout"), ALL)
def test_every_combination_on_small_and_drug_sized_molecules(name, aggr, update, readout):
    model = build(name, aggr, update, readout)
    for smiles in (METHANE, "CC", SODIUM_CHLORIDE, ASPIRIN):
        model.zero_grad()
        out = model(model.spec.featurize(smiles))
        out.sum().backward()
        assert out.shape == (1, 1)
        assert out.isfinite().all()
        grads = [p.grad for p in model.parameters() if p.grad is not None]
        assert grads
        assert all(g.isfinite().all() for g in grads)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(DRUGS), st.sampled_from(ALL), st.integers(0, 2**32 - 1), st.booleans()
)  # fmt: skip
def test_the_order_of_atoms_does_not_matter(smiles, parts, seed, hydrogens):
    spec = build(*parts).spec.model_copy(update={"hydrogens": hydrogens})
    model = spec.build(seed=2).eval()
    mol = Chem.MolFromSmiles(smiles)
    order = torch.randperm(
        mol.GetNumAtoms(), generator=torch.Generator().manual_seed(seed)
    ).tolist()
    renumbered = Chem.RenumberAtoms(mol, order)
    plain, permuted = (model(spec.featurize(m)) for m in (mol, renumbered))
    torch.testing.assert_close(permuted, plain, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("aggr", AGGRS)
def test_aggregation_is_what_the_spec_says(aggr):
    """One edge-network round written as a loop over the bonds."""
    model = build(aggr=aggr, update="none", readout="sum", rounds=1).eval()
    data = model.spec.featurize(ASPIRIN)
    conv, h = model.rounds[0].conv, model.project(data.x)
    messages = [
        h[j] @ conv.nn(data.edge_attr[e]).view(8, 8) for e, j in enumerate(data.edge_index[0])
    ]
    total = scatter(torch.stack(messages), data.edge_index[1], reduce=aggr)
    expected = model.head(relu(total + h @ conv.lin.weight.T + conv.bias).sum(0, keepdim=True))
    torch.testing.assert_close(model(data), expected, rtol=1e-4, atol=1e-5)


def test_it_answers_in_the_targets_unit():
    model = build().eval()
    data = model.spec.featurize(ASPIRIN)
    plain = model(data)
    model.scale.fill_(3.0)
    model.shift.fill_(-4.0)
    torch.testing.assert_close(model(data), plain * 3.0 - 4.0)


def test_a_graph_of_another_make_is_refused():
    model = build()
    data = model.spec.featurize(ASPIRIN)
    data.x = data.x[:, :-1]
    with pytest.raises(InputError, match=r"data\.x: got shape"):
        model(data)
    del data.edge_attr
    with pytest.raises(InputError, match="data"):
        model(data)


@pytest.mark.parametrize("name", KNOWN_LAYERS)
def test_edges_that_are_not_the_graphs_are_refused(name):
    model = build(name)
    data = model.spec.featurize(ASPIRIN)
    for node in (13, -1):
        data.edge_index = data.edge_index.clone()
        data.edge_index[1, 2] = node
        with pytest.raises(InputError, match=rf"names node {node}; the graph has 13 nodes"):
            model(data)
        data.edge_index[1, 2] = 0
    edges = data.edge_index
    for wrong in (None, edges.float(), edges[:, :-1], edges[0]):
        data.edge_index = wrong
        with pytest.raises(InputError, match=r"data\.edge_index: got .*; expected int64 \[2, 26\]"):
            model(data)


@pytest.mark.parametrize("name", KNOWN_LAYERS)
def test_double_precision_by_default(name, double_by_default):
    model = build(name)
    out = model(model.spec.featurize(ASPIRIN))
    assert out.dtype is torch.float64
    assert out.isfinite().all()


def test_features_of_another_type_are_refused_by_name():
    model = build()
    data = model.spec.featurize(ASPIRIN)
    data.x = data.x.double()
    with pytest.raises(InputError, match=r"data\.x is torch\.float64; the model's weights are"):
        model(data)
