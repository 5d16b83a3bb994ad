"""The variants of Gilmer et al. (2017), section 5, against the paper's equations as loops."""

import pytest
import torch

import mpnn_lab as ml
from tests.molecules import ASPIRIN, METHANE
from tests.nn.presets.oracle import (
    dense,
    gru,
    pass_messages,
    run_spec,
    same,
    set2set,
    sigmoid,
    two_layers,
)

MOLECULES = pytest.mark.parametrize("smiles", [METHANE, "CO", "C=CC#N", "[Na+].[Cl-]", ASPIRIN])


def head(model, pooled):
    layers = [part for part in model.head if isinstance(part, torch.nn.Linear)]
    for k, layer in enumerate(layers):
        pooled = dense(layer, pooled.clamp(min=0) if k else pooled)
    return pooled


def gated(model, states):
    return head(model, sum(
        sigmoid(two_layers(model.readout.gate_nn, torch.cat([h, h_0])))
        * two_layers(model.readout.value_nn, h)
        for h, h_0 in zip(states[-1], states[0], strict=True)
    ))  # fmt: skip


def asked(model, graph, states):
    rows = [
        dense(model.readout.lin, torch.cat([h, x]))
        for h, x in zip(states[-1], graph.x, strict=True)
    ]
    return head(model, set2set(model.readout.set2set, rows))


def heard_of(conv, label):
    return conv.weight[label].T


@MOLECULES
@pytest.mark.parametrize("name", ["virtual-edges", "distance-bins"])
def test_a_matrix_for_each_label(name, smiles):
    model, graph, trace = run_spec(ml.preset(name, width=6, rounds=2), smiles)
    round_ = model.rounds[0]
    atoms = len(graph.x)
    assert all(len(heard) == atoms - 1 for heard in graph.heard), "every pair is joined"
    states = pass_messages(
        graph, lambda x: dense(model.project, x), 2,
        lambda t, h_v, h_w, e, label: heard_of(round_.conv, label) @ h_w,
        lambda t, v, h, m, degree: gru(
            round_.update.cell, torch.zeros_like(h) if m is None else m, h
        ),
    )  # fmt: skip
    same(trace, states, gated(model, states))


@MOLECULES
def test_an_edge_network_over_distances(smiles):
    spec = ml.preset("enn-s2s-distances", width=6, rounds=2).replace(hydrogens=False)
    model, graph, trace = run_spec(spec, smiles)
    round_ = model.rounds[0]
    states = pass_messages(
        graph, lambda x: dense(model.project, x), 2,
        lambda t, h_v, h_w, e, label: two_layers(round_.conv.nn, e).view(6, 6).T @ h_w,
        lambda t, v, h, m, degree: gru(
            round_.update.cell, torch.zeros_like(h) if m is None else m, h
        ),
    )  # fmt: skip
    same(trace, states, asked(model, graph, states))
    place = model.bond_columns.index("distance")
    pos = trace.data.pos
    for v, heard in enumerate(graph.heard):
        for w, e, _ in heard:
            torch.testing.assert_close(float(e[place]), float((pos[v] - pos[w]).norm()),
                                       rtol=1e-4, atol=1e-4)  # fmt: skip


@MOLECULES
def test_two_channels(smiles):
    model, graph, trace = run_spec(ml.preset("two-channels", width=6, rounds=2), smiles)
    round_ = model.rounds[0]
    along, against = round_.conv.along, round_.conv.against
    assert along.weight.shape == against.weight.shape
    assert not torch.equal(along.weight, against.weight)
    states = pass_messages(
        graph, lambda x: dense(model.project, x), 2,
        lambda t, h_v, h_w, e, label: torch.cat(
            [heard_of(along, label) @ h_w, heard_of(against, label) @ h_w]
        ),
        lambda t, v, h, m, degree: gru(
            round_.update.cell, h.new_zeros(12) if m is None else m, h
        ),
    )  # fmt: skip
    same(trace, states, asked(model, graph, states))
    along_edges, against_edges = (p.edge_index for p in trace.rounds[0].propagations)
    assert torch.equal(along_edges.flip(0), against_edges)


@pytest.mark.parametrize("smiles", [METHANE, "CO", "C=CC#N", ASPIRIN])
@pytest.mark.parametrize("channels", [False, True])
def test_master_node(smiles, channels):
    spec = ml.preset("master-node", width=6, rounds=3).replace(
        both_directions=channels, master_node=5
    )
    model, graph, trace = run_spec(spec, smiles)
    round_ = model.rounds[0]
    layers = [round_.conv.along, round_.conv.against] if channels else [round_.conv]
    node = round_.master
    s = torch.zeros(5, dtype=torch.float64)
    h = [dense(model.project, x) for x in graph.x]
    states, masters = [h], [s]
    for _ in range(3):
        told = node.read.lin.weight @ s
        new = []
        for v, heard in enumerate(graph.heard):
            parts = [
                sum((heard_of(c, label) @ h[w] for w, _, label in heard), torch.zeros_like(h[v]))
                for c in layers
            ]
            new.append(gru(round_.update.cell, torch.cat(parts) + told, h[v]))
        s = gru(node.cell, sum(node.write.lin.weight @ h_v for h_v in h), s)
        h = new
        states.append(h)
        masters.append(s)
    same(trace, states, gated(model, states))
    for t, book in enumerate(trace.books[1:4]):
        name = f"round {t + 1}/to the master/master state"
        made = torch.from_numpy(book.ledger[name].values[0]).double()
        torch.testing.assert_close(made, masters[t + 1].detach(), rtol=1e-5, atol=1e-6)
    atoms = len(graph.x)
    read, write = trace.rounds[0].propagations[-2:]
    assert read.edge_index.tolist() == [[atoms] * atoms, list(range(atoms))]
    assert write.edge_index.tolist() == [list(range(atoms)), [atoms] * atoms]
    assert set(read.edge_role) == set(write.edge_role) == {"master"}
    assert read.edge_matrix(0).exact
    assert write.edge_matrix(0).values.shape == (6, 5)


@MOLECULES
@pytest.mark.parametrize(
    ("layer", "update"), [("NNConv", "gru"), ("NNConv", "none"), ("TensorConv", "residual")]
)
@pytest.mark.parametrize("tied", [False, True])
def test_towers(smiles, layer, update, tied):
    spec = ml.preset("towers", width=6, rounds=2).replace(towers=3, update=update, tied=tied)
    options = {"factors": 4} if layer == "TensorConv" else {"root_weight": False, "bias": False}
    layers = (ml.Layer(layer, 6, activation="tanh", options=options),) * 2
    model, graph, trace = run_spec(spec.replace(rounds=layers), smiles)
    h = [dense(model.project, x) for x in graph.x]
    states = [h]
    for t in range(2):
        round_ = model.rounds[0 if tied else t]
        new = []
        for v, heard in enumerate(graph.heard):
            apart = []
            for k, tower in enumerate(round_.towers):
                conv, own = tower.conv, h[v][2 * k : 2 * k + 2]
                m = torch.zeros_like(own)
                for w, e, _ in heard:
                    sent = h[w][2 * k : 2 * k + 2]
                    if layer == "NNConv":
                        m = m + two_layers(conv.nn, e).view(2, 2).T @ sent
                    else:
                        mixed = dense(conv.lin_cf, sent) * dense(conv.lin_df, e)
                        m = m + torch.tanh(conv.lin_fc.weight @ mixed)
                m = torch.tanh(m)
                if update == "gru":
                    m = gru(tower.update.cell, m, own)
                apart.append(own + m if update == "residual" else m)
            new.append(two_layers(round_.mix, torch.cat(apart)))
        h = new
        states.append(h)
    same(trace, states, asked(model, graph, states))
    assert [p.label for p in trace.rounds[1].propagations] == ["tower 1", "tower 2", "tower 3"]
