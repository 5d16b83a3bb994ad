"""Jumping knowledge: what the readout is given of all rounds."""

import pytest
import torch
from torch.nn.functional import sigmoid

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.views import encode, stage_view
from tests.molecules import ASPIRIN, DRUGS, METHANE

MODES = ("cat", "max", "lstm")


def build(mode, name="GINEConv", rounds=3, **fields):
    return ModelSpec(rounds=[Layer(name, 8)] * rounds, jumping=mode, **fields).build(seed=1)


def by_hand(model, states):
    if model.spec.jumping == "cat":
        return torch.cat(states, dim=1)
    if model.spec.jumping == "max":
        return torch.stack(states).amax(0)
    module = model.jumping
    forth = _read(module.lstm, states, "")
    back = _read(module.lstm, states[::-1], "_reverse")[::-1]
    pairs = [torch.cat(pair, dim=1) for pair in zip(forth, back, strict=True)]
    e = torch.exp(torch.cat([p @ module.att.weight.T + module.att.bias for p in pairs], dim=1))
    shares = e / e.sum(1, keepdim=True)
    return sum(shares[:, t : t + 1] * state for t, state in enumerate(states))


def _read(lstm, states, suffix):
    """The LSTM as in torch's own documentation."""
    own = {n: getattr(lstm, f"{n}_l0{suffix}") for n in ("weight_ih", "weight_hh")}
    bias = getattr(lstm, f"bias_ih_l0{suffix}") + getattr(lstm, f"bias_hh_l0{suffix}")
    h = c = torch.zeros(len(states[0]), lstm.hidden_size, dtype=states[0].dtype)
    read = []
    for x in states:
        i, f, g, o = (x @ own["weight_ih"].T + h @ own["weight_hh"].T + bias).chunk(4, dim=1)
        c = sigmoid(f) * c + sigmoid(i) * torch.tanh(g)
        h = sigmoid(o) * torch.tanh(c)
        read.append(h)
    return read


@pytest.mark.parametrize("mode", MODES)
def test_what_the_readout_is_given(mode):
    model = build(mode).double()
    trace = ml.trace(model, ASPIRIN)
    states = [r.state_out for r in trace.rounds]
    torch.testing.assert_close(trace.readout.state, by_hand(model, states))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("smiles", [METHANE, "CO", ASPIRIN])
@pytest.mark.parametrize("rounds", [1, 3])
def test_trained_for_a_step_traced_and_staged(mode, smiles, rounds):
    model = build(mode, rounds=rounds, tied=True)
    data = model.spec.featurize(smiles)
    model(collate([data, model.spec.featurize(DRUGS[1])])).sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters())
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model.eval()(data))
    report = trace.verify()
    assert report, str(report)
    assert "jumping/state" in {c.name for c in report.passed}
    view = stage_view(trace)
    encode(view)
    chapters = [c.title for c in view.chapters]
    assert chapters[-3:] == ["Jumping knowledge", "Readout", "Prediction"]
    step = next(s for s in view.steps if s.name == "jumping knowledge")
    assert step.state == "jumping/state"
    if mode == "lstm":
        shares = next(q for q in view.quantities if q.name == "jumping/alpha")
        assert shares.values.shape == (data.num_nodes, rounds)
        assert shares.values.sum(1) == pytest.approx(1)


@pytest.mark.parametrize("name", ["GPSConv", "DirGNNConv"])
def test_layers_within_layers(name):
    """Their rounds are not those of the specification: nothing is claimed of where states went."""
    trace = ml.trace(build("max", name), ASPIRIN)
    assert trace.verify()
    given = trace.parts["jumping"][0].args[0]
    assert torch.equal(trace.readout.state, torch.stack(given).amax(0))
    stage_view(trace)


@pytest.mark.parametrize("mode", ["max", "lstm"])
def test_widths_that_cannot_be_compared(mode):
    rounds = [Layer("GCNConv", 8), Layer("GCNConv", 9)]
    with pytest.raises(SpecError, match=r"rounds\.1\.width: 9, but jumping="):
        ModelSpec(rounds=rounds, jumping=mode)
    assert ModelSpec(rounds=rounds, jumping="cat").build().head[0].in_features == 17


def test_too_little_to_read():
    with pytest.raises(SpecError, match="jumping: 'lstm' reads"):
        ModelSpec(rounds=[Layer("GCNConv", 1)], jumping="lstm")
