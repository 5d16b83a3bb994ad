"""Every normalisation of the registry, against its formula written out molecule by molecule."""

import math

import pytest
import torch
from rdkit import Chem
from torch import nn
from torch_geometric.nn import norm as pyg

import mpnn_lab as ml
from mpnn_lab import InputError, Layer, ModelSpec, SpecError
from mpnn_lab.graph import collate
from mpnn_lab.nn.norms import NORMS, build_norm
from mpnn_lab.views import stage_view
from tests.molecules import ASPIRIN, CAFFEINE, DRUGS, METHANE

BY_THE_BATCH = {"batch", "diff group"}
MOLECULES = (slice(0, 1), slice(1, 3), slice(3, 9))


def by_hand(name, module, x, h):
    """The formula, an atom at a time, of molecules of one, two and six atoms."""
    rows = [
        _atom(name, module, x[m], x[i], h[i]) for m in MOLECULES for i in range(m.start, m.stop)
    ]
    return torch.stack(rows)


def _atom(name, module, own, row, h):
    """One atom's `row`, of a molecule whose rows are `own`."""
    mean, n = own.mean(0), len(own)
    return {
        "batch": lambda: _batch(module.module, row),
        "instance": lambda: (row - mean) / (own.var(0, correction=0) + 1e-5).sqrt(),
        "layer": lambda: _affine(
            module, (row - row.mean()) / (row.var(correction=0) + 1e-5).sqrt()
        ),
        "layer (molecule)": lambda: _affine(
            module, (row - own.mean()) / (own.var(correction=0) + 1e-5).sqrt()
        ),
        "graph": lambda: _graph(module, own, row),
        "graph size": lambda: row / math.sqrt(n),
        "pair": lambda: (
            (row - mean) / (1e-5 + sum(((r - mean) ** 2).sum() for r in own) / n).sqrt()
        ),
        "mean subtraction": lambda: row - mean,
        "message": lambda: module.scale * row / row.norm() * h.norm(),
        "diff group": lambda: _groups(module, row),
    }[name]()


def _affine(module, row):
    return module.weight * row + module.bias


def _batch(module, row):
    scaled = (row - module.running_mean) / (module.running_var + 1e-5).sqrt()
    return module.weight * scaled + module.bias


def _graph(module, own, row):
    shift = module.mean_scale * own.mean(0)
    spread = (((own - shift) ** 2).mean(0) + 1e-5).sqrt()
    return module.weight * (row - shift) / spread + module.bias


def _groups(module, row):
    shares = torch.exp(module.lin.weight @ row)
    parts = torch.cat([share * row for share in shares / shares.sum()])
    return row + 0.01 * _batch(module.norm, parts).view(4, -1).sum(0)


def shaken(module):
    """Its numbers no longer those that leave everything as it is."""
    with torch.no_grad():
        for values in [*module.parameters(), *module.buffers()]:
            if values.is_floating_point():
                values.uniform_(0.5, 1.5)
    return module.eval()


@pytest.mark.parametrize("name", NORMS)
def test_its_formula(name):
    wrapped = build_norm(name, 6)
    if wrapped is None:
        assert name == "none"
        return
    wrapped = shaken(wrapped.double())
    x, h = torch.randn(9, 6).double(), torch.randn(9, 4).double()
    batch = torch.tensor([0, 1, 1, 2, 2, 2, 2, 2, 2])
    given = wrapped(x, h, batch, 3)
    torch.testing.assert_close(given, by_hand(name, wrapped.module, x, h))


@pytest.mark.parametrize("name", NORMS)
@pytest.mark.parametrize("smiles", [METHANE, "CO", ASPIRIN])
def test_trained_for_a_step_and_traced(name, smiles):
    spec = ModelSpec(rounds=[Layer("GCNConv", 8, norm=name)] * 2, update="residual")
    model = spec.build(seed=1)
    data = model.spec.featurize(smiles)
    model(collate([data, model.spec.featurize(DRUGS[1])])).sum().backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    assert grads
    assert all(g.isfinite().all() for g in grads)
    shaken(model)
    trace = ml.trace(model, data)
    assert torch.equal(trace.output, model(data))
    report = trace.verify()
    assert report, str(report)
    seen = {c.name for c in report.passed}
    assert name == "none" or {"round 1/normalised", "round 2/normalised"} <= seen
    steps = [s.name for s in stage_view(trace).steps if s.round == 0]
    assert ("norm" in steps) == (name != "none")


@pytest.mark.parametrize("name", NORMS)
def test_before_the_layer_and_in_towers(name):
    block = ModelSpec(rounds=[Layer("GENConv", 8, norm=name, block="res+")] * 2).build(seed=1)
    towers = ModelSpec(rounds=[Layer("GraphConv", 8, norm=name)] * 2, towers=2).build(seed=1)
    for model in (block, towers):
        shaken(model)
        trace = ml.trace(model, ASPIRIN)
        assert torch.equal(trace.output, model(trace.data))
        report = trace.verify()
        assert report, str(report)
        assert not report.unchecked, str(report)


@pytest.mark.parametrize("name", NORMS)
def test_several_molecules_at_once(name):
    model = ModelSpec(rounds=[Layer("GCNConv", 8, norm=name)] * 2, tied=True).build(seed=1)
    shaken(model)
    alone = [model(model.spec.featurize(smiles)) for smiles in DRUGS]
    batch = collate([model.spec.featurize(smiles) for smiles in DRUGS])
    torch.testing.assert_close(model(batch), torch.cat(alone))
    assert ml.trace(model, batch).verify()


@pytest.mark.parametrize("name", NORMS)
def test_the_order_of_the_atoms_does_not_matter(name):
    model = ModelSpec(rounds=[Layer("GCNConv", 8, norm=name)] * 2).build(seed=1).eval().double()
    mol = Chem.MolFromSmiles(CAFFEINE)
    order = torch.randperm(mol.GetNumAtoms()).tolist()
    one, other = (ml.trace(model, m) for m in (mol, Chem.RenumberAtoms(mol, order)))
    torch.testing.assert_close(one.rounds[1].state_out[order], other.rounds[1].state_out)


@pytest.mark.parametrize("name", NORMS)
def test_one_atom_in_training(name):
    model = ModelSpec(rounds=[Layer("SAGEConv", 8), Layer("SAGEConv", 8, norm=name)]).build()
    data = model.spec.featurize(METHANE)
    if name in BY_THE_BATCH:
        with pytest.raises(InputError, match="round 2 normalises by the batch's mean") as fault:
            model(data)
        assert "norm='layer'" in fault.value.mend
    else:
        model(data).sum().backward()
    assert model.eval()(data).isfinite().all()


def test_every_normalisation_of_pygs_is_there():
    built = {type(entry.build(8)) for entry in NORMS.values()} - {nn.Identity}
    known = {getattr(pyg, name) for name in pyg.__all__}
    assert {c.__name__ for c in known - built} == {"HeteroBatchNorm", "HeteroLayerNorm"}


def test_a_name_that_is_not_there():
    with pytest.raises(SpecError, match=r"norm: there is no normalisation 'typical'"):
        Layer("GCNConv", 8, norm="typical")
