"""The networks that Gilmer et al. (2017) review, against the equations of section 2 as loops."""

import pytest
import torch

import mpnn_lab as ml
from tests.molecules import ASPIRIN, METHANE
from tests.nn.presets.oracle import (
    dense,
    gru,
    pass_messages,
    relu,
    run,
    run_spec,
    same,
    set2set,
    sigmoid,
    softmax,
    two_layers,
)

MOLECULES = pytest.mark.parametrize("smiles", [METHANE, "CO", "C=CC#N", "[Na+].[Cl-]", ASPIRIN])


def head(model, pooled):
    """The network of the readout: linear, with a ReLU before each but the first."""
    layers = [part for part in model.head if isinstance(part, torch.nn.Linear)]
    for k, layer in enumerate(layers):
        pooled = dense(layer, relu(pooled) if k else pooled)
    return pooled


@MOLECULES
def test_neural_fingerprint(smiles):
    model, graph, trace = run("neural-fingerprint", smiles)
    convs = [r.conv for r in model.rounds]

    def update(t, v, h, m, degree):
        if m is None:  # σ(0)
            return torch.full_like(h, 0.5)
        return sigmoid(convs[t].lins[min(degree, 5) - 1].weight @ m)

    states = pass_messages(
        graph, lambda x: dense(model.project, x), 2,
        lambda t, h_v, h_w, e, label: torch.cat([h_w, e]), update,
    )  # fmt: skip
    f = sum(
        softmax(lin.weight @ h)
        for lin, state in zip(model.readout.lins, states, strict=True)
        for h in state
    )
    same(trace, states, head(model, f))


@MOLECULES
def test_gated_graph_network(smiles):
    model, graph, trace = run("gg-nn", smiles, rounds=3)
    round_ = model.rounds[0]
    assert len(model.rounds) == 1, "tied"
    states = pass_messages(
        graph, lambda x: dense(model.project, x), 3,
        lambda t, h_v, h_w, e, label: round_.conv.weight[label].T @ h_w,
        lambda t, v, h, m, degree: gru(
            round_.update.cell, torch.zeros_like(h) if m is None else m, h
        ),
    )  # fmt: skip
    pooled = sum(
        sigmoid(two_layers(model.readout.gate_nn, torch.cat([h, h_0])))
        * two_layers(model.readout.value_nn, h)
        for h, h_0 in zip(states[-1], states[0], strict=True)
    )
    same(trace, states, head(model, pooled))


@MOLECULES
@pytest.mark.parametrize("rounds", [1, 2])
def test_interaction_network(smiles, rounds):
    model, graph, trace = run("interaction-network", smiles, rounds=rounds)
    convs = [r.conv for r in model.rounds]
    effects = [dense(model.project, x) for x in graph.x]
    states = pass_messages(
        graph, lambda x: dense(model.project, x), rounds,
        lambda t, h_v, h_w, e, label: two_layers(convs[t].message_nn, torch.cat([h_v, h_w, e])),
        lambda t, v, h, m, degree: two_layers(
            convs[t].update_nn,
            torch.cat([h, effects[v], torch.zeros_like(h) if m is None else m]),
        ),
    )  # fmt: skip
    same(trace, states, head(model, sum(states[-1])))


@MOLECULES
def test_molecular_graph_convolutions(smiles):
    model, graph, trace = run("molecular-graph-convolutions", smiles, rounds=3)
    h = [dense(model.project, x) for x in graph.x]
    pairs = [(v, w) for v, heard in enumerate(graph.heard) for w, _, _ in heard]
    e = {(v, w): e for v, heard in enumerate(graph.heard) for w, e, _ in heard}
    states, bonds = [h], [e]
    for round_ in model.rounds:
        conv = round_.conv
        none = torch.zeros(conv.lin_1.in_features - 6, dtype=torch.float64)
        new = []
        for v, heard in enumerate(graph.heard):
            m = sum((e[v, w] for w, _, _ in heard), none)
            new.append(relu(conv.lin_1.weight @ torch.cat([relu(conv.lin_0.weight @ h[v]), m])))
        e = {
            (v, w): relu(
                conv.lin_4.weight
                @ torch.cat(
                    [
                        relu(conv.lin_2.weight @ e[v, w]),
                        relu(conv.lin_3.weight @ torch.cat([h[v], h[w]])),
                    ]
                )
            )
            for v, w in pairs
        }
        h = new
        states.append(h)
        bonds.append(e)
    same(trace, states, head(model, sum(h)))
    for r, before, after in zip(trace.rounds, bonds, bonds[1:], strict=False):
        ends = r.propagations[0].edge_index.T.tolist()
        for k, (w, v) in enumerate(ends):
            torch.testing.assert_close(r.edge_state_in[k], before[v, w].detach())
            torch.testing.assert_close(r.edge_state_out[k], after[v, w].detach())


@MOLECULES
def test_deep_tensor_network(smiles):
    model, graph, trace = run("deep-tensor-network", smiles)
    convs = [r.conv for r in model.rounds]
    states = pass_messages(
        graph, lambda x: dense(model.project, x), 2,
        lambda t, h_v, h_w, e, label: torch.tanh(
            convs[t].lin_fc.weight @ (dense(convs[t].lin_cf, h_w) * dense(convs[t].lin_df, e))
        ),
        lambda t, v, h, m, degree: h if m is None else h + m,
    )  # fmt: skip
    pooled = sum(two_layers(model.readout.nn, h, torch.tanh) for h in states[-1])
    same(trace, states, head(model, pooled))


@MOLECULES
def test_laplacian(smiles):
    """Defferrard et al.: Chebyshev's polynomials of 2 L / λ − 1, L = 1 − D^-½ A D^-½, λ = 2."""
    model, graph, trace = run("laplacian", smiles)
    n = len(graph.x)
    moved = torch.zeros(n, n, dtype=torch.float64)
    for v, heard in enumerate(graph.heard):
        for w, _, _ in heard:
            moved[v, w] -= (len(heard) * len(graph.heard[w])) ** -0.5
    h = torch.stack([dense(model.project, x) for x in graph.x])
    states = [h]
    # PyG bounds λ by 2, or by 2 max L where the graph has a bond: the diagonal of 2 L / 2 − 1 is 0.
    for round_ in model.rounds:
        conv = round_.conv
        z = [h, moved @ h]
        z.append(2 * moved @ z[1] - z[0])
        out = sum(part @ lin.weight.T for part, lin in zip(z, conv.lins, strict=True))
        h = relu(out + conv.bias)
        states.append(h)
    same(trace, [list(s) for s in states], head(model, h.sum(0)))


@MOLECULES
def test_graph_convolutional_network(smiles):
    """Kipf and Welling: the neighbours and itself, over the roots of their degrees, loops among."""
    model, graph, trace = run("gcn", smiles)
    h = [dense(model.project, x) for x in graph.x]
    states = [h]
    degree = [len(heard) + 1 for heard in graph.heard]
    for round_ in model.rounds:
        new = []
        for v, heard in enumerate(graph.heard):
            ends = [v, *(w for w, _, _ in heard)]
            m = sum(h[w] / (degree[v] * degree[w]) ** 0.5 for w in ends)
            new.append(relu(round_.conv.lin.weight @ m + round_.conv.bias))
        h = new
        states.append(h)
    same(trace, states, head(model, sum(h)))


@MOLECULES
@pytest.mark.parametrize("name", ["matrix-multiplication", "enn-s2s", "pair-message"])
def test_the_papers_own_messages(name, smiles):
    model, graph, trace = run(name, smiles, rounds=3)
    round_ = model.rounds[0]
    assert len(model.rounds) == 1, "tied"
    conv = round_.conv
    message = {
        "matrix-multiplication": lambda t, h_v, h_w, e, label: conv.weight[label].T @ h_w,
        "enn-s2s": lambda t, h_v, h_w, e, label: two_layers(conv.nn, e).view(6, 6).T @ h_w,
        "pair-message": lambda t, h_v, h_w, e, label: two_layers(conv.nn, torch.cat([h_w, h_v, e])),
    }[name]
    states = pass_messages(
        graph, lambda x: dense(model.project, x), 3, message,
        lambda t, v, h, m, degree: gru(
            round_.update.cell, torch.zeros_like(h) if m is None else m, h
        ),
    )  # fmt: skip
    rows = [
        dense(model.readout.lin, torch.cat([h, x]))
        for h, x in zip(states[-1], graph.x, strict=True)
    ]
    same(trace, states, head(model, set2set(model.readout.set2set, rows)))


@MOLECULES
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("features", [False, True])
def test_graph_isomorphism_network(smiles, weighted, features):
    options = {"learn_eps": True, "eps": 0.3, "weighted": weighted, "edge_features": features}
    layers = (ml.Layer("EdgeGINConv", 6, options=options),) * 2
    spec = ml.preset("gin", width=6, rounds=2).model_copy(update={"rounds": layers})
    model, graph, trace = run_spec(spec, smiles)
    orders = (1.0, 2.0, 3.0, 1.5, 1.0)
    convs = [r.conv for r in model.rounds]

    def message(t, h_v, h_w, e, label):
        m = relu(h_w + dense(convs[t].lin, e)) if features else h_w
        return orders[label] * m if weighted else m

    def update(t, v, h, m, degree):
        own = (1 + convs[t].eps) * h
        inner = two_layers(convs[t].nn, own if m is None else own + m)
        return relu(inner)

    states = pass_messages(graph, lambda x: dense(model.project, x), 2, message, update)
    same(trace, states, head(model, sum(states[-1])))
