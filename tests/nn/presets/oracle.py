"""The paper's equations as loops over atoms and bonds, with a model's weights and nothing else.

Gilmer et al. 2017, section 2: m_v = Σ_w M_t(h_v, h_w, e_vw), h_v' = U_t(h_v, m_v), y = R({h_v^T}).
"""

import torch

import mpnn_lab as ml


def dense(weights, x):
    """W x + b of a linear layer, written out."""
    out = weights.weight @ x
    return out if weights.bias is None else out + weights.bias


def relu(x):
    return torch.where(x > 0, x, torch.zeros_like(x))


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))


def two_layers(network, x, bend=relu):
    """A network of one hidden layer."""
    return dense(network[2], bend(dense(network[0], x)))


def gru(cell, m, h):
    """Cho et al. 2014, in torch's convention."""
    of_m, of_h = cell.weight_ih @ m + cell.bias_ih, cell.weight_hh @ h + cell.bias_hh
    (r_m, z_m, n_m), (r_h, z_h, n_h) = of_m.chunk(3), of_h.chunk(3)
    r, z = sigmoid(r_m + r_h), sigmoid(z_m + z_h)
    n = torch.tanh(n_m + r * n_h)
    return (1 - z) * n + z * h


def softmax(x):
    e = torch.exp(x - x.max())
    return e / e.sum()


def set2set(module, rows):
    """Vinyals et al. 2015, section 4.2: ask, listen, ask again."""
    width, lstm = len(rows[0]), module.lstm
    asked, q, c = rows[0].new_zeros(2 * width), rows[0].new_zeros(width), rows[0].new_zeros(width)
    for _ in range(module.processing_steps):
        gates = lstm.weight_ih_l0 @ asked + lstm.bias_ih_l0 + lstm.weight_hh_l0 @ q
        i, f, g, o = (gates + lstm.bias_hh_l0).chunk(4)
        c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
        q = sigmoid(o) * torch.tanh(c)
        shares = softmax(torch.stack([row @ q for row in rows]))
        asked = torch.cat([q, sum(a * row for a, row in zip(shares, rows, strict=True))])
    return asked


class Graph:
    """A molecule as lists: atoms' features, and for every atom who is heard along which bond."""

    def __init__(self, data, columns):
        self.x = list(data.x)
        self.heard = [[] for _ in self.x]
        types = [k for k, name in enumerate(columns) if name in TYPES or name.startswith("no bond")]
        for (w, v), e in zip(data.edge_index.T.tolist(), data.edge_attr, strict=True):
            label = next(k for k, column in enumerate(types) if e[column] == 1)
            self.heard[v].append((w, e, label))


TYPES = ("single", "double", "triple", "aromatic", "type other")


def pass_messages(graph, first, rounds, message, update):
    """The states [T + 1][N] of a network without edge states."""
    states = [[first(x) for x in graph.x]]
    for t in range(rounds):
        h = states[-1]
        new = []
        for v, heard in enumerate(graph.heard):
            messages = [message(t, h[v], h[w], e, label) for w, e, label in heard]
            m = sum(messages) if messages else None
            new.append(update(t, v, h[v], m, len(heard)))
        states.append(new)
    return states


def run(name, smiles, rounds=2, width=6, **fields):
    """Model, its graph as lists, its trace: in double precision, so that nothing hides."""
    return run_spec(ml.preset(name, width=width, rounds=rounds).model_copy(update=fields), smiles)


def run_spec(spec, smiles):
    """The same of any specification."""
    model = spec.build(seed=3).double().eval()
    data = model.spec.featurize(smiles)
    data = data.apply(lambda t: t.double() if t.is_floating_point() else t)
    return model, Graph(data, model.bond_columns), ml.trace(model, data)


def same(trace, states, prediction):
    """Every round's states and the prediction are those of the loops."""
    torch.testing.assert_close(trace.rounds[0].state_in, torch.stack(states[0]).detach())
    for r, state in zip(trace.rounds, states[1:], strict=True):
        torch.testing.assert_close(r.state_out, torch.stack(state).detach())
    torch.testing.assert_close(trace.output[0], prediction.detach())
