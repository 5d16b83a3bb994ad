"""Graphs with positions, and with edges between atoms without a bond, against loops over pairs."""

import math

import pytest
import torch
from rdkit import Chem
from torch_geometric.data import Batch

import mpnn_lab as ml
from mpnn_lab.chem import DISTANCE_BINS, Featurizer, geometry_of, read_molecule
from mpnn_lab.errors import InputError, LabWarning
from mpnn_lab.graph import collate, featurize
from mpnn_lab.limits import LIMITS, Limits
from tests.molecules import ASPIRIN, CAFFEINE, METHANE, SODIUM_CHLORIDE

KINDS = (
    {"edges": "complete"},
    {"virtual_edges": True},
    {"edges": "radius"},
    {"edges": "radius", "cutoff": 2.6},
)
LARGEST = 317
"""A complete graph of so many atoms is over the cap."""


def distance(places, i, j):
    return math.sqrt(sum((a - b) ** 2 for a, b in zip(places[i], places[j], strict=True)))


def expected_pairs(mol, places, options):
    """Unbonded pairs i < j, in order, the long way."""
    pairs = []
    for i in range(mol.GetNumAtoms()):
        for j in range(i + 1, mol.GetNumAtoms()):
            near = distance(places, i, j) <= options.get("cutoff", 5.0)
            if mol.GetBondBetweenAtoms(i, j) is None and (near or options.get("edges") != "radius"):
                pairs.append((i, j))
    return pairs


def bin_of(length):
    """Gilmer et al. 2017, section 6, read out."""
    if length < 2:
        return 0
    if length >= 6:
        return 9
    return 1 + int((length - 2) // 0.5)


@pytest.mark.parametrize("distances", ["none", "raw", "binned"])
@pytest.mark.parametrize("options", KINDS, ids=str)
@pytest.mark.parametrize("hydrogens", [False, True])
@pytest.mark.parametrize("smiles", [CAFFEINE, SODIUM_CHLORIDE, METHANE, "CO"])
def test_every_edge_is_what_the_pair_is(smiles, hydrogens, options, distances):
    data = featurize(smiles, hydrogens, distances=distances, **options)
    plain = featurize(smiles, hydrogens)
    mol, bonds = data.mol, data.mol.GetNumBonds()
    places = geometry_of(mol).positions.tolist()
    pairs = expected_pairs(mol, places, options)
    ends = [(b.GetBeginAtomIdx(), b.GetEndAtomIdx()) for b in mol.GetBonds()] + pairs
    assert data.edge_index.T.tolist() == [list(e) for i, j in ends for e in ((i, j), (j, i))]
    numbers = [*range(bonds), *([-1] * len(pairs))]
    assert data.edge_bond.tolist() == [b for b in numbers for _ in range(2)]
    assert torch.equal(data.x, plain.x)
    columns = Featurizer(hydrogens, True, distances).bond_columns
    assert data.edge_attr.shape == (2 * len(ends), len(columns))
    width = plain.edge_attr.shape[1]
    assert torch.equal(data.edge_attr[: 2 * bonds, :width], plain.edge_attr)
    for (i, j), bond, rows in zip(ends, numbers, data.edge_attr.view(-1, 2, len(columns)),
                                  strict=True):  # fmt: skip
        assert torch.equal(rows[0], rows[1])
        row = dict(zip(columns, rows[0].tolist(), strict=True))
        length = distance(places, i, j)
        if bond < 0:
            assert not rows[0, :width].any()
        if distances == "binned":
            marked = [row[name] for name in DISTANCE_BINS]
            assert sum(marked) == (bond < 0)
            assert bond >= 0 or marked[bin_of(length)] == 1
            assert "no bond" not in row
            assert "distance" not in row
        else:
            assert row["no bond"] == (bond < 0)
            assert ("distance" in row) == (distances == "raw")
            assert row.get("distance", length) == pytest.approx(length, rel=1e-6)
    assert torch.equal(data.kind_attr[data.edge_kind], data.edge_attr)
    assert len(data.kind_attr) == len({tuple(row) for row in data.edge_attr.tolist()})
    role = "virtual" if "virtual_edges" in options else options["edges"]
    assert data.pair_role == role
    assert data.validate(raise_on_error=True)


def test_the_bins_at_their_ends():
    """Whatever torch's type, a bin holds its lower end and not its upper one."""
    mol, made = Chem.MolFromSmiles("CC"), Featurizer(unbonded=True, distances="binned")
    lengths = [0.0, 1.999, 2.0, 2.499, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 5.999, 6.0, 60.0]
    rows = made.edge_matrix(mol, torch.full((len(lengths),), -1), torch.tensor(lengths))
    found = rows[:, -10:].argmax(dim=1).tolist()
    assert found == [0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 9]
    assert found == [bin_of(length) for length in lengths]
    assert made.bond_columns[-10:] == DISTANCE_BINS
    assert len(made.bond_columns) - len(Featurizer().bond_columns) == 10


@pytest.mark.parametrize("hydrogens", [False, True])
def test_positions_and_where_they_come_from(hydrogens):
    data = featurize(ASPIRIN, hydrogens, geometry=True)
    assert data.pos.shape == (data.num_nodes, 3)
    assert data.pos.dtype == torch.float32
    assert data.geometry == "3D, ETKDGv3 and MMFF94"
    expected = torch.from_numpy(geometry_of(read_molecule(ASPIRIN)).positions).float()
    assert torch.equal(data.pos[:13], expected)
    assert data.mol.GetConformer().Is3D()
    assert "pair_role" not in data
    assert "pos" not in featurize(ASPIRIN, edges="complete")
    assert featurize(ASPIRIN, distances="raw").edge_attr.shape == (26, 11)


def test_a_conformer_that_is_there_is_used_and_hydrogens_are_put_to_it():
    first = featurize("CCO", geometry=True)
    moved = Chem.Mol(first.mol)
    conformer = moved.GetConformer()
    conformer.SetPositions(conformer.GetPositions() * 1.1 + 7)
    data = featurize(moved, geometry=True)
    assert data.geometry == "3D, as given"
    torch.testing.assert_close(data.pos, first.pos * 1.1 + 7)
    full = featurize(moved, hydrogens=True, geometry=True)
    assert full.geometry == "3D, as given"
    assert torch.equal(full.pos[:3], data.pos)
    hydrogens = Chem.AddHs(moved, addCoords=True).GetConformer().GetPositions()
    torch.testing.assert_close(full.pos.double().numpy(), hydrogens, rtol=1e-6, atol=1e-6)
    back = featurize(full.mol, geometry=True)
    assert torch.equal(back.pos, data.pos)


def test_what_is_drawn_in_2d_warns_and_says_so():
    with pytest.warns(LabWarning, match=r"^C1#CC1 has positions in 2D, because no coordinates fit"):
        data = featurize("C1#CC1", geometry=True)
    assert data.geometry.startswith("2D, because no coordinates fit")
    assert (data.pos[:, 2] == 0).all()
    lengths = (data.pos[data.edge_index[0]] - data.pos[data.edge_index[1]]).norm(dim=1)
    assert lengths.median().item() == pytest.approx(1.5)
    assert data.mol.GetNumConformers() == 0


def test_batches_keep_everything_and_number_nothing_wrongly():
    options = {"virtual_edges": True, "distances": "raw"}
    graphs = [featurize(s, **options) for s in (ASPIRIN, METHANE, "CO", SODIUM_CHLORIDE)]
    batch = collate(graphs)
    assert batch.geometry == [g.geometry for g in graphs]
    assert batch.pair_role == ["virtual"] * 4
    for name in ("pos", "edge_attr", "edge_bond"):
        assert torch.equal(batch[name], torch.cat([g[name] for g in graphs]))
    assert torch.equal(batch.kind_attr[batch.edge_kind], batch.edge_attr)
    apart = batch.pos[batch.edge_index[0]] - batch.pos[batch.edge_index[1]]
    torch.testing.assert_close(apart.norm(dim=1), batch.edge_attr[:, -1])
    theirs = Batch.from_data_list(graphs)
    assert torch.equal(theirs.edge_index, batch.edge_index)
    again = batch.to_data_list()[0]
    assert again.geometry == graphs[0].geometry
    assert torch.equal(again.pos, graphs[0].pos)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"edges": "all"}, "edges is 'all'; expected one of bonds, complete, radius"),
        ({"distances": "far"}, "distances is 'far'; expected one of none, raw, binned"),
        ({"edges": "complete", "virtual_edges": True}, "virtual_edges: True, but edges='complete'"),
        ({"distances": "binned"}, "distances: 'binned' tells the distances of pairs without"),
        ({"cutoff": 3.0}, "cutoff: 3 Å, but only edges='radius' has one"),
        ({"edges": "radius", "cutoff": 0}, "cutoff: 0; expected a distance in Å above 0"),
        ({"edges": "radius", "cutoff": float("nan")}, "cutoff: nan; expected a distance"),
        ({"edges": "radius", "cutoff": "5"}, "cutoff: '5'; expected a distance"),
        ({"edges": "complete", "featurizer": Featurizer()}, "edges between atoms without a bond"),
        (
            {"edges": "radius", "distances": "raw", "featurizer": Featurizer(unbonded=True)},
            r"distances='raw' contradicts Featurizer\(hydrogens=False, unbonded=True\)",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(arguments, said):
    with pytest.raises(InputError, match=said):
        featurize("CCO", **arguments)


def test_a_featurizer_of_ones_own_brings_its_columns():
    made = Featurizer(True, unbonded=True, distances="raw")
    data = featurize("CCO", edges="complete", featurizer=made)
    assert data.edge_attr.shape == (72, len(made.bond_columns))
    assert made.bond_columns[-2:] == ("no bond", "distance")
    assert "pos" in data
    assert repr(made) == "Featurizer(hydrogens=True, unbonded=True, distances='raw')"
    with pytest.raises(ValueError, match="distances='binned' describes pairs without a bond"):
        Featurizer(distances="binned")
    with pytest.raises(ValueError, match="distances is 'x'; expected one of none, raw, binned"):
        Featurizer(distances="x")
    with pytest.raises(TypeError, match="unbonded is 1; expected True or False"):
        Featurizer(unbonded=1)


def test_more_edges_than_the_cap_are_refused_before_they_are_made():
    chain = "C" * (LARGEST - 1)
    assert featurize(chain, edges="complete").num_edges == (LARGEST - 1) * (LARGEST - 2)
    assert (LARGEST - 1) * (LARGEST - 2) <= LIMITS.edges < LARGEST * (LARGEST - 1)
    with pytest.raises(
        InputError, match="graph of 317 atoms would have 100,172 edges; at most 100,"
    ):
        featurize("C" * LARGEST, virtual_edges=True)
    with pytest.raises(InputError, match="would have 20 edges; at most 19") as caught:
        featurize("CCCCC", edges="complete", limits=Limits(edges=19))
    assert "radius" in caught.value.mend


@pytest.mark.parametrize("pairs", [{"edges": "complete"}, {"virtual_edges": True}])
def test_too_many_pairs_are_refused_before_positions_are_worked_out(pairs, monkeypatch):
    def never(*_, **__):
        raise AssertionError("positions were worked out")

    monkeypatch.setattr("mpnn_lab.graph.geometry_of", never)
    with pytest.raises(InputError, match="would have 100,172 edges"):
        featurize("C" * LARGEST, geometry=True, **pairs)


def test_positions_and_distances_are_of_torchs_default_type(double_by_default):
    data = featurize(ASPIRIN, edges="radius", distances="raw")
    assert data.pos.dtype is data.edge_attr.dtype is torch.float64
    ends = data.pos[data.edge_index]
    torch.testing.assert_close((ends[0] - ends[1]).norm(dim=1), data.edge_attr[:, -1])


def test_renumbered_atoms_give_the_same_edges():
    mol = Chem.MolFromSmiles(CAFFEINE)
    order = torch.randperm(mol.GetNumAtoms()).tolist()
    options = {"edges": "radius", "cutoff": 4.0, "distances": "raw"}
    first, second = (featurize(m, **options) for m in (mol, Chem.RenumberAtoms(mol, order)))
    assert torch.equal(second.pos, first.pos[order])
    place = {old: new for new, old in enumerate(order)}
    rows = [
        {(name(i), name(j)): row for (i, j), row in zip(d.edge_index.T.tolist(),
                                                        d.edge_attr.tolist(), strict=True)}
        for d, name in ((first, place.__getitem__), (second, int))
    ]  # fmt: skip
    assert rows[0] == rows[1]


def test_the_specification_asks_for_the_same():
    for options in ({"edges": "radius", "cutoff": 3.5}, {"virtual_edges": True},
                    {"edges": "complete", "distances": "binned"}, {"geometry": True}):  # fmt: skip
        spec = ml.ModelSpec(rounds=[ml.Layer("GINEConv", 8)], hydrogens=True, **options)
        mine, theirs = spec.featurize(ASPIRIN), featurize(ASPIRIN, hydrogens=True, **options)
        for name in ("x", "edge_index", "edge_attr", "edge_bond"):
            assert torch.equal(mine[name], theirs[name])
        assert ("pos" in mine) == ("pos" in theirs)
        assert spec.build()(mine).isfinite().all()
