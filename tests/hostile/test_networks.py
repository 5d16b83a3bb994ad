"""Networks and specifications under attack: rows 11, 12, 23, 25 and 28 of what must be survived."""

import json

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

import mpnn_lab as ml
from mpnn_lab import Layer, ModelSpec, SpecError, TraceError
from mpnn_lab.graph import collate
from mpnn_lab.nn import AGGREGATORS, LAYERS
from tests.molecules import ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE

WIDTH = 12
SMALL = ("CC(=O)NC", "C1CC1C#N", "OCC(F)S", "c1ccoc1Br", "[Na+].[O-]C=O", "NP(=O)(O)O")
UNORDERED = [name for name, entry in AGGREGATORS.items() if not entry.order]


@st.composite
def specs(draw):
    """Networks of parts that do not depend on the order of the atoms."""

    def layer(name):
        entry = LAYERS[name]
        aggrs = [None, *(aggr for aggr in entry.aggrs if aggr in UNORDERED)]
        aggr = draw(st.sampled_from(aggrs)) if entry.aggr else None
        activation = draw(st.sampled_from(["none", "relu", "elu", "silu", "tanh"]))
        return Layer(name, WIDTH, aggr=aggr, activation=activation)

    names = st.sampled_from(sorted(LAYERS))
    tied = draw(st.booleans())
    rounds = [layer(draw(names))] * 2 if tied else [layer(draw(names)) for _ in range(2)]
    return ModelSpec(
        rounds=rounds,
        tied=tied,
        update=draw(st.sampled_from(["none", "residual", "gru"])),
        readout=draw(st.sampled_from(UNORDERED)),
        hydrogens=draw(st.booleans()),
    )


def shuffled(mol, seed):
    """The same molecule, and where each of its atoms was before."""
    generator = torch.Generator().manual_seed(seed)
    order = torch.randperm(mol.GetNumAtoms(), generator=generator).tolist()
    return Chem.RenumberAtoms(mol, order), order


def messages_by_ends(propagation, number):
    """Every message, by the numbers (in `number`'s terms) of the atoms at its ends."""
    found = {}
    for e, (s, t) in enumerate(propagation.edge_index.T.tolist()):
        found.setdefault((number[s], number[t]), []).append(propagation.messages[e].flatten())
    return {ends: torch.stack(rows).sum(0) for ends, rows in found.items()}


@settings(max_examples=30, deadline=None, derandomize=True)
@given(specs(), st.sampled_from(SMALL), st.integers(0, 2**32 - 1))
def test_row_23_permuting_atoms_permutes_the_trace(spec, smiles, seed):
    model = spec.build(seed=1).double().eval()
    mol = spec.featurize(smiles).mol
    other_mol, order = shuffled(mol, seed)
    one, other = ml.trace(model, mol), ml.trace(model, other_mol)
    if not spec.hydrogens:
        assert other.mol.GetNumAtoms() == mol.GetNumAtoms()
    before = {atom: k for k, atom in enumerate(order)}  # where each atom of `mol` went
    torch.testing.assert_close(one.output, other.output, rtol=1e-6, atol=1e-8)
    for r, s in zip(one.rounds, other.rounds, strict=True):
        torch.testing.assert_close(r.state_out[order], s.state_out, rtol=1e-6, atol=1e-8)
        for p, q in zip(r.propagations, s.propagations, strict=True):
            assert sorted(p.edge_role) == sorted(q.edge_role)
            if p.messages is None or p.between_sets:
                continue
            mine = messages_by_ends(p, before)
            theirs = messages_by_ends(q, list(range(len(order))))
            assert mine.keys() == theirs.keys()
            for ends, message in mine.items():
                torch.testing.assert_close(message, theirs[ends], rtol=1e-6, atol=1e-8)
    report = ml.trace(spec.build(seed=1).eval(), mol).verify()
    assert not report.failed, str(report)


@pytest.mark.parametrize("name", AGGREGATORS)
@pytest.mark.parametrize("where", ["readout", "layer"])
def test_row_23_what_depends_on_order_is_marked(name, where):
    """Marked, and nothing else is: seen from predictions for one molecule written twice."""
    if where == "layer" and name not in LAYERS["GraphConv"].aggrs:
        with pytest.raises(SpecError, match="aggr"):
            Layer("GraphConv", WIDTH, aggr=name)
        return
    layer = Layer("GraphConv", WIDTH, aggr=name if where == "layer" else None)
    spec = ModelSpec(rounds=[layer] * 2, readout=name if where == "readout" else "sum")
    model = spec.build(seed=1).double().eval()
    if name == "sort":  # of rows with one key, as a ReLU leaves them, the first are taken
        with torch.no_grad():
            for weight in model.rounds[1].conv.parameters():
                weight[-1] = -0.0 if weight.dim() > 1 else -1.0
    texts = Chem.MolToRandomSmilesVect(ml.read_molecule(CAFFEINE), 4, randomSeed=1)
    written = [ml.trace(model, text).output for text in texts]  # atoms and bonds in other orders
    moved = max(float((other - written[0]).abs().max()) for other in written)
    assert (moved > 1e-7) == AGGREGATORS[name].order, moved


@pytest.mark.parametrize("readout", AGGREGATORS)
@pytest.mark.parametrize("smiles", [METHANE, "CO", SODIUM_CHLORIDE])
def test_row_11_one_or_two_atoms_under_every_readout(readout, smiles):
    model = ModelSpec(rounds=[Layer("GINConv", WIDTH)], readout=readout).build()
    out = model(model.spec.featurize(smiles))
    out.sum().backward()
    grads = [p.grad for p in model.parameters() if p.grad is not None]
    assert out.isfinite().all()
    assert all(g.isfinite().all() for g in grads)


@pytest.mark.parametrize("name", LAYERS)
def test_row_11_a_batch_of_lone_atoms_takes_a_training_step(name):
    model = ModelSpec(rounds=[Layer(name, WIDTH)] * 2, update="residual").build()
    data = collate([model.spec.featurize(s) for s in (METHANE, "O", SODIUM_CHLORIDE)])
    before = [p.detach().clone() for p in model.parameters()]
    out = model(data)
    out.square().sum().backward()
    torch.optim.SGD(model.parameters(), lr=1e-3).step()
    assert out.isfinite().all()
    assert all(p.isfinite().all() for p in model.parameters())
    assert any(not torch.equal(p, b) for p, b in zip(model.parameters(), before, strict=True))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_row_12_a_weight_that_is_not_finite_is_found_by_its_round(name, bad):
    model = ModelSpec(rounds=[Layer(name, WIDTH)] * 2, update="residual").build()
    weights = [p for p in model.rounds[1].parameters() if p.requires_grad]
    weights = weights or [model.project.weight]  # a layer that has none is given bad states
    with torch.no_grad():
        for p in weights:
            p.fill_(bad)
    # Of a layer that is made of others each of these counts as a round.
    with pytest.raises(TraceError, match=r"round [1-4]: (state_in|messages|state_out) holds"):
        ml.trace(model, ASPIRIN)


@pytest.mark.parametrize("field", ["x", "edge_attr"])
def test_row_12_features_that_are_not_finite_are_named(field):
    model = ModelSpec(rounds=[Layer("NNConv", WIDTH)]).build()
    data = model.spec.featurize(ASPIRIN)
    data[field][3, 1] = float("nan")
    with pytest.raises(TraceError, match=f"the graph: {field} holds 1 value"):
        ml.trace(model, data)


@pytest.mark.parametrize("name", LAYERS)
def test_row_25_each_propagation_keeps_its_own_edges(name):
    """No message stands on a bond between other atoms, and every message is given a role."""
    trace = ml.trace(ModelSpec(rounds=[Layer(name, WIDTH)]).build(), CAFFEINE)
    for r in trace.rounds:
        for p in r.propagations:
            if p.messages is None:
                continue
            assert len(p.messages) == p.edge_index.shape[1] == len(p.edge_role)
            for (s, t), role, bond in zip(
                p.edge_index.T.tolist(), p.edge_role, p.edge_origin.tolist(), strict=True
            ):
                if role == "bond":
                    found = trace.mol.GetBondWithIdx(bond)
                    assert {s, t} == {found.GetBeginAtomIdx(), found.GetEndAtomIdx()}
                elif role == "hyperedge":
                    assert bond < trace.mol.GetNumBonds()
                else:
                    assert bond == -1


def spoiled(**change):
    """A specification's JSON with something in its first round, or of its own, replaced."""
    fields = {"rounds": [{"name": "GCNConv", "width": 8}]}
    return json.dumps({**fields, **change})


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (spoiled(rounds=[{"name": "NoConv"}]), "rounds.0"),
        (spoiled(rounds=[{"name": "PANConv"}]), "rounds.0"),
        (spoiled(rounds=[]), "rounds"),
        (spoiled(rounds=-1), "rounds"),
        (spoiled(rounds=10**9), "rounds"),
        (spoiled(rounds=[{"name": "GCNConv"}] * 65), "rounds"),
        (spoiled(rounds=[{"name": "GCNConv", "width": 10**9}]), "rounds.0.width"),
        (spoiled(rounds=[{"name": "GATConv", "options": {"heads": 0}}]), "rounds.0.options.heads"),
        (
            spoiled(rounds=[{"name": "DNAConv", "options": {"groups": 0}}]),
            "rounds.0.options.groups",
        ),
        (spoiled(rounds=[{"name": "HEATConv", "options": {"edge_dim": 3}}]), "rounds.0.options"),
        (
            spoiled(rounds=[{"name": "SignedConv", "options": {"first_aggr": 1}}]),
            "rounds.0.options",
        ),
        (spoiled(rounds=[{"name": "SignedConv", "width": 7}]), "rounds.0.width"),
        (spoiled(readout="typical"), "readout"),
        ('{"rounds":' * 10_000 + "1" + "}" * 10_000, ""),
        ('{"rounds": [{"name": ' + "[" * 10_000 + "]" * 10_000 + "}]}", ""),
    ],
)
def test_row_28_json_that_is_no_specification_is_led_by_its_field(text, path):
    with pytest.raises(SpecError) as caught:
        ModelSpec.from_json(text)
    assert str(caught.value).startswith(path), str(caught.value)


def nested(kind):
    """Ten thousand of them, one within the other: Python itself cannot write that down."""
    held = kind()
    for _ in range(10_000):
        held = {"name": held} if kind is dict else [held]
    return held


FIRST = {"name": "GCNConv", "width": 8}


@pytest.mark.parametrize("deep", [nested(dict), nested(list)], ids=["dicts", "lists"])
@pytest.mark.parametrize(
    ("make", "path"),
    [
        (lambda deep: Layer(deep), "name"),
        (lambda deep: Layer("GCNConv", deep), "width"),
        (lambda deep: Layer("GCNConv", 8, aggr=deep), "aggr"),
        (lambda deep: Layer("GCNConv", 8, options=deep), "options"),
        (lambda deep: Layer("GCNConv", 8, options={"bias": deep}), "options.bias"),
        (lambda deep: Layer("GATConv", 8, heads=deep), "heads"),
        (lambda deep: Layer.model_validate({**FIRST, "width": deep}), "width"),
        (lambda deep: ModelSpec(rounds=[deep]), "rounds.0"),
        (lambda deep: ModelSpec(rounds=[FIRST], head=deep), "head"),
        (lambda deep: ModelSpec(rounds=[FIRST], readout_options=deep), "readout_options"),
        (lambda deep: ModelSpec(rounds=[FIRST], deep=deep), "deep"),
        (lambda deep: ModelSpec(rounds=[FIRST]).replace(rounds=deep), "rounds"),
        (lambda deep: ModelSpec.model_validate(deep), ""),
        (lambda deep: ModelSpec.model_validate({"rounds": [deep]}), "rounds.0"),
        (lambda deep: ModelSpec.model_validate({"rounds": [FIRST], "tied": deep}), "tied"),
        (lambda deep: ml.preset(deep), "name"),
        (lambda deep: ml.preset("gcn", rounds=deep), "rounds"),
    ],
)
def test_row_28_what_is_nested_too_deep_is_led_by_its_field(make, path, deep):
    with pytest.raises(SpecError) as caught:
        make(deep)
    assert str(caught.value).startswith(path), str(caught.value)


def test_row_28_numbers_too_long_to_be_written_down():
    for make in (
        lambda: Layer("GCNConv", 10**5_000),
        lambda: Layer("ChebConv", 8, options={"K": 10**5_000}),
    ):
        with pytest.raises(SpecError, match="<int that cannot be written down>"):
            make()


@pytest.mark.parametrize(
    "read",
    [
        lambda: ModelSpec.model_validate({"rounds": [{"width": 8}]}),
        lambda: ModelSpec.model_validate_json('{"rounds": [{"width": 8}]}'),
        lambda: ModelSpec.model_validate_strings({"rounds": [{"width": "8"}]}),
        lambda: ModelSpec(rounds=[{"width": 8}]),
        lambda: ModelSpec(rounds=[Layer()]),
    ],
)
def test_row_28_a_layer_without_a_name(read):
    with pytest.raises(SpecError, match="name: it is missing"):
        read()
