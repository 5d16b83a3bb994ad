"""Every preset: built, trained for a step, traced, verified, permuted, described."""

import time

import pytest
import torch
from rdkit import Chem

import mpnn_lab as ml
from mpnn_lab.graph import collate
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, CAFFEINE, DRUGS, METHANE, SODIUM_CHLORIDE

WIDTH = 12


def build(name, **more):
    return ml.preset(name, width=WIDTH, **more).build(seed=2)


@pytest.mark.parametrize("name", ml.PRESETS)
@pytest.mark.parametrize("smiles", [METHANE, "CO", SODIUM_CHLORIDE, ASPIRIN])
def test_traced_bit_for_bit_and_all_recomputed(name, smiles):
    model = build(name).eval()
    data = model.spec.featurize(smiles)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model(data))
    report = trace.verify()
    assert not report.failed, str(report)
    assert not report.unchecked, str(report)
    assert len(trace.rounds) == len(model.spec.rounds)
    stage_view(trace)


@pytest.mark.parametrize("name", ml.PRESETS)
def test_a_training_step(name):
    model = build(name)
    data = collate([model.spec.featurize(s) for s in (*DRUGS, METHANE)])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    before = model(data)
    assert before.shape == (len(DRUGS) + 1, 1)
    before.square().mean().backward()
    optimizer.step()
    after = model(data)
    assert after.isfinite().all()
    assert after.square().mean() != before.square().mean()


@pytest.mark.parametrize("name", ml.PRESETS)
@pytest.mark.parametrize("smiles", [METHANE, "CO"])
def test_one_and_two_atoms_in_training(name, smiles):
    model = build(name)
    model(collate([model.spec.featurize(s) for s in (smiles, ASPIRIN)])).sum().backward()
    assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())


@pytest.mark.parametrize("name", ml.PRESETS)
def test_a_batch_gives_what_its_molecules_give(name):
    model = build(name).eval().double()
    graphs = [model.spec.featurize(s) for s in (*DRUGS, METHANE, SODIUM_CHLORIDE)]
    graphs = [g.apply(lambda t: t.double() if t.is_floating_point() else t) for g in graphs]
    torch.testing.assert_close(model(collate(graphs)), torch.cat([model(g) for g in graphs]))


@pytest.mark.parametrize("name", ml.PRESETS)
def test_the_order_of_the_atoms_does_not_matter(name):
    """Atoms of one graph in another order: positions, where there are any, stay theirs."""
    model = build(name).eval().double()
    data = model.spec.featurize(CAFFEINE)
    data = data.apply(lambda t: t.double() if t.is_floating_point() else t)
    order = torch.randperm(data.num_nodes)
    shuffled = data.clone()
    shuffled.x, shuffled.edge_index = data.x[order], order.argsort()[data.edge_index]
    torch.testing.assert_close(model(shuffled), model(data))


@pytest.mark.parametrize("name", [n for n in ml.PRESETS if not ml.preset(n).positions])
def test_the_order_in_the_text_does_not_matter(name):
    model = build(name, hydrogens=True).eval().double()
    mol = Chem.MolFromSmiles(CAFFEINE)
    shuffled = Chem.RenumberAtoms(mol, torch.randperm(mol.GetNumAtoms()).tolist())
    one, other = (ml.trace(model, m) for m in (mol, shuffled))
    torch.testing.assert_close(one.output, other.output)


@pytest.mark.parametrize("name", ml.PRESETS)
def test_described_and_stored(name):
    entry, spec = ml.PRESETS[name], ml.preset(name, width=WIDTH)
    assert entry.name == name
    assert entry.label
    assert entry.sentence.endswith(".")
    assert "arXiv:" in entry.paper
    for letter in ("M", "U", "Chosen here"):
        assert letter in entry.doc
    assert ml.ModelSpec.from_json(spec.to_json()) == spec
    assert spec.width == WIDTH
    assert len(spec.rounds) == entry.rounds
    assert len(ml.preset(name, rounds=2).rounds) == 2
    assert ml.preset(name).width == entry.width


def test_fields_can_be_other_than_the_presets():
    spec = ml.preset("enn-s2s", width=8, rounds=2, hydrogens=True, targets=12)
    assert spec.hydrogens
    assert spec.targets == 12
    assert spec.rounds == ml.preset("enn-s2s", width=8, rounds=2).rounds
    assert spec.tied


def test_what_is_no_preset():
    with pytest.raises(ml.SpecError, match="there is no preset 'GG'"):
        ml.preset("GG")
    with pytest.raises(ml.SpecError, match="width: 0; expected"):
        ml.preset("gcn", width=0)
    with pytest.raises(ml.SpecError, match="rounds: True; expected"):
        ml.preset("gcn", rounds=True)
    with pytest.raises(ml.SpecError, match="colour"):
        ml.preset("gcn", colour="red")
    with pytest.raises(ml.SpecError, match="there is no preset \\['gcn'\\]"):
        ml.preset(["gcn"])


@pytest.mark.parametrize("field", ["width", "rounds"])
@pytest.mark.parametrize("count", [10**9, 10**5_000, 65.0], ids=["large", "huge", "float"])
@pytest.mark.parametrize("name", ml.PRESETS)
def test_too_much_is_refused_before_anything_is_made_of_it(name, field, count):
    began = time.perf_counter()
    with pytest.raises(ml.SpecError, match=f"^{field}: .*expected a whole number from 1 to"):
        ml.preset(name, **{field: count})
    assert time.perf_counter() - began < 0.2
