"""HOSTILE rows 1 to 4: text that is no molecule, in whatever way."""

import time
from importlib.resources import files

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from mpnn_lab.chem import depict, read, read_molecule
from mpnn_lab.errors import InputError, LabError
from mpnn_lab.graph import featurize

LINES = files("mpnn_lab.datasets").joinpath("data", "freesolv.csv").read_text().splitlines()[1:]
SMILES = [line.split(",")[0] for line in LINES[::16]]
BLOCK = Chem.MolToMolBlock(Chem.MolFromSmiles("CC(=O)O"))
BLOCK_3 = Chem.MolToMolBlock(Chem.MolFromSmiles("C[C@H](N)O"), forceV3000=True)
INCHI = Chem.MolToInchi(Chem.MolFromSmiles("C[C@H](N)C(=O)O"))


def outcome(source):
    """Read `source`: a Mol, or an InputError that a person can act on; nothing else."""
    try:
        result = read_molecule(source)
    except InputError as caught:
        result = caught
    if isinstance(result, InputError):
        shown = str(result)
        shown.encode()  # no lone surrogate gets into what is displayed
        assert result.what
        assert result.mend
        assert len(shown) < 1500
        assert "Stacktrace" not in shown
        assert result.position is None or 0 <= result.position <= len(result.text)
    else:
        assert result.GetNumAtoms() > 0
    return result


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("", "empty"),
        ("   ", "only spaces"),
        (None, "NoneType"),
        (17, "int"),
        ("C\0C", "U+0000 NULL at position 1"),
        ("C\ud800", "U+D800 a lone surrogate at position 1"),
        ("C\u2212C", "U+2212 MINUS SIGN at position 1; write - (hyphen-minus)"),
        ("C(", "position 1"),
        ("C1CC", "unclosed ring at position 1"),
        ("c1cccc1", "kekulize"),
        ("C(C)(C)(C)(C)C", "C0, 5, is greater than permitted"),
        ("[Xx]", "position 1"),
    ],
)
def test_rows_1_and_2_say_what_where_and_how_to_mend_it(source, words, capfd):
    error = outcome(source)
    assert isinstance(error, InputError)
    assert words in str(error)
    if isinstance(source, str) and source.strip():
        assert str(error).splitlines()[2].strip() == "^"
    assert capfd.readouterr() == ("", "")


def test_row_3_the_rest_of_the_line_is_the_name():
    assert outcome("CCO garbage").GetProp("_Name") == "garbage"
    assert "line break at position 3" in str(outcome("CCO\ngarbage"))


@pytest.mark.parametrize(
    "text",
    [
        "C" * 10**6,
        "C(" * 10**5 + ")" * 10**5,
        "C" * 14_000,
        "C(" * 2_000 + "C" + ")" * 2_000,
        "C" * 2_001,
        "InChI=1S/C99999999H4/c1-2",
        "InChI=1S/" + "C" * 10**6,
        "\n\n\n  0  0  0     0  0            999 V3000\nM  V30 COUNTS 999999 0 0 0 0\nM  END",
        "\n" * 10**6 + "M  END",
        BLOCK.replace("  4  3", "999999"),
    ],
)
def test_row_4_caps_hold_before_rdkit_is_called(text, monkeypatch):
    def never(*_, **__):
        raise AssertionError("RDKit was called")

    for name in ("MolFromSmiles", "MolFromInchi", "MolFromMolBlock"):
        monkeypatch.setattr(read.Chem, name, never)
    start = time.perf_counter()
    assert isinstance(outcome(text), InputError)
    assert time.perf_counter() - start < 0.5


def test_the_guard_of_row_4_would_notice(monkeypatch):
    monkeypatch.setattr(read.Chem, "MolFromSmiles", None)
    with pytest.raises(TypeError):
        read_molecule("CCO")


@pytest.mark.parametrize("text", ["[Na+].[Cl-]", "*C", "[Fe]", "[H][H]", "C", "[CH3]", "[2H]O[3H]"])
def test_unusual_molecules_become_graphs_and_pictures(text, capfd):
    data = featurize(text)
    assert np.isfinite(depict(data.mol).positions).all()
    assert capfd.readouterr() == ("", "")
    assert data.x.isfinite().all()
    assert data.num_nodes == data.mol.GetNumAtoms()


def test_a_peptide_of_a_hundred_residues_becomes_a_graph():
    peptide = Chem.MolToSmiles(Chem.MolFromSequence("ACDEFGHIKLMNPQRSTVWY" * 5))
    start = time.perf_counter()
    assert featurize(peptide).num_nodes == 836
    assert time.perf_counter() - start < 5


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(
        st.text(max_size=40), st.text("CNOFPSIBrlcnos[]()=#-+@/\\%.:*0123456789H ", max_size=40)
    )
)
def test_any_text_is_a_molecule_or_an_input_error(text):
    outcome(text)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_damaged_text_is_a_molecule_or_an_input_error(data):
    text = data.draw(st.sampled_from([*SMILES, BLOCK, BLOCK_3, INCHI]))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 3))
        piece = data.draw(st.text("CNO[]()=#+-@19 \n\0\u2212M V/hcE", max_size=3))
        text = text[:place] + piece + text[place + length :]
    outcome(text)


def test_a_thousand_damaged_texts_leave_stderr_empty(capfd):
    broken = [s[:cut] + extra + s[cut:] for s in SMILES for cut in (1, 3) for extra in "(1[=&%"]
    broken += [BLOCK[:cut] + "9" + BLOCK[cut + 1 :] for cut in range(60, len(BLOCK))]
    broken += [INCHI[:cut] + "9" + INCHI[cut + 1 :] for cut in range(8, len(INCHI))]
    kinds = {isinstance(outcome(text), LabError) for text in broken}
    assert kinds == {True, False}
    assert len(broken) > 500
    assert capfd.readouterr() == ("", "")
