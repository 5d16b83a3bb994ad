"""Where positions come from: the molecule's own conformer, an embedding, a drawing."""

import numpy as np
import pytest
from rdkit import Chem
from rdkit.Chem import rdDepictor

from mpnn_lab.chem import geometry_of, read_molecule
from mpnn_lab.chem.geometry import conformer_in_space, with_conformer
from mpnn_lab.errors import InputError
from mpnn_lab.limits import Limits

NONE = Limits(embedded_atoms=0)
"""Nothing is embedded."""


def with_places(smiles, places, three=True):
    mol = Chem.MolFromSmiles(smiles)
    conformer = Chem.Conformer(mol.GetNumAtoms())
    conformer.Set3D(three)
    conformer.SetPositions(np.asarray(places, dtype=float))
    mol.AddConformer(conformer)
    return mol


WATER_LIKE = [[0, 0, 0], [1.4, 0.1, 0.2], [2.2, 1.1, -0.3]]


def test_a_conformer_in_space_is_used_as_it_is():
    block = Chem.MolToMolBlock(with_places("CCO", WATER_LIKE))
    geometry = geometry_of(read_molecule(block), limits=NONE)
    assert geometry.how == "3D, as given"
    assert geometry.reason == ""
    np.testing.assert_allclose(geometry.positions, WATER_LIKE)


@pytest.mark.parametrize(
    "places", [np.zeros((3, 3)), np.full((3, 3), np.nan), [[0, 0, 0], [1, 0, np.inf], [2, 0, 0]]]
)
def test_a_conformer_that_is_none_is_not(places):
    geometry = geometry_of(with_places("CCO", places))
    assert geometry.how == "3D, ETKDGv3 and MMFF94"
    assert np.isfinite(geometry.positions).all()


def test_a_drawing_is_embedded_and_kept_only_where_that_fails():
    flat = [[0, 0, 0], [0.825, 0, 0], [0.825, 0.825, 0]]
    mol = with_places("CCO", flat, three=False)
    assert geometry_of(mol).how == "3D, ETKDGv3 and MMFF94"
    drawn = geometry_of(mol, limits=NONE)
    assert drawn.how == f"2D, because {drawn.reason}"
    assert "at most 0" in drawn.reason
    np.testing.assert_allclose(drawn.positions, np.array(flat) * 1.5 / 0.825)


@pytest.mark.parametrize("smiles", ["CCO", "c1ccccc1O", "C", "[Na+].[Cl-]"])
def test_what_has_no_drawing_is_laid_out_as_rdkit_does(smiles):
    mol = read_molecule(smiles)
    drawn = geometry_of(mol, limits=NONE).positions
    direct = Chem.Mol(mol)
    rdDepictor.Compute2DCoords(direct, canonOrient=True)
    expected = direct.GetConformer().GetPositions()

    def apart(places):
        return np.linalg.norm(places[:, None] - places[None], axis=-1)

    np.testing.assert_allclose(apart(drawn), apart(expected), atol=1e-3)
    assert (drawn[:, 2] == 0).all()


def test_neither_in_space_nor_in_the_plane():
    with pytest.raises(
        InputError, match=r"no positions: not in 3D, because .* not in 2D"
    ) as caught:
        geometry_of(read_molecule("CCCC"), limits=Limits(embedded_atoms=2, plane_atoms=3))
    assert "SDF" in caught.value.mend


def test_positions_in_space_are_left_on_the_molecule_after_its_drawing():
    mol = with_places("CCO", [[0, 0, 0], [1, 0, 0], [1, 1, 0]], three=False)
    geometry = geometry_of(mol)
    with_conformer(mol, geometry)
    assert [c.Is3D() for c in mol.GetConformers()] == [False, True]
    assert np.array_equal(conformer_in_space(mol).GetPositions(), geometry.positions)
    with_conformer(mol, geometry)
    assert mol.GetNumConformers() == 2
    flat = read_molecule("CCO")
    with_conformer(flat, geometry_of(flat, limits=NONE))
    assert flat.GetNumConformers() == 0
