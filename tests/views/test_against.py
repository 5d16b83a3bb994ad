"""A run beside another: what the page is told of the two."""

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.views import against_view, decode, encode, stage_view
from tests.molecules import ASPIRIN


def run(smiles=ASPIRIN, seed=0, **spec):
    network = ml.ModelSpec(rounds=[ml.Layer("NNConv", 8)] * 2, **spec).build(seed=seed)
    return ml.trace(network, smiles)


def test_it_travels_and_is_the_other_runs_own_view():
    one, other = run(), run(seed=1)
    held = decode(encode(against_view(one, other)))
    assert held["atoms"].tolist() == list(range(13))
    assert held["edits"] == []
    prediction = held["view"]["header"]["predictions"][0]["value"]
    assert prediction == pytest.approx(float(other.output))
    own = stage_view(other)
    assert [q["name"] for q in held["view"]["quantities"]] == [q.name for q in own.quantities]


@pytest.mark.parametrize(
    ("other", "titles"),
    [
        ({"smiles": "CC(=O)O"}, (ASPIRIN, "CC(=O)O")),
        ({"update": "residual"}, ("NNConv × 2 · sum · sum", "NNConv × 2 · sum · residual · sum")),
        ({"seed": 1}, ("first run", "second run")),
    ],
)
def test_titles_say_what_tells_the_two_apart(other, titles):
    held = against_view(run(), run(**other))
    assert (held.title, held.other_title) == titles


def test_what_was_told_otherwise_is_said_of_the_atoms_and_bonds():
    trace = run()
    changed = ml.what_if(ml.what_if(trace, bond=1, to="single"), atom=2, element="N")
    held = against_view(trace, changed)
    assert (held.title, held.other_title) == ("as it is", "changed")
    assert [e.words for e in held.edits] == ["C1–O2 as single bond", "O2 as N"]
    assert [e.change for e in held.edits] == [
        {"bond": 1, "to": "single"}, {"atom": 2, "element": "N"},
    ]  # fmt: skip
    molecule = held.view.molecule
    assert "told: C1–O2 as single bond" in molecule.bond_descriptions[1]
    assert "told: O2 as N" in molecule.atom_descriptions[2]
    assert molecule.bond_labels[1] == "double · conj (changed)"
    own = stage_view(trace).molecule
    np.testing.assert_array_equal(molecule.positions, own.positions)
    assert molecule.paths == own.paths
    assert held.view.header.title.endswith(", changed")


def test_nothing_measured_stands_beside_a_changed_run():
    dataset = ml.load_dataset("freesolv")
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 8)])
    trained = ml.train(spec, dataset, epochs=1, seed=0)
    trained.wait()
    trace = ml.trace(trained.model, dataset.mols[0])
    assert stage_view(trace).header.predictions[0].measured is not None
    changed = stage_view(ml.what_if(trace, atom=0, charge=1)).header.predictions[0]
    assert changed.measured is None
    assert changed.unit == "kcal/mol"
