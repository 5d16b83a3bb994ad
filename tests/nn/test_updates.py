"""Updates: U_t by hand, one set of weights for all rounds or one each."""

import pytest
import torch

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn.updates import build_update
from tests.molecules import ASPIRIN, DRUGS, METHANE

UPDATES = ("none", "residual", "gru", "mlp")
MIXED = [Layer("GCNConv", 8), Layer("NNConv", 8), Layer("GATConv", 8)]


@torch.no_grad()
def test_the_mlp_reads_state_and_message():
    update = build_update("mlp", width=5, heard=5, width_in=3).double()
    m, h = torch.randn(4, 5).double(), torch.randn(4, 3).double()
    first, second = update.mlp[0], update.mlp[2]
    for row, given in enumerate(update(m, h)):
        hidden = [
            max(0.0, float(w @ torch.tensor([*h[row], *m[row]]) + b))
            for w, b in zip(first.weight, first.bias, strict=True)
        ]
        by_hand = second.weight @ torch.tensor(hidden).double() + second.bias
        torch.testing.assert_close(given, by_hand)


@pytest.mark.parametrize("update", UPDATES)
@pytest.mark.parametrize("smiles", [METHANE, "CO", ASPIRIN])
@pytest.mark.parametrize("jumping", ["none", "lstm"])
def test_trained_for_a_step_and_traced(update, smiles, jumping):
    model = ModelSpec(rounds=MIXED, update=update, jumping=jumping).build(seed=1)
    data = model.spec.featurize(smiles)
    model(collate([data, model.spec.featurize(DRUGS[1])])).sum().backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model.eval()(data))
    report = trace.verify()
    assert report, str(report)
    assert not report.unchecked, str(report)


@pytest.mark.parametrize("update", ["gru", "mlp"])
def test_one_update_for_all_rounds(update):
    own = ModelSpec(rounds=MIXED, update=update).build()
    tied = ModelSpec(rounds=MIXED, update=update, tied_update=True).build()
    count = sum(p.numel() for p in own.rounds[0].update.parameters())
    fewer = sum(p.numel() for p in tied.parameters())
    assert sum(p.numel() for p in own.parameters()) - fewer == 2 * count
    assert "one " in tied.spec.summary()
    convs = [p for r in tied.rounds for p in r.conv.parameters()]
    assert len({id(p) for p in convs}) == len(convs)
    copy = ml.ModelSpec.from_json(tied.spec.to_json()).build()
    copy.load_state_dict(tied.state_dict())
    data = tied.spec.featurize(ASPIRIN)
    assert torch.equal(copy.eval()(data), tied.eval()(data))
    with torch.no_grad():
        for p in tied.rounds[2].update.parameters():
            p.zero_()
    assert all(not p.any() for p in tied.rounds[0].update.parameters())
    assert ml.trace(tied, data).verify()


def test_an_mlp_takes_states_of_another_width():
    rounds = [Layer("GCNConv", 6), Layer("GCNConv", 10)]
    assert ml.trace(ModelSpec(rounds=rounds, update="mlp").build(), ASPIRIN).verify()
    with pytest.raises(SpecError, match=r"rounds\.1\.width: 10"):
        ModelSpec(rounds=rounds, update="mlp", tied_update=True)


@pytest.mark.parametrize("update", ["none", "residual"])
def test_nothing_to_share(update):
    with pytest.raises(SpecError, match=r"tied_update: the update .* has no weights to share"):
        ModelSpec(rounds=MIXED, update=update, tied_update=True)
