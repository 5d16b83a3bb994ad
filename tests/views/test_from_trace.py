"""Stage views: steps, chapters, matrices and numbers are those of the trace."""

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.views import decode, encode, stage_view
from mpnn_lab.views.typescript import generate
from tests.molecules import ASPIRIN, KNOWN_LAYERS, METHANE, SODIUM_CHLORIDE


def staged(name="NNConv", smiles=ASPIRIN, **fields):
    spec = ml.ModelSpec(
        rounds=[ml.Layer(name, 8)] * 2, update="gru", readout="set2set", head=(8,), **fields
    )
    trace = ml.trace(spec.build(), smiles)
    return trace, stage_view(trace)


def test_the_timeline_of_an_edge_network():
    _, view = staged()
    assert [c.title for c in view.chapters] == [
        "Input", "Round 1", "Round 2", "Readout", "Prediction",
    ]  # fmt: skip
    names = [(view.chapters[s.chapter].title, s.name) for s in view.steps]
    assert names[:2] == [("Input", "features"), ("Input", "project")]
    assert [n for c, n in names if c == "Round 2"] == [
        "gather", "edge matrix", "message", "aggregate", "update",
    ]  # fmt: skip
    assert names[-2:] == [("Readout", "readout"), ("Prediction", "predict")]


def test_a_layer_shows_only_the_steps_it_has():
    for name, steps in {
        "GINEConv": ["gather", "message", "aggregate", "update"],
        "GCNConv": ["gather", "message", "aggregate", "update"],
        "GATv2Conv": ["gather", "attention", "message", "aggregate", "update"],
    }.items():
        _, view = staged(name)
        assert [s.name for s in view.steps if s.chapter == 1] == steps


@pytest.mark.parametrize("name", KNOWN_LAYERS)
@pytest.mark.parametrize("smiles", [ASPIRIN, METHANE, SODIUM_CHLORIDE])
def test_every_name_is_there_and_every_number_is_the_traces(name, smiles):
    trace, view = staged(name, smiles)
    known = {q.name: q for q in view.quantities}
    assert len(known) == len(view.quantities)
    for step in view.steps:
        assert set(step.quantities) <= known.keys()
        assert known[step.state].per == "node"
    for q in view.quantities:
        assert set(q.args) <= known.keys()
    for r, shown in zip(trace.rounds, view.rounds, strict=True):
        p, drawn = r.propagations[0], shown.propagations[0]
        assert (known[drawn.messages].values == p.messages.numpy()).all()
        assert (known[drawn.aggregated].values == p.aggregated.numpy()).all()
        assert (known[shown.state_in].values == r.state_in.numpy()).all()
        assert (known[shown.state_out].values == r.state_out.numpy()).all()
        assert (np.stack([drawn.source, drawn.target]) == p.edge_index.numpy()).all()
        assert (drawn.bond == p.edge_origin).all()
    assert view.header.predictions[0].value == trace.output.item()
    assert view.check.passed == len(trace.verify().passed)
    assert not view.check.failed


def test_edge_matrices_of_the_gallery():
    trace, view = staged()
    known = {q.name: q for q in view.quantities}
    shown = view.rounds[0].propagations[0]
    matrices = shown.matrices
    table = known[matrices.table].values
    assert matrices.exact
    assert matrices.counts.sum() == len(shown.source)
    assert matrices.bonds.sum() == trace.mol.GetNumBonds()
    assert len(set(matrices.labels)) == len(matrices.labels) == 4
    for k, matrix in enumerate(table):
        assert matrices.sigma[k] == pytest.approx(np.linalg.svd(matrix)[1], rel=1e-5, abs=1e-6)
    for e in range(len(shown.source)):
        expected = trace.rounds[0].propagations[0].edge_matrix(e).values
        assert (table[shown.kind[e]] == expected).all()
        assert matrices.labels[shown.kind[e]] == view.molecule.bond_labels[shown.bond[e]]
    assert staged("GATv2Conv")[1].rounds[0].propagations[0].matrices is None


def test_an_entry_of_an_edge_matrix_is_made_of_the_networks_own_weights():
    trace, view = staged()
    known = {q.name: q for q in view.quantities}
    table = known["round 1/matrices"]
    flat = known[table.args[0]]
    hidden, weight, bias = (known[a].values for a in flat.args)
    k, i, o = 2, 3, 5
    column = i * 8 + o
    entry = float(hidden[k] @ weight[:, column] + bias[column])
    assert table.values[k, i, o] == pytest.approx(entry, abs=1e-6)
    features = known["round 1/e"].values[k]
    edge = view.rounds[0].propagations[0].kind.tolist().index(k)
    assert (features == trace.data.edge_attr[edge].numpy()).all()


def test_parameters_too_large_to_send_are_left_out_and_nothing_is_claimed_of_them():
    spec = ml.ModelSpec(rounds=[ml.Layer("NNConv", 64)])
    trace = ml.trace(spec.build(), ASPIRIN)
    view = stage_view(trace)
    known = {q.name: q for q in view.quantities}
    assert "round 1/NN(e) weight" not in known
    assert known["round 1/NN(e)"].op == "opaque"
    assert known["round 1/NN(e)"].error is not None  # it was compared all the same
    assert all(set(q.args) <= known.keys() for q in view.quantities)
    assert len(encode(view)) < 1_000_000


def test_tied_rounds_send_their_matrices_once():
    free, tied = (len(encode(staged(tied=t)[1])) for t in (False, True))
    assert tied < free - 4 * 8 * 8 * 4


def test_an_untrained_model_says_so_and_has_no_unit():
    _, view = staged()
    assert view.header.training == "untrained"
    assert view.header.status == "untrained"
    assert view.header.predictions[0].unit == ""
    assert view.header.predictions[0].measured is None


def test_a_trained_model_says_on_what_and_what_was_measured():
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)], head=(4,))
    model = ml.train(spec, "freesolv", epochs=2).wait().model
    header = stage_view(ml.trace(model, "CCO")).header
    assert header.training == "trained"
    assert header.status == f"trained on FreeSolv · epoch {model.record.epoch}"
    prediction = header.predictions[0]
    assert prediction.unit == "kcal/mol"
    assert prediction.measured == pytest.approx(ml.load_dataset("freesolv").measured("CCO"))
    for part, note in (
        (model.record.training_smiles, "trained on it"),
        (model.record.validation_smiles, "not trained on it, but it helped to choose the epoch"),
    ):
        shown = stage_view(ml.trace(model, min(part))).header.predictions[0]
        assert shown.measured_note == note
    assert stage_view(ml.trace(model, "CCCCCCCCCCCCCCF")).header.predictions[0].measured is None


def test_a_trained_model_with_other_weights_says_so():
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)], head=(4,))
    model = ml.train(spec, "freesolv", epochs=1).wait().model
    assert stage_view(ml.trace(model.double(), "CCO")).header.training == "trained"
    model.project.weight.data[0, 0] += 1
    header = stage_view(ml.trace(model, "CCO")).header
    assert header.training == "unknown"
    assert header.status.endswith("weights changed since")


def test_a_trace_without_its_molecule_is_refused():
    spec = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)])
    data = spec.featurize(ASPIRIN)
    del data.mol
    model = spec.build()
    with pytest.raises(ml.InputError, match="this trace has none"):
        stage_view(ml.trace(model, data))
    with pytest.raises(ml.InputError, match="13 nodes, the molecule 4 atoms"):
        stage_view(ml.trace(model, data, mol=ml.read_molecule("CC(=O)O")))


def test_hostile_names_stay_text():
    name = "<img src=x onerror=alert(1)>"
    trace = ml.trace(ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)]).build(), f"CCO {name}")
    assert decode(encode(stage_view(trace)))["header"]["title"] == name


def test_typescript_declares_every_class_once():
    text = generate()
    for name in ("StageView", "Quantity", "PropagationView", "MatricesView", "CheckView"):
        assert text.count(f"export interface {name} {{") == 1
