"""What the page wants may arrive on another thread while a cell runs: nothing is lost or torn."""

import threading

import mpnn_lab as ml
from mpnn_lab.views import decode

TEXTS = ("CCO", "CC(=O)O", "CCN", "c1ccccc1", "CC#N")


def test_a_page_that_types_while_a_cell_sets_molecules_and_models():
    lab = ml.Lab("C")
    gcn = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)])
    faults = []

    def type_all():
        try:
            for text in TEXTS * 3:
                lab._bar.text = text
        except Exception as fault:
            faults.append(fault)

    page = threading.Thread(target=type_all)
    page.start()
    for turn in range(10):
        lab.spec = gcn if turn % 2 else lab.spec
        lab.mol = TEXTS[turn % 5]
    page.join()
    assert not faults
    assert lab.trace.verify()
    atoms = lab.mol.GetNumAtoms()
    assert lab.trace.data.num_nodes == lab.trace.mol.GetNumAtoms() == atoms
    assert len(decode(lab.stage._view)["node_labels"]) == atoms
    lab._bar.text = "CCCC"
    assert lab.mol.GetNumAtoms() == 4
    lab.mol = "CCC"
    assert lab._bar.text == "CCC"


def test_a_page_that_builds_while_a_cell_sets_molecules_and_models():
    lab = ml.Lab("C")
    builder = lab.builder
    faults = []

    def build():
        try:
            for number, width in enumerate([4, 6, 8] * 4):
                wish = {"id": number, "kind": "set", "path": "rounds.0.width", "value": width}
                builder._handle_custom_msg(wish, [])
                wish = {"id": number, "kind": "preset", "name": ("GCN", "GINE")[number % 2]}
                builder._handle_custom_msg(wish, [])
        except Exception as fault:
            faults.append(fault)

    page = threading.Thread(target=build)
    page.start()
    gcn = ml.ModelSpec(rounds=[ml.Layer("GCNConv", 4)])
    for turn in range(10):
        lab.spec = gcn
        lab.mol = TEXTS[turn % 5]
    page.join(60)
    assert not page.is_alive(), "two locks wait for each other"
    assert not faults
    assert lab.trace.verify()
    assert builder.spec == lab.spec
    assert builder.mol is lab.mol
    assert builder._state["spec"] == lab.spec.model_dump(mode="json")
