"""Smoothing: energies and angles by hand, and where they must vanish."""

import math

import numpy as np
import pytest
import torch

import mpnn_lab as ml
from mpnn_lab.tracing.smoothing import dirichlet_energy, mean_cosine_distance
from tests.molecules import ASPIRIN, SODIUM_CHLORIDE


def traced(smiles=ASPIRIN, layer="GCNConv", rounds=2, **fields):
    spec = ml.ModelSpec(rounds=[ml.Layer(layer, 8)] * rounds, **fields)
    return ml.trace(spec.build(), smiles)


def test_energy_and_distance_are_those_of_loops_written_by_hand():
    trace = traced("CC(=O)O")
    found = trace.smoothing()
    states = [trace.parts["project"][0].output, *(r.state_out for r in trace.rounds)]
    bonds, degree = [(0, 1), (1, 2), (1, 3)], [1, 3, 1, 1]
    assert found.titles == ("Input", "Round 1", "Round 2")
    for t, h in enumerate(states):
        rows = h.detach().double().tolist()
        energy = sum(
            (a / math.sqrt(1 + degree[i]) - b / math.sqrt(1 + degree[j])) ** 2
            for i, j in bonds
            for a, b in zip(rows[i], rows[j], strict=True)
        )
        assert found.energy[t] == pytest.approx(energy, rel=1e-9)
        squares = sum(v * v for row in rows for v in row)
        assert found.share[t] == pytest.approx(energy / squares, rel=1e-9)
        cosines = [
            torch.cosine_similarity(h[i].double(), h[j].double(), dim=0).item()
            for i in range(4)
            for j in range(i)
        ]
        assert found.distance[t] == pytest.approx(1 - sum(cosines) / 6, rel=1e-6)
    assert found.without == (0, 0, 0)


def test_the_energy_is_that_of_the_augmented_normalised_laplacian():
    trace = traced()
    pairs = trace.data.edge_index.numpy()
    count = trace.data.num_nodes
    adjacency = np.eye(count)
    adjacency[pairs[0], pairs[1]] = 1
    root = np.diag(adjacency.sum(0) ** -0.5)
    laplacian = np.eye(count) - root @ adjacency @ root
    h = trace.rounds[-1].state_out.double().numpy()
    assert trace.smoothing().energy[-1] == pytest.approx(np.trace(h.T @ laplacian @ h), rel=1e-9)
    assert 0 < trace.smoothing().share[-1] < np.linalg.eigvalsh(laplacian).max()


def test_states_along_the_degrees_have_no_energy_and_equal_ones_no_distance():
    bonds = [(0, 1), (1, 2)]
    roots = np.sqrt(1.0 + np.array([1, 2, 1]))[:, None] * np.array([[1.0, -2.0]])
    assert dirichlet_energy(roots, bonds) == pytest.approx(0, abs=1e-15)
    assert dirichlet_energy(np.ones((3, 2)), bonds) > 0.01
    assert mean_cosine_distance(np.ones((3, 2)))[0] == pytest.approx(0, abs=1e-15)
    assert mean_cosine_distance(np.array([[1.0], [-3.0]])) == (2.0, 0)


def test_a_state_of_zeros_points_nowhere_and_is_counted():
    mean, without = mean_cosine_distance(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]))
    assert (mean, without) == (1.0, 2)
    for lonely in (np.zeros((3, 2)), np.ones((1, 2)), np.zeros((0, 2))):
        assert math.isnan(mean_cosine_distance(lonely)[0])
    assert mean_cosine_distance(np.zeros((3, 2)))[1] == 3


def test_without_bonds_there_is_no_energy():
    found = traced(SODIUM_CHLORIDE).smoothing()
    assert found.energy.tolist() == [0, 0, 0]
    lone = traced("C").smoothing()
    assert lone.energy.tolist() == [0, 0, 0]
    assert np.isnan(lone.distance).all()


def test_after_a_pooling_the_merged_nodes_are_bonded_where_their_atoms_are():
    spec = ml.ModelSpec(rounds=[ml.Layer("GraphConv", 8, pool="edge"), ml.Layer("GraphConv", 8)])
    trace = ml.trace(spec.build(), ASPIRIN)
    nodes, edges = trace.rounds[1].nodes, trace.rounds[1].propagations[0].edge_index
    pairs = {(min(p), max(p)) for p in edges.T.tolist() if p[0] != p[1]}
    assert len(nodes) < trace.data.num_nodes
    h = trace.rounds[1].state_out.double().numpy()
    assert trace.smoothing().energy[2] == pytest.approx(dirichlet_energy(h, sorted(pairs)))


def test_graph_convolutions_smooth():
    energy = traced(rounds=6).smoothing().share
    assert energy[-1] < 0.3 * energy[0]
