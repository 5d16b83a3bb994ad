"""Networks that came after Gilmer et al. (2017), against their equations as loops."""

import pytest
import torch

from tests.molecules import ASPIRIN, METHANE
from tests.nn.presets.oracle import dense, relu, run


def normalised(x, norm):
    """The layer norm of one atom's channels."""
    spread = (x.var(unbiased=False) + norm.eps).sqrt()
    return norm.weight * (x - x.mean()) / spread + norm.bias


@pytest.mark.parametrize("smiles", [METHANE, "CO", "C=CC#N", "[Na+].[Cl-]", ASPIRIN])
@pytest.mark.parametrize("rounds", [1, 14])
def test_deeper_gcn(smiles, rounds):
    model, graph, trace = run("deeper-gcn", smiles, rounds=rounds)
    h = [dense(model.project, x) for x in graph.x]
    states = [h]
    for round_ in model.rounds:
        conv = round_.conv
        first, norm, _, _, last = conv.mlp
        t = conv.aggr_module.t
        assert t.requires_grad
        g = [relu(normalised(x, round_.norm.module)) for x in h]
        new = []
        for v, heard in enumerate(graph.heard):
            total = torch.zeros_like(h[v])
            if heard:
                m = torch.stack([relu(g[w] + conv.lin_edge.weight @ e) + 1e-7 for w, e, _ in heard])
                shares = torch.exp(t * m)
                total = (shares / shares.sum(0) * m).sum(0)
            u = first.weight @ (g[v] + total)
            u = relu(normalised(u, norm))
            new.append(h[v] + last.weight @ u)
        h = new
        states.append(h)
    for r, before, after in zip(trace.rounds, states, states[1:], strict=False):
        norm = model.rounds[r.number - 1].norm.module
        entering = torch.stack([relu(normalised(x, norm)) for x in before])
        torch.testing.assert_close(r.state_in, entering.detach())
        torch.testing.assert_close(r.state_out, torch.stack(after).detach())
    assert len(trace.rounds) == rounds
    prediction = dense(model.head[0], sum(h) / len(h))
    torch.testing.assert_close(trace.output[0], prediction.detach())
