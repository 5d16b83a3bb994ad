"""What edges are called on the stage, bonds or not."""

import numpy as np
import pytest

import mpnn_lab as ml
from mpnn_lab.views import stage_view
from mpnn_lab.views.rounds import ROLES
from tests.molecules import ACETIC_ACID

BONDS = {"single", "double · conj", "single · conj"}


def staged(**options):
    model = ml.ModelSpec(rounds=[ml.Layer("NNConv", 4)], **options).build()
    trace = ml.trace(model, ACETIC_ACID)
    return trace, stage_view(trace).rounds[0].propagations[0]


@pytest.mark.parametrize(
    ("options", "role", "label"),
    [
        ({"virtual_edges": True}, "virtual", "virtual edge"),
        ({"edges": "complete"}, "complete", "pair"),
        ({"edges": "radius", "cutoff": 3.0}, "radius", "pair"),
    ],
)
def test_edges_without_a_bond_have_a_role_a_label_and_no_bond(options, role, label):
    trace, p = staged(**options)
    assert [ROLES[k] for k in p.role.tolist()] == list(trace.rounds[0].propagations[0].edge_role)
    apart = p.role == ROLES.index(role)
    assert apart.sum() == 6
    assert (p.bond[apart] == -1).all()
    assert (p.bond[~apart] >= 0).all()
    assert set(p.matrices.labels) == {*BONDS, label}
    assert p.matrices.caption == "one for each kind of edge in this molecule"
    place = p.matrices.labels.index(label)
    assert p.matrices.bonds[place] == 0
    assert p.matrices.counts[place] == 6
    assert set(p.kind[apart]) == {place}


def test_distances_stand_in_the_labels():
    trace, p = staged(edges="complete", distances="raw")
    data = trace.data
    for k, label in enumerate(p.matrices.labels):
        edge = np.flatnonzero(p.kind == k)[0]
        length = (data.pos[data.edge_index[0, edge]] - data.pos[data.edge_index[1, edge]]).norm()
        assert label.endswith(f" · {length:.2f} Å")
        assert label.split(" · ")[0] == ("pair" if p.bond[edge] < 0 else label.split(" · ")[0])


def test_bins_stand_in_the_labels_of_what_is_no_bond():
    _, p = staged(virtual_edges=True, distances="binned")
    assert set(p.matrices.labels) >= BONDS
    others = set(p.matrices.labels) - BONDS
    assert others <= {"virtual edge · 2 to 2.5 Å", "virtual edge · 2.5 to 3 Å"}
    assert others


def test_the_header_says_where_positions_come_from():
    model = ml.ModelSpec(rounds=[ml.Layer("NNConv", 4)], distances="raw").build()
    said = stage_view(ml.trace(model, ACETIC_ACID)).header
    assert said.status == "untrained · positions 3D, ETKDGv3 and MMFF94"
    assert said.model.endswith(" · distances raw")
    with pytest.warns(ml.LabWarning, match="in 2D"):
        flat = ml.trace(model, "C1#CC1")
    assert ", because no coordinates fit" in stage_view(flat).header.status


def test_bonds_alone_are_called_as_ever():
    _, p = staged()
    assert set(p.matrices.labels) == BONDS
    assert p.matrices.caption == "one for each kind of bond in this molecule"
