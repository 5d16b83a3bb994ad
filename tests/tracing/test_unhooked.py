"""Models that pass messages without PyG's propagate: states that their modules take and give."""

import pytest
import torch
from torch import nn

import mpnn_lab as ml
from mpnn_lab.nn import stand_ins
from mpnn_lab.views import stage_view
from tests.brought import BROUGHT, WIDTH, DirectedMPNN, X, graph, made


@pytest.mark.parametrize("name", ["DimeNet", "DimeNetPlusPlus", "GNNFF"])
def test_states_of_models_that_show_no_messages(name):
    model, data, seen = made(name).eval(), graph(), []
    blocks = model.node_blocks if name == "GNNFF" else model.interaction_blocks
    hooks = [
        b.register_forward_hook(lambda m, given, out: seen.append((given[0], out))) for b in blocks
    ]
    with stand_ins():
        BROUGHT[name].plain(model, data)
        for hook in hooks:
            hook.remove()
        trace = ml.trace(model, data)
    for r, (given, out) in zip(trace.rounds, seen, strict=True):
        assert torch.equal(r.state_in, given)
        assert torch.equal(r.output, out)
        assert r.propagations == ()
    unseen = {c.name: c.reason for c in trace.verify().unchecked}
    assert "only what modules take and give is seen" in unseen["round 1/message"]
    if name == "GNNFF":
        assert len(stage_view(trace).rounds) == 2
    else:
        with pytest.raises(ml.InputError, match="one state for each edge"):
            stage_view(trace)


@pytest.mark.parametrize("depth", [3, 5])
def test_states_of_directed_bonds(depth):
    model, data = DirectedMPNN(depth).eval(), graph()
    trace = ml.trace(model, data)
    assert len(trace.rounds) == depth - 1
    source, target = data.edge_index.tolist()
    pairs = list(zip(source, target, strict=True))
    start = model.W_i(torch.cat([data.x[data.edge_index[0]], data.edge_attr], dim=1))
    states = torch.relu(start)
    for r in trace.rounds:
        assert (r.layer, r.kind, r.per, r.propagations) == ("W_h", "Linear", "edge", ())
        heard = torch.stack(
            [
                sum(
                    (states[k] for k, (u, w) in enumerate(pairs) if w == s and u != t),
                    torch.zeros(WIDTH),
                )
                for s, t in pairs
            ]
        )
        torch.testing.assert_close(r.state_in, heard)
        torch.testing.assert_close(r.output, heard @ model.W_h.weight.T)
        states = torch.relu(start + r.output)
    passed = {c.name for c in trace.verify().passed}
    assert {f"round {n}/layer" for n in range(1, depth)} <= passed
    assert [c.output.shape for c in trace.parts["W_o"]] == [(13, WIDTH)]


def test_rounds_that_are_not_found_can_be_named():
    data = graph()
    with pytest.raises(ml.TraceError, match=r"Name the modules.*rounds=\['W_i', 'W_h', 'W_o'"):
        ml.trace(DirectedMPNN(2), data)
    trace = ml.trace(DirectedMPNN(2), data, rounds=["W_h"])
    assert [r.layer for r in trace.rounds] == ["W_h"]
    with pytest.raises(ml.TraceError, match="'W_x' was not called"):
        ml.trace(DirectedMPNN(2), data, rounds=["W_x"])
    with pytest.raises(ml.TraceError, match="these are its rounds"):
        ml.trace(made("GCN"), data, rounds=["convs.0"])


def test_messages_and_updates_in_turns_are_rounds_of_atoms():
    class Turns(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Linear(X, 8)
            self.send = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))
            self.update = nn.ModuleList(nn.GRUCell(8, 8) for _ in range(3))

        def forward(self, x, edge_index):
            h = self.first(x)
            for send, update in zip(self.send, self.update, strict=True):
                m = send(h[edge_index[0]])
                h = update(torch.zeros_like(h).index_add_(0, edge_index[1], m), h)
            return h.sum(0)

    trace = ml.trace(Turns(), graph())
    assert [r.layer for r in trace.rounds] == ["update.0", "update.1", "update.2"]
    assert {r.per for r in trace.rounds} == {"node"}
    assert trace.parts["send.1"][0].output.shape == (26, 8)


def test_fast_paths_that_look_for_hooks_are_taken_all_the_same():
    """Torch's transformer layers leave their fast path once they are hooked."""

    class Attending(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = nn.Linear(X, 16), nn.Linear(16, 1)
            self.among = nn.TransformerEncoderLayer(16, 4, 32, batch_first=True)
            self.blocks = nn.ModuleList(nn.Linear(16, 16) for _ in range(3))

        def forward(self, x, edge_index):
            h = self.among(self.first(x).unsqueeze(0)).squeeze(0)
            for block in self.blocks:
                h = h + torch.zeros_like(h).index_add_(0, edge_index[1], block(h)[edge_index[0]])
            return self.last(h)

    model, data = Attending().eval(), graph()
    with torch.no_grad():
        trace = ml.trace(model, data)
        assert torch.equal(trace.output, model(data.x, data.edge_index))
    assert [r.layer for r in trace.rounds] == ["blocks.0", "blocks.1", "blocks.2"]
    assert not any(name.startswith("among") for name in trace.parts)
