"""Sentences about graphs with pairs and positions; every registered layer has words."""

import pytest

import mpnn_lab as ml
from mpnn_lab.nn import LAYERS
from mpnn_lab.nn.words import describe


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"edges": "radius", "cutoff": 4.5}, "the atoms bonded to it and those within 4.5 Å."),
        ({"edges": "complete"}, "All other atoms are its neighbours, bonded or not."),
        ({"virtual_edges": True}, "Atoms that no bond joins are neighbours by a virtual edge."),
        ({"distances": "raw"}, "Every edge tells the distance of its atoms."),
        (
            {"virtual_edges": True, "distances": "binned"},
            "An edge that is no bond tells in which of ten bins its length lies.",
        ),
    ],
)
def test_what_joins_atoms_beside_bonds(fields, said):
    layer = ml.Layer("GINEConv", 8)
    text = describe(ml.ModelSpec(rounds=[layer], **fields))
    assert said in text
    assert " ".join(text.replace(said, "").split()) != " ".join(text.split())
    plain = describe(ml.ModelSpec(rounds=[layer]))
    assert said not in plain
    assert len(plain) < len(text)


@pytest.mark.parametrize("name", [n for n, entry in LAYERS.items() if entry.positions])
def test_layers_that_read_positions_are_told_of(name):
    text = describe(ml.ModelSpec(rounds=[ml.Layer(name, 8)]))
    assert "what the layer makes of its state" not in text
    assert "lies" in text or "distance" in text
