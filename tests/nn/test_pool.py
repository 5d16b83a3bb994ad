"""Scores and what stays by them: PyG's own, and in every batch the same."""

import pytest
import torch
from torch_geometric.nn import pool as pyg

from mpnn_lab import Layer, ModelSpec
from mpnn_lab.graph import collate
from mpnn_lab.nn.pool import OrderedSelect
from mpnn_lab.nn.pooling import POOLS
from tests.molecules import ASPIRIN


@pytest.mark.parametrize("pool", POOLS)
def test_atoms_and_bonds_of_one_score_go_alike_in_every_batch(pool):
    """Molecules with alike atoms, enough of them for a sort that is not stable to mix them up."""
    texts = (ASPIRIN, "C" * 40, "CC(C)(C)C", "CC(C)Cc1ccc(cc1)C(C)C(=O)OCCCCNCCOC")
    for seed in range(4):
        spec = ModelSpec(rounds=[Layer("GINConv", 8, pool=pool)] * 2)
        model = spec.build(seed).double().eval()
        graphs = [spec.featurize(text) for text in texts]
        for graph in graphs:
            graph.x, graph.edge_attr = graph.x.double(), graph.edge_attr.double()
        for row, graph in zip(model(collate(graphs)), graphs, strict=True):
            torch.testing.assert_close(model(graph)[0], row)


@pytest.mark.parametrize("ratio", [0.1, 0.5, 0.8])
def test_the_best_scores_are_those_that_pyg_finds(ratio):
    torch.manual_seed(1)
    theirs = pyg.TopKPooling(6, ratio).select
    x, batch = torch.randn(60, 6), torch.tensor([0] * 1 + [1] * 40 + [2] * 19)
    mine, other = OrderedSelect(theirs)(x, batch), theirs(x, batch)
    assert torch.equal(mine.node_index, other.node_index)
    assert torch.equal(mine.weight, other.weight)
    assert torch.equal(mine.cluster_index, other.cluster_index)


def test_edge_pooling_is_pygs_where_no_two_scores_are_alike():
    torch.manual_seed(3)
    ours, theirs = POOLS["edge"].build(4, 0.5).double(), pyg.EdgePooling(4).double()
    theirs.load_state_dict(ours.state_dict())
    edges = torch.randperm(400)[:80]
    edge_index = torch.stack([edges // 20, edges % 20])
    edge_index = edge_index[:, edge_index[1].bincount(minlength=20)[edge_index[1]] > 1]
    x = torch.randn(20, 4).double().requires_grad_()
    batch = torch.zeros(20, dtype=torch.long)
    mine, other = ours(x, edge_index, batch), theirs(x, edge_index, batch)
    for a, b in zip(
        (*mine[:3], mine[3].new_edge_score), (*other[:3], other[3].new_edge_score), strict=True
    ):
        torch.testing.assert_close(a, b)
    torch.testing.assert_close(
        *(torch.autograd.grad(y[0].square().sum(), x)[0] for y in (mine, other))
    )
